#pragma once
/// Elementwise arithmetic, sums, rows by index, and number formats. General rules: CKernels.h.
#include <stddef.h>
#include <stdint.h>

#include "CKernelsTypes.h"

/// out[i] = a[i] + b[i].
void tk_add(const float *a, const float *b, float *out, size_t n);

/// out[i] = a[i] * b[i].
void tk_mul(const float *a, const float *b, float *out, size_t n);

/// dst[i] += a * x[i]. With a = -rate this applies an optimizer's direction.
void tk_axpy(float a, const float *x, float *dst, size_t n);

/// out[i] = a * x[i]: a scaled copy.
void tk_scale(float a, const float *x, float *out, size_t n);

/// dst[i] = value.
void tk_fill(float value, float *dst, size_t n);

/// The sum of x, accumulated in double.
double tk_sum(const float *x, size_t n);

/// The sum of x[i]^2, accumulated in double.
double tk_sum_of_squares(const float *x, size_t n);

/// The sum of a[i] * b[i], accumulated in double.
double tk_dot(const float *a, const float *b, size_t n);

/// dst[i] += src[i], both of `type`.
void tk_accumulate(tk_type type, const void *src, void *dst, size_t n);

/// acc[c] += the sum over r of grad[r * cols + c], rows added in ascending order. grad is of `type`; acc must not overlap
/// it.
void tk_bias_gradient(tk_type type, const void *grad, size_t rows, size_t cols, float *acc);

/// out[r * cols + c] = table[ids[r] * stride + c] for r < n; table and out are of `type`. Rows of the table are `stride`
/// elements apart, rows of out are dense. Every id must be a valid row (see tk_first_outside). out must not overlap the
/// table.
void tk_gather_rows(tk_type type, const void *table, size_t stride, const int32_t *ids, size_t n, size_t cols, void *out);

/// table[ids[r] * stride + c] += src[r * src_stride + c] for r in ascending order, so that repeated ids are summed in a
/// fixed order; table and src are of `type`, and every single sum is rounded to it. Blocks of columns may run on different
/// threads. Every id must be valid; src must not overlap the table.
void tk_scatter_add_rows(tk_type type, const void *src, size_t src_stride, const int32_t *ids, size_t n, size_t cols,
                         void *table, size_t stride);

/// The first index i with ids[i] < 0 or ids[i] >= limit, or n when there is none.
size_t tk_first_outside(const int32_t *ids, size_t n, int32_t limit);

/// float32 to bfloat16 (the upper half of the bits), rounded to nearest, ties to even; NaN stays a (quiet) NaN.
/// dst must not overlap src.
void tk_bfloat16_from_float(const float *src, uint16_t *dst, size_t n);

/// bfloat16 to float32, exact. dst must not overlap src.
void tk_float_from_bfloat16(const uint16_t *src, float *dst, size_t n);
