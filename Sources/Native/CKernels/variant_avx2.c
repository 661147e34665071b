/// The kernels for CPUs with AVX2.
#include "CKernels.h"

#include <math.h>
#include <string.h>

#define TK(name) tk_##name##_avx2
/// How many streams of random numbers the registers hold.
#define TK_STREAMS 1
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#include "families/all.h"
#pragma clang attribute pop
