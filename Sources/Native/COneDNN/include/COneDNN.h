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
    /// Whether B is in the layout that troupe_dnnl_pack makes; ldb and transpose_b do not count then. Rows of C, and of
    /// an A that is not transposed, must follow each other without gaps. A transposed A is copied first.
    bool packed_b;
} troupe_dnnl_product;

/// Multiplies; m, n and k are at least 1. Returns 0, or the library's status when it cannot do such a product on this
/// CPU (nothing is written then).
///
/// The library would run its loops on an OpenMP team unless the calling thread's team size is 1; it is set to 1 before
/// every call. Compiled kernels are kept per thread: sizes that are multiples of 64 get one of their own, all others
/// share the library's general ones, so that varying batch lengths compile nothing. The choice depends on the product
/// alone: the same arguments give the same bits on every thread.
int troupe_dnnl_multiply(const troupe_dnnl_product *product, const void *a, const void *b, const float *bias, void *c);

/// B is packed in panels of this many columns.
enum { troupe_dnnl_panel = 64 };

/// The bytes of one packed panel of a product's B, or 0 if the library has no fast kernel for the product with B packed:
/// on other CPUs, when n or k is no multiple of the panel's width, or when there are gaps between rows.
size_t troupe_dnnl_panel_bytes(const troupe_dnnl_product *product);

/// Packs B, n a multiple of the panel's width, into n / 64 panels that follow each other: what a product would else do
/// again for each block of its rows. Returns 0 or the library's status.
int troupe_dnnl_pack(const troupe_dnnl_product *product, const void *b, void *packed);

/// The library's version.
void troupe_dnnl_version(int *major, int *minor, int *patch);

/// The instruction sets that the library uses on this CPU, as its own bit mask.
int troupe_dnnl_instruction_sets(void);

/// Whether the library multiplies bfloat16 by instructions made for it (AVX512-BF16 or AMX).
bool troupe_dnnl_has_native_bfloat16(void);
