/// Layer normalization, alone and fused with dropout and residual sum.

/// y = (x - center) * scale * w + b.
INLINE void OF(scale_row)(const ELEMENT *x, float center, float scale, const float *w, const float *b, ELEMENT *y,
                          size_t cols) {
    FOR_LANES(cols, { SET(y, (GET(x) - center) * scale * GET(w) + GET(b)); });
}

/// Normalizes a row whose lane sums are `total`.
INLINE void OF(normalize_row)(const ELEMENT *x, lanes total, const float *w, const float *b, double eps, ELEMENT *y,
                              float *mean, float *rstd, size_t cols) {
    const float center = mean_of(total, cols);
    // Two passes: E[x^2] - E[x]^2 would cancel.
    lanes squares = splat(0.0f);
    FOR_LANES(cols, {
        lanes d = pad(GET(x) - center, part, 0.0f);
        squares += d * d;
    });
    const float scale = (float)(1.0 / sqrt((double)reduce_add(squares) / (double)cols + eps));
    OF(scale_row)(x, center, scale, w, b, y, cols);
    *mean = center;
    *rstd = scale;
}

static void OF(layer_norm_forward)(const ELEMENT *x, const float *w, const float *b, double eps, ELEMENT *y,
                                   float *mean, float *rstd, size_t rows, size_t cols) {
    if (cols == 0) return;
    for (size_t r = 0; r < rows; r++) {
        const ELEMENT *row = x + r * cols;
        lanes total = splat(0.0f);
        FOR_LANES(cols, { total += GET(row); });
        OF(normalize_row)(row, total, w, b, eps, y + r * cols, mean + r, rstd + r, cols);
    }
}

static void OF(layer_norm_again)(const ELEMENT *x, const float *mean, const float *rstd, const float *w, const float *b,
                                 ELEMENT *y, size_t rows, size_t cols) {
    for (size_t r = 0; r < rows; r++) OF(scale_row)(x + r * cols, mean[r], rstd[r], w, b, y + r * cols, cols);
}

static void OF(add_layer_norm_forward)(const ELEMENT *x, const ELEMENT *residual, const float *w, const float *b,
                                       double eps, ELEMENT *s, ELEMENT *y, float *mean, float *rstd, size_t rows,
                                       size_t cols, const tk_mask *mask, uint64_t first_element) {
    if (cols == 0) return;
    const float scale = mask == NULL ? 1.0f : mask->scale;
    for (size_t r = 0; r < rows; r++) {
        const size_t at = r * cols;
        lanes total = splat(0.0f);
        if (mask == NULL) {
            const ELEMENT *addend = x + at, *base = residual + at;
            ELEMENT *sum = s + at;
            FOR_LANES(cols, { total += SET(sum, GET(base) + GET(addend)); });
        } else {
            FOR_KEPT(cols, first_element + at, mask, {
                const ELEMENT *addend = x + at + done, *base = residual + at + done;
                ELEMENT *sum = s + at + done;
                const uint64_t element = first_element + at + done;
                FOR_LANES(count, { total += SET(sum, GET(base) + keep(GET(addend), &kept, element + i, scale)); });
            });
        }
        OF(normalize_row)(s + at, total, w, b, eps, y + at, mean + r, rstd + r, cols);
    }
}

/// Rows of the backward pass that share one pass over the sums of w and b.
#define ROWS_AT_ONCE 4

/// The gradients of n <= ROWS_AT_ONCE rows: d_sum of what was normalized, and dx = dropout(d_sum) if there is a mask.
INLINE void OF(normalize_rows_backward)(const size_t n, const ELEMENT *dy, const ELEMENT *s, const float *mean,
                                        const float *rstd, const float *w, ELEMENT *d_sum, ELEMENT *dx, float *dw_acc,
                                        float *db_acc, size_t cols, const tk_mask *mask, uint64_t first_element) {
    lanes total[ROWS_AT_ONCE], projection[ROWS_AT_ONCE];
    for (size_t k = 0; k < n; k++) total[k] = projection[k] = splat(0.0f);
    FOR_LANES(cols, {
        lanes weight = GET(w), dw = GET(dw_acc), db = GET(db_acc);
        for (size_t k = 0; k < n; k++) {
            lanes upstream = GET(dy + k * cols), normal = (GET(s + k * cols) - mean[k]) * rstd[k];
            lanes g = upstream * weight;
            total[k] += g;
            projection[k] += g * normal;
            dw += upstream * normal;
            db += upstream;
        }
        SET(dw_acc, dw);
        SET(db_acc, db);
    });
    for (size_t k = 0; k < n; k++) {
        const float average = mean_of(total[k], cols), slope = mean_of(projection[k], cols);
        const float center = mean[k], scale = rstd[k];
#define GRADIENT (scale * (GET(upstream) * GET(weight) - average - (GET(in) - center) * scale * slope))
        if (mask == NULL) {
            const ELEMENT *upstream = dy + k * cols, *in = s + k * cols;
            const float *weight = w;
            ELEMENT *out = d_sum + k * cols;
            FOR_LANES(cols, { SET(out, GRADIENT); });
        } else {
            const uint64_t row = first_element + k * cols;
            const float kept_scale = mask->scale;
            FOR_KEPT(cols, row, mask, {
                const size_t at = k * cols + done;
                const ELEMENT *upstream = dy + at, *in = s + at;
                const float *weight = w + done;
                ELEMENT *out = d_sum + at, *masked = dx + at;
                FOR_LANES(count, {
                    lanes gradient = GRADIENT;
                    SET(out, gradient);
                    SET(masked, keep(gradient, &kept, row + done + i, kept_scale));
                });
            });
        }
#undef GRADIENT
    }
}

static void OF(add_layer_norm_backward)(const ELEMENT *dy, const ELEMENT *s, const float *mean, const float *rstd,
                                        const float *w, ELEMENT *d_residual, ELEMENT *dx, float *dw_acc,
                                        float *db_acc, size_t rows, size_t cols, const tk_mask *mask,
                                        uint64_t first_element) {
#define BACKWARD(n)                                                                                             \
    OF(normalize_rows_backward)(n, dy + r * cols, s + r * cols, mean + r, rstd + r, w, d_residual + r * cols,   \
                                dx + r * cols, dw_acc, db_acc, cols, mask, first_element + r * cols)
    size_t r = 0;
    for (; r + ROWS_AT_ONCE <= rows; r += ROWS_AT_ONCE) BACKWARD(ROWS_AT_ONCE);
    for (; r < rows; r++) BACKWARD(1);
#undef BACKWARD
    if (mask == NULL && dx != d_residual && rows * cols > 0) memcpy(dx, d_residual, rows * cols * sizeof *dx);
}

static void OF(layer_norm_backward)(const ELEMENT *dy, const ELEMENT *x, const float *mean, const float *rstd,
                                    const float *w, ELEMENT *dx, float *dw_acc, float *db_acc, size_t rows,
                                    size_t cols) {
    OF(add_layer_norm_backward)(dy, x, mean, rstd, w, dx, dx, dw_acc, db_acc, rows, cols, NULL, 0);
}
