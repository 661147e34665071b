/// Rows by index, and sums over rows.

void TK(bias_gradient)(const float *grad, size_t rows, size_t cols, float *acc) {
    // Four rows per pass over acc; the additions still happen one row after the other.
    size_t r = 0;
    for (; r + 4 <= rows; r += 4) {
        const float *g0 = grad + r * cols, *g1 = g0 + cols, *g2 = g1 + cols, *g3 = g2 + cols;
        FOR_LANES(cols, { SET(acc, (((GET(acc) + GET(g0)) + GET(g1)) + GET(g2)) + GET(g3)); });
    }
    for (; r < rows; r++) {
        const float *g = grad + r * cols;
        FOR_LANES(cols, { SET(acc, GET(acc) + GET(g)); });
    }
}

void TK(gather_rows)(const float *table, size_t stride, const int32_t *ids, size_t n, size_t cols, float *out) {
    if (cols == 0) return;
    for (size_t r = 0; r < n; r++) memcpy(out + r * cols, table + (size_t)ids[r] * stride, cols * sizeof *out);
}

void TK(scatter_add_rows)(const float *src, size_t src_stride, const int32_t *ids, size_t n, size_t cols, float *table,
                          size_t stride) {
    for (size_t r = 0; r < n; r++) {
        const float *from = src + r * src_stride;
        float *to = table + (size_t)ids[r] * stride;
        FOR_LANES(cols, { SET(to, GET(to) + GET(from)); });
    }
}

size_t TK(first_outside)(const int32_t *ids, size_t n, int32_t limit) {
    for (size_t i = 0; i < n; i++) {
        if (ids[i] < 0 || ids[i] >= limit) return i;
    }
    return n;
}
