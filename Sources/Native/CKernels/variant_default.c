/// The kernels for every x86-64 CPU.
#include "CKernels.h"

#include <math.h>
#include <string.h>

#define TK(name) tk_##name##_default
/// How many streams of random numbers the registers hold.
#define TK_STREAMS 1
#include "families/all.h"
