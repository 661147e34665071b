/// Activation functions and their derivatives on sixteen lanes.

#define INVERSE_SQRT_TWO_PI 0x1.988454p-2f
/// 2 sqrt(2 / pi)
#define GELU_SCALE 0x1.988454p+0f
#define GELU_CUBIC 0.044715f

/// Bounds x where a saturated factor has become 0, so that 0 * infinity cannot arise.
INLINE lanes bounded(lanes x) {
    return at_most(at_least(x, -1e3f), 1e3f);
}

/// f(x), and f'(x) in `slope`; both come from one exponential. What the caller does not use is not computed.
INLINE lanes activate(lanes x, tk_activation kind, lanes *slope) {
    switch (kind) {
        case TK_GELU: {
            lanes bell;
            lanes share = normal_distribution(x, &bell);
            *slope = share + INVERSE_SQRT_TWO_PI * bounded(x) * bell;
            return x * share;
        }
        case TK_GELU_TANH: {
            // (1 + tanh(u)) / 2 = logistic(2 u), which keeps its digits for large negative u. It is 0 or 1 long before
            // the bound.
            lanes b = bounded(x);
            lanes gate = logistic(GELU_SCALE * (b + GELU_CUBIC * b * b * b));
            lanes inner = GELU_SCALE * (1.0f + 3.0f * GELU_CUBIC * (b * b));
            *slope = gate + b * gate * (1.0f - gate) * inner;
            return x * gate;
        }
        case TK_RELU:
            // A NaN is neither above nor below 0 and stays.
            *slope = x > splat(0.0f) ? splat(1.0f) : (x <= splat(0.0f) ? splat(0.0f) : x);
            return at_least(x, 0.0f);
        case TK_TANH: {
            lanes t = tanh_lanes(x);
            *slope = 1.0f - t * t;
            return t;
        }
        case TK_SWISH: {
            lanes gate = logistic(x);
            *slope = gate * (1.0f + bounded(x) * (1.0f - gate));
            return x * gate;
        }
        case TK_IDENTITY:
            break;
    }
    *slope = splat(1.0f);
    return x;
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

void TK(tanh_backward)(const float *y, const float *grad_out, float *grad_in, size_t n) {
    FOR_LANES(n, {
        lanes t = GET(y);
        SET(grad_in, GET(grad_out) * (1.0f - t * t));
    });
}

void TK(exp)(const float *x, float *out, size_t n) {
    FOR_LANES(n, { SET(out, exp_lanes(GET(x))); });
}
