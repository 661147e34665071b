/// Softmax over rows, with scale, additive mask and dropout.

/// The largest of n > 0 elements; NaN is passed over (it shows up in the sum that follows).
INLINE float largest(const float *x, size_t n) {
    lanes top = splat(x[0]);
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        lanes value = load(x + i);
        top = value > top ? value : top;
    }
    float best = reduce_max(top);
    for (; i < n; i++) best = x[i] > best ? x[i] : best;
    return best;
}

/// x with its lanes from `part` on replaced by `filler`.
INLINE lanes pad(lanes x, size_t part, float filler) {
    if (part == LANES) return x;
    float buffer[LANES];
    store(buffer, x);
    for (size_t i = part; i < LANES; i++) buffer[i] = filler;
    return load(buffer);
}

void TK(softmax_forward)(const float *scores, const float *additive, float scale, float *probs, float *dropped,
                         size_t rows, size_t cols, const tk_mask *mask, uint64_t first_element) {
    if (cols == 0) return;
    for (size_t r = 0; r < rows; r++) {
        const float *in = scores + r * cols;
        float *out = probs + r * cols;
        if (additive != NULL) {
            FOR_LANES(cols, { SET(out, scale * GET(in) + GET(additive)); });
        } else {
            FOR_LANES(cols, { SET(out, scale * GET(in)); });
        }
        const float top = largest(out, cols);
        lanes total = splat(0.0f);
        FOR_LANES(cols, {
            lanes e = exp_lanes(GET(out) - top);
            SET(out, e);
            total += pad(e, part, 0.0f);
        });
        const float inverse = (float)(1.0 / (double)reduce_add(total));
        FOR_LANES(cols, { SET(out, GET(out) * inverse); });
        if (mask != NULL) dropout_add(out, NULL, dropped + r * cols, cols, first_element + r * cols, mask);
    }
}

void TK(softmax_backward)(const float *probs, const float *grad, float scale, float *d_scores, size_t rows, size_t cols,
                          const tk_mask *mask, uint64_t first_element) {
    for (size_t r = 0; r < rows; r++) {
        const float *p = probs + r * cols, *g = grad + r * cols;
        float *out = d_scores + r * cols;
        if (mask != NULL) {
            dropout_add(g, NULL, out, cols, first_element + r * cols, mask);
            g = out;
        }
        lanes total = splat(0.0f);
        FOR_LANES(cols, { total += GET(g) * GET(p); });
        const float projection = reduce_add(total);
        FOR_LANES(cols, { SET(out, scale * GET(p) * (GET(g) - projection)); });
    }
}
