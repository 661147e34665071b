/// Every kernel that exists in variants, once. The dispatch table, the variants' names and the public functions are
/// generated from these lists.
// clang-format off

/// Kernels of arrays of fixed types: K(return type, name without "tk_", parameters, arguments).
#define TK_KERNELS(K) \
    K(void, add, (const float *a, const float *b, float *out, size_t n), (a, b, out, n)) \
    K(void, mul, (const float *a, const float *b, float *out, size_t n), (a, b, out, n)) \
    K(void, axpy, (float a, const float *x, float *dst, size_t n), (a, x, dst, n)) \
    K(void, scale, (float a, const float *x, float *out, size_t n), (a, x, out, n)) \
    K(void, fill, (float value, float *dst, size_t n), (value, dst, n)) \
    K(double, sum, (const float *x, size_t n), (x, n)) \
    K(double, sum_of_squares, (const float *x, size_t n), (x, n)) \
    K(double, dot, (const float *a, const float *b, size_t n), (a, b, n)) \
    K(size_t, first_outside, (const int32_t *ids, size_t n, int32_t limit), (ids, n, limit)) \
    K(void, bfloat16_from_float, (const float *src, uint16_t *dst, size_t n), (src, dst, n)) \
    K(void, float_from_bfloat16, (const uint16_t *src, float *dst, size_t n), (src, dst, n)) \
    K(void, tanh_backward, (const float *y, const float *grad_out, float *grad_in, size_t n), \
      (y, grad_out, grad_in, n)) \
    K(void, exp, (const float *x, float *out, size_t n), (x, out, n)) \
    K(void, dropout, (const float *src, float *dst, size_t n, uint64_t first_element, const tk_mask *mask), \
      (src, dst, n, first_element, mask)) \
    K(void, random_words, (uint32_t *out, size_t n, uint64_t first_element, const tk_mask *mask), \
      (out, n, first_element, mask)) \
    K(void, cross_entropy_forward, (const float *logits, const int32_t *labels, const float *weights, \
                                    float *row_loss, float *row_logsumexp, int32_t *argmax, size_t rows, \
                                    size_t cols), \
      (logits, labels, weights, row_loss, row_logsumexp, argmax, rows, cols)) \
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

/// Kernels of arrays of a tk_type, which is their first argument: T(name without "tk_", further parameters, further
/// arguments). They return nothing. A variant has one function for each type.
#define TK_TYPED_KERNELS(T) \
    T(bias_gradient, (const void *grad, size_t rows, size_t cols, float *acc), (grad, rows, cols, acc)) \
    T(gather_rows, (const void *table, size_t stride, const int32_t *ids, size_t n, size_t cols, void *out), \
      (table, stride, ids, n, cols, out)) \
    T(scatter_add_rows, (const void *src, size_t src_stride, const int32_t *ids, size_t n, size_t cols, \
                         void *table, size_t stride), \
      (src, src_stride, ids, n, cols, table, stride)) \
    T(cross_entropy_backward, (const float *logits, const int32_t *labels, const float *weights, \
                               const float *row_logsumexp, float scale, void *out, size_t rows, size_t cols), \
      (logits, labels, weights, row_logsumexp, scale, out, rows, cols)) \
    T(accumulate, (const void *src, void *dst, size_t n), (src, dst, n)) \
    T(bias_activation_forward, (void *pre, const float *bias, void *out, size_t rows, size_t cols, \
                                tk_activation kind), \
      (pre, bias, out, rows, cols, kind)) \
    T(activation_backward, (const void *pre, const void *grad_out, void *grad_in, void *out, size_t n, \
                            tk_activation kind), \
      (pre, grad_out, grad_in, out, n, kind)) \
    T(layer_norm_forward, (const void *x, const float *w, const float *b, double eps, void *y, float *mean, \
                           float *rstd, size_t rows, size_t cols), \
      (x, w, b, eps, y, mean, rstd, rows, cols)) \
    T(layer_norm_again, (const void *x, const float *mean, const float *rstd, const float *w, const float *b, void *y, \
                         size_t rows, size_t cols), \
      (x, mean, rstd, w, b, y, rows, cols)) \
    T(layer_norm_backward, (const void *dy, const void *x, const float *mean, const float *rstd, const float *w, \
                            void *dx, float *dw_acc, float *db_acc, size_t rows, size_t cols), \
      (dy, x, mean, rstd, w, dx, dw_acc, db_acc, rows, cols)) \
    T(add_layer_norm_forward, (const void *x, const void *residual, const float *w, const float *b, double eps, \
                               void *s, void *y, float *mean, float *rstd, size_t rows, size_t cols, \
                               const tk_mask *mask, uint64_t first_element), \
      (x, residual, w, b, eps, s, y, mean, rstd, rows, cols, mask, first_element)) \
    T(add_layer_norm_backward, (const void *dy, const void *s, const float *mean, const float *rstd, \
                                const float *w, void *d_residual, void *dx, float *dw_acc, float *db_acc, \
                                size_t rows, size_t cols, const tk_mask *mask, uint64_t first_element), \
      (dy, s, mean, rstd, w, d_residual, dx, dw_acc, db_acc, rows, cols, mask, first_element)) \
    T(softmax_forward, (float *scores, float scale, void *dropped, float *logsumexp, size_t rows, size_t cols, \
                        const tk_mask *mask, uint64_t first_element), \
      (scores, scale, dropped, logsumexp, rows, cols, mask, first_element)) \
    T(softmax_backward, (const float *scores, const float *logsumexp, const float *grad, float scale, \
                         void *dropped, void *d_scores, size_t rows, size_t cols, const tk_mask *mask, \
                         uint64_t first_element), \
      (scores, logsumexp, grad, scale, dropped, d_scores, rows, cols, mask, first_element))

#define TK_UNWRAP(...) __VA_ARGS__

/// Both lists, with K as it is defined where this stands.
#define TK_ALL_KERNELS TK_KERNELS(K) TK_TYPED_KERNELS(TK_AS_KERNEL)
#define TK_AS_KERNEL(name, parameters, arguments) \
    K(void, name, (tk_type type, TK_UNWRAP parameters), (type, TK_UNWRAP arguments))
// clang-format on
