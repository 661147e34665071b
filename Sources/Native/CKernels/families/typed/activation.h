/// Bias and activation functions, and their derivatives.

INLINE void OF(forward_rows)(ELEMENT *pre, const float *bias, ELEMENT *out, size_t rows, size_t cols,
                             tk_activation kind) {
    lanes unused;
    if (bias == NULL) {
        size_t n = rows * cols;
        FOR_LANES(n, { SET(out, activate(GET(pre), kind, &unused)); });
        return;
    }
    for (size_t r = 0; r < rows; r++, pre += cols, out += cols) {
        // Of the stored sum: what the backward pass computes from it is then the same.
        FOR_LANES(cols, {
            lanes x = SET(pre, GET(pre) + GET(bias));
            SET(out, activate(x, kind, &unused));
        });
    }
}

INLINE void OF(backward)(const ELEMENT *pre, const ELEMENT *grad_out, ELEMENT *grad_in, ELEMENT *out, size_t n,
                         tk_activation kind) {
    if (out == NULL) {
        FOR_LANES(n, {
            lanes slope;
            activate(GET(pre), kind, &slope);
            SET(grad_in, GET(grad_out) * slope);
        });
        return;
    }
    FOR_LANES(n, {
        lanes slope;
        lanes value = activate(GET(pre), kind, &slope);
        SET(grad_in, GET(grad_out) * slope);
        SET(out, value);
    });
}

static void OF(bias_activation_forward)(ELEMENT *pre, const float *bias, ELEMENT *out, size_t rows, size_t cols,
                                        tk_activation kind) {
#define CALL(constant) OF(forward_rows)(pre, bias, out, rows, cols, constant)
    PER_KIND(CALL)
#undef CALL
}

static void OF(activation_backward)(const ELEMENT *pre, const ELEMENT *grad_out, ELEMENT *grad_in, ELEMENT *out,
                                    size_t n, tk_activation kind) {
#define CALL(constant) OF(backward)(pre, grad_out, grad_in, out, n, constant)
    PER_KIND(CALL)
#undef CALL
}
