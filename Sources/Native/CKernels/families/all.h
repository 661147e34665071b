/// The body of one variant: included once per variant source, which defines TK(name) and the target attribute.
/// Nothing here may depend on the instruction set except through what the compiler makes of sixteen-lane vectors.
#include "lanes.h"

#include "mathematics.h"

#include "random.h"

#include "activation.h"
#include "elementwise.h"
#include "loss.h"
#include "normalization.h"
#include "optimizer.h"
#include "rows.h"
#include "softmax.h"
