/// Every kernel that exists in variants, once: K(return type, name without "tk_", parameters, arguments).
/// The dispatch table, the variants' names and the public functions are generated from this list.
// clang-format off
#define TK_KERNELS(K) \
    K(void, add, (const float *a, const float *b, float *out, size_t n), (a, b, out, n)) \
    K(void, mul, (const float *a, const float *b, float *out, size_t n), (a, b, out, n)) \
    K(void, axpy, (float a, const float *x, float *dst, size_t n), (a, x, dst, n)) \
    K(void, scale, (float a, const float *x, float *out, size_t n), (a, x, out, n)) \
    K(void, fill, (float value, float *dst, size_t n), (value, dst, n)) \
    K(double, sum, (const float *x, size_t n), (x, n)) \
    K(double, sum_of_squares, (const float *x, size_t n), (x, n)) \
    K(double, dot, (const float *a, const float *b, size_t n), (a, b, n)) \
    K(void, bias_gradient, (const float *grad, size_t rows, size_t cols, float *acc), (grad, rows, cols, acc)) \
    K(void, gather_rows, (const float *table, size_t stride, const int32_t *ids, size_t n, size_t cols, float *out), \
      (table, stride, ids, n, cols, out)) \
    K(void, scatter_add_rows, (const float *src, size_t src_stride, const int32_t *ids, size_t n, size_t cols, \
                               float *table, size_t stride), \
      (src, src_stride, ids, n, cols, table, stride)) \
    K(size_t, first_outside, (const int32_t *ids, size_t n, int32_t limit), (ids, n, limit)) \
    K(void, bfloat16_from_float, (const float *src, uint16_t *dst, size_t n), (src, dst, n)) \
    K(void, float_from_bfloat16, (const uint16_t *src, float *dst, size_t n), (src, dst, n)) \
    K(void, bias_activation_forward, (float *pre, const float *bias, float *out, size_t rows, size_t cols, \
                                      tk_activation kind), \
      (pre, bias, out, rows, cols, kind)) \
    K(void, activation_backward, (const float *pre, const float *grad_out, float *grad_in, size_t n, \
                                  tk_activation kind), \
      (pre, grad_out, grad_in, n, kind)) \
    K(void, tanh_backward, (const float *y, const float *grad_out, float *grad_in, size_t n), \
      (y, grad_out, grad_in, n)) \
    K(void, exp, (const float *x, float *out, size_t n), (x, out, n)) \
    K(void, dropout, (const float *src, float *dst, size_t n, uint64_t first_element, const tk_mask *mask), \
      (src, dst, n, first_element, mask)) \
    K(void, random_words, (uint32_t *out, size_t n, uint64_t first_element, const tk_mask *mask), \
      (out, n, first_element, mask)) \
    K(void, layer_norm_forward, (const float *x, const float *w, const float *b, double eps, float *y, float *mean, \
                                 float *rstd, size_t rows, size_t cols), \
      (x, w, b, eps, y, mean, rstd, rows, cols)) \
    K(void, layer_norm_backward, (const float *dy, const float *x, const float *mean, const float *rstd, \
                                  const float *w, float *dx, float *dw_acc, float *db_acc, size_t rows, \
                                  size_t cols), \
      (dy, x, mean, rstd, w, dx, dw_acc, db_acc, rows, cols)) \
    K(void, add_layer_norm_forward, (const float *x, const float *residual, const float *w, const float *b, \
                                     double eps, float *s, float *y, float *mean, float *rstd, size_t rows, \
                                     size_t cols, const tk_mask *mask, uint64_t first_element), \
      (x, residual, w, b, eps, s, y, mean, rstd, rows, cols, mask, first_element)) \
    K(void, add_layer_norm_backward, (const float *dy, const float *s, const float *mean, const float *rstd, \
                                      const float *w, float *d_residual, float *dx, float *dw_acc, float *db_acc, \
                                      size_t rows, size_t cols, const tk_mask *mask, uint64_t first_element), \
      (dy, s, mean, rstd, w, d_residual, dx, dw_acc, db_acc, rows, cols, mask, first_element)) \
    K(void, softmax_forward, (const float *scores, const float *additive, float scale, float *probs, \
                              float *dropped, size_t rows, size_t cols, const tk_mask *mask, \
                              uint64_t first_element), \
      (scores, additive, scale, probs, dropped, rows, cols, mask, first_element)) \
    K(void, softmax_backward, (const float *probs, const float *grad, float scale, float *d_scores, size_t rows, \
                               size_t cols, const tk_mask *mask, uint64_t first_element), \
      (probs, grad, scale, d_scores, rows, cols, mask, first_element)) \
    K(void, cross_entropy_forward, (const float *logits, const int32_t *labels, const float *weights, \
                                    float *row_loss, float *row_logsumexp, int32_t *argmax, size_t rows, \
                                    size_t cols), \
      (logits, labels, weights, row_loss, row_logsumexp, argmax, rows, cols)) \
    K(void, cross_entropy_backward, (float *logits, const int32_t *labels, const float *weights, \
                                     const float *row_logsumexp, float scale, size_t rows, size_t cols), \
      (logits, labels, weights, row_logsumexp, scale, rows, cols)) \
    K(void, moments, (const float *g, double g_scale, float *m, float *v, size_t n, double beta1, double beta2), \
      (g, g_scale, m, v, n, beta1, beta2)) \
    K(tk_norms, adam_direction, (const float *m, const float *v, const float *w, float *u, size_t n, \
                                 double m_correction, double v_correction, double eps, double decay), \
      (m, v, w, u, n, m_correction, v_correction, eps, decay)) \
    K(void, adamw, (const float *g, double g_scale, float *m, float *v, float *w, size_t n, \
                    const tk_adamw_options *options), \
      (g, g_scale, m, v, w, n, options)) \
    K(void, sgd, (const float *g, double g_scale, float *velocity, float *w, size_t n, double rate, \
                  double momentum, double decay), \
      (g, g_scale, velocity, w, n, rate, momentum, decay))
// clang-format on
