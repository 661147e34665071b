#pragma once
/// Layer normalization and softmax over the rows of [rows, cols]. General rules: CKernels.h. Masks number the element in
/// row r, column c as first_element + r * cols + c; mask NULL means no dropout.
#include <stddef.h>
#include <stdint.h>

#include "CKernelsRandom.h"
#include "CKernelsTypes.h"

/// y = (x - mean) / sqrt(variance + eps) * w + b per row, with the biased variance (Ba et al. 2016). x and y are of
/// `type`. mean and rstd, one value per row, are what the backward pass needs. w and b have cols elements.
void tk_layer_norm_forward(tk_type type, const void *x, const float *w, const float *b, double eps, void *y, float *mean,
                           float *rstd, size_t rows, size_t cols);

/// y of a forward pass (also of the fused one, whose s is x here) once more, the same bits, from its mean and rstd.
void tk_layer_norm_again(tk_type type, const void *x, const float *mean, const float *rstd, const float *w,
                         const float *b, void *y, size_t rows, size_t cols);

/// dx = the gradient of x (overwritten); dw_acc and db_acc += the gradients of w and b, rows in ascending order. dy, x and
/// dx are of `type`. dx may be dy or x; dw_acc and db_acc overlap nothing.
void tk_layer_norm_backward(tk_type type, const void *dy, const void *x, const float *mean, const float *rstd,
                            const float *w, void *dx, float *dw_acc, float *db_acc, size_t rows, size_t cols);

/// s = residual + dropout(x); y = layer_norm(s) of s as it is stored. x, residual, s and y are of `type`. s, mean and rstd
/// are what the backward pass needs. s may be x or residual.
void tk_add_layer_norm_forward(tk_type type, const void *x, const void *residual, const float *w, const float *b,
                               double eps, void *s, void *y, float *mean, float *rstd, size_t rows, size_t cols,
                               const tk_mask *mask, uint64_t first_element);

/// d_residual = the gradient of s, which is that of residual (overwritten); dx = dropout(that gradient) (overwritten), of
/// the gradient before it is rounded; dw_acc and db_acc += as in tk_layer_norm_backward. dy, s, d_residual and dx are of
/// `type`. d_residual may be dy or s; dx may be d_residual only without a mask.
void tk_add_layer_norm_backward(tk_type type, const void *dy, const void *s, const float *mean, const float *rstd,
                                const float *w, void *d_residual, void *dx, float *dw_acc, float *db_acc, size_t rows,
                                size_t cols, const tk_mask *mask, uint64_t first_element);

/// dropped = dropout(softmax(scale * scores)) per row, of `type`; logsumexp[r] = log(sum(exp(scale * scores))) of row r, for
/// the backward pass. scores is overwritten with something else. dropped may be scores when type is TK_FLOAT32. A row of
/// which every score is -infinity gives NaN.
void tk_softmax_forward(tk_type type, float *scores, float scale, void *dropped, float *logsumexp, size_t rows,
                        size_t cols, const tk_mask *mask, uint64_t first_element);

/// From the scores that tk_softmax_forward was given, its logsumexp, and the gradient of `dropped`: with the
/// probabilities p = exp(scale * scores - logsumexp) and d = dropout(grad),
///   dropped  = dropout(p), which is that of the forward pass up to the rounding of logsumexp,
///   d_scores = scale * p * (d - sum(d * p)), the gradient of the scores.
/// dropped and d_scores are of `type`. When that is TK_FLOAT32, dropped may be scores and d_scores may be grad.
void tk_softmax_backward(tk_type type, const float *scores, const float *logsumexp, const float *grad, float scale,
                         void *dropped, void *d_scores, size_t rows, size_t cols, const tk_mask *mask,
                         uint64_t first_element);
