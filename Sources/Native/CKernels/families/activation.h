/// Bias and activation functions, and their derivatives.

#define INVERSE_SQRT_TWO_PI 0x1.988454p-2f
/// 2 sqrt(2 / pi)
#define GELU_SCALE 0x1.988454p+0f
#define GELU_CUBIC 0.044715f

/// Bounds x where a saturated factor has become 0, so that 0 * infinity cannot arise.
INLINE lanes bounded(lanes x) {
    return at_most(at_least(x, -1e3f), 1e3f);
}

INLINE lanes activate(lanes x, tk_activation kind) {
    switch (kind) {
        case TK_GELU: {
            lanes bell;
            return x * normal_distribution(x, &bell);
        }
        case TK_GELU_TANH:
            // (1 + tanh(u)) / 2 = logistic(2 u), which keeps its digits for large negative u.
            return x * logistic(GELU_SCALE * (x + GELU_CUBIC * x * x * x));
        case TK_RELU:
            return at_least(x, 0.0f);
        case TK_TANH:
            return tanh_lanes(x);
        case TK_SWISH:
            return x * logistic(x);
        case TK_IDENTITY:
            break;
    }
    return x;
}

INLINE lanes slope(lanes x, tk_activation kind) {
    switch (kind) {
        case TK_GELU: {
            lanes bell;
            lanes share = normal_distribution(x, &bell);
            return share + INVERSE_SQRT_TWO_PI * bounded(x) * bell;
        }
        case TK_GELU_TANH: {
            lanes b = bounded(x);
            lanes square = b * b;
            lanes gate = logistic(GELU_SCALE * (b + GELU_CUBIC * square * b));
            lanes inner = GELU_SCALE * (1.0f + 3.0f * GELU_CUBIC * square);
            return gate + b * gate * (1.0f - gate) * inner;
        }
        case TK_RELU:
            // A NaN is neither above nor below 0 and stays.
            return x > splat(0.0f) ? splat(1.0f) : (x <= splat(0.0f) ? splat(0.0f) : x);
        case TK_TANH: {
            lanes t = tanh_lanes(x);
            return 1.0f - t * t;
        }
        case TK_SWISH: {
            lanes gate = logistic(x);
            return gate * (1.0f + bounded(x) * (1.0f - gate));
        }
        case TK_IDENTITY:
            break;
    }
    return splat(1.0f);
}

INLINE void forward_rows(float *pre, const float *bias, float *out, size_t rows, size_t cols, tk_activation kind) {
    if (bias == NULL) {
        size_t n = rows * cols;
        FOR_LANES(n, { SET(out, activate(GET(pre), kind)); });
        return;
    }
    for (size_t r = 0; r < rows; r++, pre += cols, out += cols) {
        FOR_LANES(cols, {
            lanes x = GET(pre) + GET(bias);
            SET(pre, x);
            SET(out, activate(x, kind));
        });
    }
}

INLINE void backward(const float *pre, const float *grad_out, float *grad_in, size_t n, tk_activation kind) {
    FOR_LANES(n, { SET(grad_in, GET(grad_out) * slope(GET(pre), kind)); });
}

/// One specialised loop per kind.
#define PER_KIND(call)                                                                              \
    switch (kind) {                                                                                 \
        case TK_IDENTITY: call(TK_IDENTITY); break;                                                 \
        case TK_GELU: call(TK_GELU); break;                                                         \
        case TK_GELU_TANH: call(TK_GELU_TANH); break;                                               \
        case TK_RELU: call(TK_RELU); break;                                                         \
        case TK_TANH: call(TK_TANH); break;                                                         \
        case TK_SWISH: call(TK_SWISH); break;                                                       \
    }

void TK(bias_activation_forward)(float *pre, const float *bias, float *out, size_t rows, size_t cols,
                                 tk_activation kind) {
#define CALL(constant) forward_rows(pre, bias, out, rows, cols, constant)
    PER_KIND(CALL)
#undef CALL
}

void TK(activation_backward)(const float *pre, const float *grad_out, float *grad_in, size_t n, tk_activation kind) {
#define CALL(constant) backward(pre, grad_out, grad_in, n, constant)
    PER_KIND(CALL)
#undef CALL
}

void TK(tanh_backward)(const float *y, const float *grad_out, float *grad_in, size_t n) {
    FOR_LANES(n, {
        lanes t = GET(y);
        SET(grad_in, GET(grad_out) * (1.0f - t * t));
    });
}

void TK(exp)(const float *x, float *out, size_t n) {
    FOR_LANES(n, { SET(out, exp_lanes(GET(x))); });
}
