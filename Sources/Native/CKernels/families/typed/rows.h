/// Rows by index, sums over rows, and sums of arrays.

static void OF(bias_gradient)(const ELEMENT *grad, size_t rows, size_t cols, float *acc) {
    // Four rows per pass over acc; the additions still happen one row after the other.
    size_t r = 0;
    for (; r + 4 <= rows; r += 4) {
        const ELEMENT *g0 = grad + r * cols, *g1 = g0 + cols, *g2 = g1 + cols, *g3 = g2 + cols;
        FOR_LANES(cols, { SET(acc, (((GET(acc) + GET(g0)) + GET(g1)) + GET(g2)) + GET(g3)); });
    }
    for (; r < rows; r++) {
        const ELEMENT *g = grad + r * cols;
        FOR_LANES(cols, { SET(acc, GET(acc) + GET(g)); });
    }
}

static void OF(gather_rows)(const ELEMENT *table, size_t stride, const int32_t *ids, size_t n, size_t cols,
                            ELEMENT *out) {
    if (cols == 0) return;
    for (size_t r = 0; r < n; r++) memcpy(out + r * cols, table + (size_t)ids[r] * stride, cols * sizeof *out);
}

static void OF(accumulate)(const ELEMENT *src, ELEMENT *dst, size_t n) {
    FOR_LANES(n, { SET(dst, GET(dst) + GET(src)); });
}

static void OF(scatter_add_rows)(const ELEMENT *src, size_t src_stride, const int32_t *ids, size_t n, size_t cols,
                                 ELEMENT *table, size_t stride) {
    for (size_t r = 0; r < n; r++) {
        OF(accumulate)(src + r * src_stride, table + (size_t)ids[r] * stride, cols);
    }
}
