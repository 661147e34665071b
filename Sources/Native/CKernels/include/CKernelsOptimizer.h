#pragma once
/// Optimizer updates over flat arrays. General rules: CKernels.h. Hyperparameters are doubles so that 1 - beta keeps
/// its digits; they are rounded to float once per call.
#include <stddef.h>

/// m = beta1 m + (1 - beta1) g', v = beta2 v + (1 - beta2) g'^2, with g' = g_scale * g (clipping and averaging).
void tk_moments(const float *g, double g_scale, float *m, float *v, size_t n, double beta1, double beta2);

/// The two squared norms that a layer-wise trust ratio needs.
typedef struct tk_norms {
    double weights;
    double direction;
} tk_norms;

/// u = (m_correction m) / (sqrt(v_correction v) + eps) + decay w; returns the sums of squares of w and u.
/// Corrections are 1 / (1 - beta^t), or 1 for the form without bias correction. You et al. 2020, Algorithm 2.
/// u may be any input that is not needed afterwards. The update itself is tk_axpy(-rate * ratio, u, w, n).
tk_norms tk_adam_direction(const float *m, const float *v, const float *w, float *u, size_t n, double m_correction,
                           double v_correction, double eps, double decay);

/// Where AdamW puts its corrections and its weight decay.
typedef enum tk_adamw_form {
    /// Google's BERT and ALBERT: w -= rate * (m / (sqrt(v) + eps) + decay * w); no bias correction.
    TK_ADAMW_BERT = 0,
    /// transformers 3: w -= rate * m_correction / sqrt(v_correction) * m / (sqrt(v) + eps), then
    /// w -= rate * decay * w.
    TK_ADAMW_TRANSFORMERS = 1,
    /// PyTorch: w *= 1 - rate * decay, then w -= rate * m_correction m / (sqrt(v_correction v) + eps).
    TK_ADAMW_TORCH = 2,
} tk_adamw_form;

typedef struct tk_adamw_options {
    tk_adamw_form form;
    double rate;
    double beta1;
    double beta2;
    double eps;
    double decay;
    /// 1 / (1 - beta1^t); not read by TK_ADAMW_BERT.
    double m_correction;
    /// 1 / (1 - beta2^t); not read by TK_ADAMW_BERT.
    double v_correction;
} tk_adamw_options;

/// One AdamW step in one pass: moments as in tk_moments, then the form's update of w.
void tk_adamw(const float *g, double g_scale, float *m, float *v, float *w, size_t n, const tk_adamw_options *options);

/// Stochastic gradient descent with momentum: d = g_scale * g + decay * w; velocity = momentum * velocity + d;
/// w -= rate * velocity. velocity may be NULL when momentum is 0.
void tk_sgd(const float *g, double g_scale, float *velocity, float *w, size_t n, double rate, double momentum,
            double decay);
