/// Optimizer updates.

INLINE lanes sqrt_lanes(lanes x) {
    return __builtin_elementwise_sqrt(x);
}

void TK(moments)(const float *g, double g_scale, float *m, float *v, size_t n, double beta1, double beta2) {
    const float scale = (float)g_scale, b1 = (float)beta1, b2 = (float)beta2;
    const float c1 = (float)(1.0 - beta1), c2 = (float)(1.0 - beta2);
    FOR_LANES(n, {
        lanes gradient = scale * GET(g);
        SET(m, b1 * GET(m) + c1 * gradient);
        SET(v, b2 * GET(v) + c2 * (gradient * gradient));
    });
}

tk_norms TK(adam_direction)(const float *m, const float *v, const float *w, float *u, size_t n, double m_correction,
                            double v_correction, double eps, double decay) {
    const float mc = (float)m_correction, vc = (float)v_correction, e = (float)eps, d = (float)decay;
    dlanes weights = (dlanes)(0.0), direction = (dlanes)(0.0);
    FOR_LANES(n, {
        lanes weight = GET(w);
        // Absent elements have m = v = w = 0; with eps = 0 they would give 0 / 0.
        lanes step = mc * GET(m) / (sqrt_lanes(vc * GET(v)) + e) + d * weight;
        SET(u, step);
        step = pad(step, part, 0.0f);
        dlanes wide_weight = __builtin_convertvector(weight, dlanes);
        dlanes wide_step = __builtin_convertvector(step, dlanes);
        weights += wide_weight * wide_weight;
        direction += wide_step * wide_step;
    });
    tk_norms norms = {reduce_add_double(weights), reduce_add_double(direction)};
    return norms;
}

INLINE void adamw_loop(const float *g, float scale, float *m, float *v, float *w, size_t n,
                       const tk_adamw_options *options, tk_adamw_form form) {
    const tk_adamw_options o = *options;
    const float b1 = (float)o.beta1, b2 = (float)o.beta2;
    const float c1 = (float)(1.0 - o.beta1), c2 = (float)(1.0 - o.beta2);
    const float eps = (float)o.eps, decay = (float)o.decay, rate = (float)o.rate;
    const float shrink = (float)(o.rate * o.decay), keep_weight = (float)(1.0 - o.rate * o.decay);
    const float corrected_rate = (float)(o.rate * o.m_correction / sqrt(o.v_correction));
    const float torch_rate = (float)(o.rate * o.m_correction), v_correction = (float)o.v_correction;
    FOR_LANES(n, {
        lanes gradient = scale * GET(g), weight = GET(w);
        lanes first = b1 * GET(m) + c1 * gradient;
        lanes second = b2 * GET(v) + c2 * (gradient * gradient);
        SET(m, first);
        SET(v, second);
        if (form == TK_ADAMW_BERT) {
            weight -= rate * (first / (sqrt_lanes(second) + eps) + decay * weight);
        } else if (form == TK_ADAMW_TRANSFORMERS) {
            weight -= corrected_rate * first / (sqrt_lanes(second) + eps);
            weight -= shrink * weight;
        } else {
            weight *= keep_weight;
            weight -= torch_rate * first / (sqrt_lanes(v_correction * second) + eps);
        }
        SET(w, weight);
    });
}

void TK(adamw)(const float *g, double g_scale, float *m, float *v, float *w, size_t n,
               const tk_adamw_options *options) {
    const float scale = (float)g_scale;
    switch (options->form) {
        case TK_ADAMW_BERT: adamw_loop(g, scale, m, v, w, n, options, TK_ADAMW_BERT); break;
        case TK_ADAMW_TRANSFORMERS: adamw_loop(g, scale, m, v, w, n, options, TK_ADAMW_TRANSFORMERS); break;
        case TK_ADAMW_TORCH: adamw_loop(g, scale, m, v, w, n, options, TK_ADAMW_TORCH); break;
    }
}

void TK(sgd)(const float *g, double g_scale, float *velocity, float *w, size_t n, double rate, double momentum,
             double decay) {
    const float scale = (float)g_scale, r = (float)rate, mu = (float)momentum, d = (float)decay;
    if (velocity == NULL) {
        FOR_LANES(n, { SET(w, GET(w) - r * (scale * GET(g) + d * GET(w))); });
        return;
    }
    FOR_LANES(n, {
        lanes speed = mu * GET(velocity) + (scale * GET(g) + d * GET(w));
        SET(velocity, speed);
        SET(w, GET(w) - r * speed);
    });
}
