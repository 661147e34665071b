/// Layer normalization, alone and fused with dropout and residual sum.

INLINE void normalize_row(const float *x, const float *w, const float *b, double eps, float *y, float *mean,
                          float *rstd, size_t cols) {
    lanes total = splat(0.0f);
    FOR_LANES(cols, { total += GET(x); });
    const float center = (float)((double)reduce_add(total) / (double)cols);
    // Two passes: E[x^2] - E[x]^2 would cancel.
    lanes squares = splat(0.0f);
    FOR_LANES(cols, {
        lanes d = GET(x) - center;
        if (part < LANES) {
            float buffer[LANES];
            store(buffer, d);
            d = load_part(buffer, part);
        }
        squares += d * d;
    });
    const float scale = (float)(1.0 / sqrt((double)reduce_add(squares) / (double)cols + eps));
    FOR_LANES(cols, { SET(y, (GET(x) - center) * scale * GET(w) + GET(b)); });
    *mean = center;
    *rstd = scale;
}

INLINE void normalize_row_backward(const float *dy, const float *x, float mean, float rstd, const float *w, float *dx,
                                   float *dw_acc, float *db_acc, size_t cols) {
    lanes total = splat(0.0f), projection = splat(0.0f);
    FOR_LANES(cols, {
        lanes upstream = GET(dy), normal = (GET(x) - mean) * rstd, g = upstream * GET(w);
        total += g;
        projection += g * normal;
        SET(dw_acc, GET(dw_acc) + upstream * normal);
        SET(db_acc, GET(db_acc) + upstream);
    });
    const float average = (float)((double)reduce_add(total) / (double)cols);
    const float slope_of_scale = (float)((double)reduce_add(projection) / (double)cols);
    FOR_LANES(cols, {
        lanes normal = (GET(x) - mean) * rstd;
        SET(dx, rstd * (GET(dy) * GET(w) - average - normal * slope_of_scale));
    });
}

void TK(layer_norm_forward)(const float *x, const float *w, const float *b, double eps, float *y, float *mean,
                            float *rstd, size_t rows, size_t cols) {
    if (cols == 0) return;
    for (size_t r = 0; r < rows; r++) {
        normalize_row(x + r * cols, w, b, eps, y + r * cols, mean + r, rstd + r, cols);
    }
}

void TK(layer_norm_backward)(const float *dy, const float *x, const float *mean, const float *rstd, const float *w,
                             float *dx, float *dw_acc, float *db_acc, size_t rows, size_t cols) {
    for (size_t r = 0; r < rows; r++) {
        size_t at = r * cols;
        normalize_row_backward(dy + at, x + at, mean[r], rstd[r], w, dx + at, dw_acc, db_acc, cols);
    }
}

void TK(add_layer_norm_forward)(const float *x, const float *residual, const float *w, const float *b, double eps,
                                float *s, float *y, float *mean, float *rstd, size_t rows, size_t cols,
                                const tk_mask *mask, uint64_t first_element) {
    if (cols == 0) return;
    for (size_t r = 0; r < rows; r++) {
        size_t at = r * cols;
        if (mask != NULL) {
            dropout_add(x + at, residual + at, s + at, cols, first_element + at, mask);
        } else {
            const float *addend = x + at, *base = residual + at;
            float *sum = s + at;
            FOR_LANES(cols, { SET(sum, GET(base) + GET(addend)); });
        }
        normalize_row(s + at, w, b, eps, y + at, mean + r, rstd + r, cols);
    }
}

void TK(add_layer_norm_backward)(const float *dy, const float *s, const float *mean, const float *rstd, const float *w,
                                 float *d_residual, float *dx, float *dw_acc, float *db_acc, size_t rows, size_t cols,
                                 const tk_mask *mask, uint64_t first_element) {
    for (size_t r = 0; r < rows; r++) {
        size_t at = r * cols;
        normalize_row_backward(dy + at, s + at, mean[r], rstd[r], w, d_residual + at, dw_acc, db_acc, cols);
        if (mask != NULL) {
            dropout_add(d_residual + at, NULL, dx + at, cols, first_element + at, mask);
        } else if (dx != d_residual && cols > 0) {
            memcpy(dx + at, d_residual + at, cols * sizeof *dx);
        }
    }
}
