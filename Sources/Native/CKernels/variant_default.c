/// The kernels for every x86-64 CPU.
#include "CKernels.h"

#include <math.h>
#include <string.h>

#define TK(name) tk_##name##_default
#include "families/all.h"
