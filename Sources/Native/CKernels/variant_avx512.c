/// The kernels for CPUs with AVX-512 F, BW, DQ and VL.
#include "CKernels.h"

#include <immintrin.h>
#include <math.h>
#include <string.h>

#define TK(name) tk_##name##_avx512
/// How many streams of random numbers the registers hold.
#define TK_STREAMS 4
/// A part of sixteen elements can be moved by one instruction.
#define TK_MASKED_MOVES
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2"))), apply_to = function)
#include "families/all.h"
#pragma clang attribute pop
