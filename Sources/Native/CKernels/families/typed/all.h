/// The kernels whose arrays are of ELEMENT; they are named OF(name). Included once per element type.
#include "activation.h"
#include "loss.h"
#include "normalization.h"
#include "rows.h"
#include "softmax.h"
