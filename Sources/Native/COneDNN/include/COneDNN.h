#pragma once
/// Matrix products by oneDNN, each on the calling thread alone.
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// C = op(A) op(B), plus C, plus a bias for each column. Matrices are row-major, lda, ldb and ldc the distances between
/// rows in elements: op(A) is m x k, a transposed A is stored k x m; op(B) is k x n, a transposed B is stored n x k.
typedef struct troupe_dnnl_product {
    int64_t m, n, k;
    int64_t lda, ldb, ldc;
    bool transpose_a, transpose_b;
    /// Whether C is added to (else it is only written).
    bool accumulate;
    /// Whether a bias of n float32 values is added to every row.
    bool has_bias;
    /// Whether A and B hold bfloat16, else float32; sums are float32 in any case.
    bool bfloat16_operands;
    /// Whether C holds bfloat16, else float32.
    bool bfloat16_result;
} troupe_dnnl_product;

/// Multiplies; m, n and k are at least 1. Returns 0, or the library's status when it cannot do such a product on this
/// CPU (nothing is written then).
///
/// The library would run its loops on an OpenMP team unless the calling thread's team size is 1; it is set to 1 before
/// every call. Compiled kernels are kept per thread: sizes that are multiples of 64 get one of their own, all others
/// share the library's general ones, so that varying batch lengths compile nothing. The choice depends on the product
/// alone: the same arguments give the same bits on every thread.
int troupe_dnnl_multiply(const troupe_dnnl_product *product, const void *a, const void *b, const float *bias, void *c);

/// The library's version.
void troupe_dnnl_version(int *major, int *minor, int *patch);

/// The instruction sets that the library uses on this CPU, as its own bit mask.
int troupe_dnnl_instruction_sets(void);

/// Whether the library multiplies bfloat16 by instructions made for it (AVX512-BF16 or AMX).
bool troupe_dnnl_has_native_bfloat16(void);
