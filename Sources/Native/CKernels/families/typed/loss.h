/// The gradient of cross entropy, which may be stored narrower than the logits.

static void OF(cross_entropy_backward)(const float *logits, const int32_t *labels, const float *weights,
                                       const float *row_logsumexp, float scale, ELEMENT *out, size_t rows,
                                       size_t cols) {
    if (cols == 0) return;
    for (size_t r = 0; r < rows; r++) {
        const float *row = logits + r * cols;
        ELEMENT *target = out + r * cols;
        const float weight = weights == NULL ? 1.0f : weights[r];
        if (weight == 0.0f) {
            FOR_LANES(cols, { SET(target, splat(0.0f)); });
            continue;
        }
        const float factor = scale * weight, logsumexp = row_logsumexp[r];
        const float at_label = expf(row[labels[r]] - logsumexp);
        FOR_LANES(cols, { SET(target, factor * exp_lanes(GET(row) - logsumexp)); });
        store_part(target + labels[r], splat(factor * (at_label - 1.0f)), 1);
    }
}
