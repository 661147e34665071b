#pragma once
/// Matrix products of our own for CPUs with AVX-512, each on the calling thread alone.
///
/// B is taken in panels of 64 columns whose rows lie one after the other, so that the inner loop reads it in order: per
/// step of the summed dimension four registers of B meet one broadcast element of each of up to six rows of A, and the 24
/// registers of sums stay where they are until the whole dimension is summed. In bfloat16 a step is a pair of elements.
/// Every element of C is one sum in the order of the summed dimension: its bits depend on its row of A and its column of
/// B, never on how a product is cut.
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// C = op(A) op(B), plus C, plus a bias for each column. Matrices are row-major, lda, ldb and ldc the distances between
/// rows in elements: op(A) is m x k, a transposed A is stored k x m; op(B) is k x n, a transposed B is stored n x k.
typedef struct tp_product {
    size_t m, n, k;
    size_t lda, ldb, ldc;
    bool transpose_a, transpose_b;
    /// Whether C is added to (else it is only written).
    bool accumulate;
    /// Whether A and B hold bfloat16, else float32; sums are float32 in any case.
    bool bfloat16_operands;
    /// Whether C holds bfloat16, else float32.
    bool bfloat16_result;
    /// Whether B is what tp_pack made of it; ldb and transpose_b do not count then.
    bool packed_b;
} tp_product;

/// Columns of a panel.
enum { tp_panel = 64 };

/// Whether this CPU has what products of such operands need, and nothing better: where it has matrix tiles (AMX) for
/// bfloat16, libraries use them and we do not.
bool tp_is_available(bool bfloat16_operands);

/// The bytes of one packed panel of k rows.
size_t tp_panel_bytes(bool bfloat16_operands, size_t k);

/// Packs B into panels that follow each other; the last one is filled up with zeros.
void tp_pack(const tp_product *product, const void *b, void *panels);

/// Multiplies; `bias` is NULL or n float32 values. m, n and k are at least 1. Returns false if there is no memory for a
/// copy of a block of A, which is made if A is transposed or has an odd k in bfloat16, or of a B that is not packed.
/// Nothing is written then.
bool tp_multiply(const tp_product *product, const void *a, const void *b, const float *bias, void *c);
