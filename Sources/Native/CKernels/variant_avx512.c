/// The kernels for CPUs with AVX-512 F, BW, DQ and VL.
#include "CKernels.h"

#include <math.h>
#include <string.h>

#define TK(name) tk_##name##_avx512
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2"))), apply_to = function)
#include "families/all.h"
#pragma clang attribute pop
