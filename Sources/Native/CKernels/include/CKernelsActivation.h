#pragma once
/// Bias and activation functions. General rules: CKernels.h.
#include <stddef.h>

#include "CKernelsTypes.h"

/// y = f(x), within 2e-6 of the exact value, relative to it, wherever the result is above 1e-6.
typedef enum tk_activation {
    /// y = x
    TK_IDENTITY = 0,
    /// x * Phi(x), with the error function (Hendrycks and Gimpel 2016).
    TK_GELU = 1,
    /// 0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))): the "gelu_new" of ALBERT, the "gelu" of Google's BERT code.
    TK_GELU_TANH = 2,
    /// max(x, 0); the slope at 0 is 0.
    TK_RELU = 3,
    TK_TANH = 4,
    /// x / (1 + exp(-x))
    TK_SWISH = 5,
} tk_activation;

/// pre[r, c] += bias[c] in place (bias may be NULL: nothing is added), then out[r, c] = f(pre[r, c]) of what pre holds now.
/// pre and out are of `type`; pre is the matmul result, and what the backward pass needs. out may be pre when the backward
/// pass is not wanted; out is then f(pre) all the same.
void tk_bias_activation_forward(tk_type type, void *pre, const float *bias, void *out, size_t rows, size_t cols,
                                tk_activation kind);

/// grad_in[i] = grad_out[i] * f'(pre[i]), and out[i] = f(pre[i]) unless out is NULL: the bits that
/// tk_bias_activation_forward wrote, so that the forward pass need not keep them. All arrays are of `type`. grad_in may
/// be pre or grad_out, out the other one.
void tk_activation_backward(tk_type type, const void *pre, const void *grad_out, void *grad_in, void *out, size_t n,
                            tk_activation kind);

/// grad_in[i] = grad_out[i] * (1 - y[i]^2), y being the output of tanh.
void tk_tanh_backward(const float *y, const float *grad_out, float *grad_in, size_t n);

/// out[i] = exp(x[i]); results below 1.2e-38 are 0, arguments above 88.37 give infinity.
void tk_exp(const float *x, float *out, size_t n);
