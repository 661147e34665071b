#pragma once
/// Layer normalization and softmax over the rows of [rows, cols]. General rules: CKernels.h.
#include <stddef.h>

#include "CKernelsRandom.h"

/// y = (x - mean) / sqrt(variance + eps) * w + b per row, with the biased variance (Ba et al. 2016). mean and rstd, one
/// value per row, are what the backward pass needs. w and b have cols elements.
void tk_layer_norm_forward(const float *x, const float *w, const float *b, double eps, float *y, float *mean,
                           float *rstd, size_t rows, size_t cols);

/// dx = the gradient of x (overwritten); dw_acc and db_acc += the gradients of w and b, rows in ascending order.
/// dx may be dy or x; dw_acc and db_acc overlap nothing.
void tk_layer_norm_backward(const float *dy, const float *x, const float *mean, const float *rstd, const float *w,
                            float *dx, float *dw_acc, float *db_acc, size_t rows, size_t cols);

/// s = residual + dropout(x); y = layer_norm(s). mask NULL means no dropout; row r, column c is element
/// first_element + r * cols + c of the mask. s, mean and rstd are what the backward pass needs. s may be x or residual.
void tk_add_layer_norm_forward(const float *x, const float *residual, const float *w, const float *b, double eps,
                               float *s, float *y, float *mean, float *rstd, size_t rows, size_t cols,
                               const tk_mask *mask, uint64_t first_element);

/// d_residual = the gradient of s, which is that of residual (overwritten); dx = dropout(d_residual) (overwritten);
/// dw_acc and db_acc += as in tk_layer_norm_backward. d_residual may be dy; dx may be d_residual only without a mask.
void tk_add_layer_norm_backward(const float *dy, const float *s, const float *mean, const float *rstd, const float *w,
                                float *d_residual, float *dx, float *dw_acc, float *db_acc, size_t rows, size_t cols,
                                const tk_mask *mask, uint64_t first_element);

/// probs = softmax(scale * scores + additive) per row; `additive` has cols elements, shared by all rows, or is NULL.
/// When `mask` is not NULL, dropped = dropout(probs) is written too (`dropped` must not be probs); else dropped is not
/// touched and may be NULL. A row of which every score is -infinity gives NaN.
void tk_softmax_forward(const float *scores, const float *additive, float scale, float *probs, float *dropped,
                        size_t rows, size_t cols, const tk_mask *mask, uint64_t first_element);

/// d_scores = scale * probs * (d - sum(d * probs)) with d = dropout(grad) (grad itself when mask is NULL): the gradient
/// with respect to scores, from the gradient of tk_softmax_forward's last output. d_scores may be grad.
void tk_softmax_backward(const float *probs, const float *grad, float scale, float *d_scores, size_t rows, size_t cols,
                         const tk_mask *mask, uint64_t first_element);
