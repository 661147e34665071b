/// The kernels for CPUs with AVX-512 F, BW, DQ, VL and BF16.
#include "CKernels.h"

#include <immintrin.h>
#include <math.h>
#include <string.h>

#define TK(name) tk_##name##_avx512bf16
/// How many streams of random numbers the registers hold.
#define TK_STREAMS 4
/// A part of sixteen elements can be moved by one instruction.
#define TK_MASKED_MOVES
/// Numbers can be rounded to bfloat16 by one instruction.
#define TK_BFLOAT16_CONVERSION
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,avx2"))), apply_to = function)
#include "families/all.h"
#pragma clang attribute pop
