#pragma once
/// Cross entropy over the rows of [rows, cols] logits. General rules: CKernels.h.
#include <stddef.h>
#include <stdint.h>

#include "CKernelsTypes.h"

/// Per row: row_logsumexp = log(sum(exp(logits))), row_loss = row_logsumexp - logits[label] (not weighted), and
/// argmax = the lowest column that holds the largest logit. For rows of weight 0 the label is not read and row_loss is
/// 0; every other label must be in 0 ..< cols. weights NULL means all ones. Outputs have rows elements.
void tk_cross_entropy_forward(const float *logits, const int32_t *labels, const float *weights, float *row_loss,
                              float *row_logsumexp, int32_t *argmax, size_t rows, size_t cols);

/// out = scale * weight * (softmax(logits) - onehot(label)), of `type`; rows of weight 0 become 0. Elements are read and
/// written in ascending order: out may begin where logits do or before, in either type.
void tk_cross_entropy_backward(tk_type type, const float *logits, const int32_t *labels, const float *weights,
                               const float *row_logsumexp, float scale, void *out, size_t rows, size_t cols);
