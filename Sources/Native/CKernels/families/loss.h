/// Cross entropy.

void TK(cross_entropy_forward)(const float *logits, const int32_t *labels, const float *weights, float *row_loss,
                               float *row_logsumexp, int32_t *argmax, size_t rows, size_t cols) {
    if (cols == 0) return;
    for (size_t r = 0; r < rows; r++) {
        const float *row = logits + r * cols;
        const float top = largest(row, cols);
        lanes total = splat(0.0f);
        FOR_LANES(cols, { total += pad(exp_lanes(GET(row) - top), part, 0.0f); });
        const double logsumexp = (double)top + log((double)reduce_add(total));
        row_logsumexp[r] = (float)logsumexp;
        const int counted = weights == NULL || weights[r] != 0.0f;
        row_loss[r] = counted ? (float)(logsumexp - (double)row[labels[r]]) : 0.0f;
        size_t best = 0;
        while (best + 1 < cols && !(row[best] == top)) best++;
        argmax[r] = (int32_t)best;
    }
}
