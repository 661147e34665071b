/// Softmax over rows, with scale and dropout.

static void OF(softmax_forward)(float *scores, float scale, ELEMENT *dropped, float *logsumexp, size_t rows,
                                size_t cols, const tk_mask *mask, uint64_t first_element) {
    if (cols == 0) return;
    kept_bits kept;
    kept.end = 0;
    const float kept_scale = mask == NULL ? 1.0f : mask->scale;
    for (size_t r = 0; r < rows; r++) {
        float *row = scores + r * cols;
        const float first = scale * row[0];
        lanes tops = splat(first);
        FOR_LANES(cols, {
            lanes value = pad(scale * GET(row), part, first);
            tops = value > tops ? value : tops;
        });
        const float top = reduce_max(tops);
        lanes total = splat(0.0f);
        FOR_LANES(cols, {
            lanes e = exp_lanes(scale * GET(row) - top);
            SET(row, e);
            total += pad(e, part, 0.0f);
        });
        const double sum = (double)reduce_add(total);
        const float inverse = (float)(1.0 / sum);
        ELEMENT *out = dropped + r * cols;
        if (mask == NULL) {
            FOR_LANES(cols, { SET(out, GET(row) * inverse); });
        } else {
            for (size_t start = 0; start < cols; start += MASK_CHUNK) {
                const size_t n = run_length(cols, start);
                const uint64_t element = first_element + r * cols + start;
                require(&kept, mask, element, n, (rows - r) * cols, cols);
                const float *from = row + start;
                ELEMENT *to = out + start;
                FOR_LANES(n, { SET(to, keep(GET(from) * inverse, &kept, element + i, kept_scale)); });
            }
        }
        logsumexp[r] = (float)((double)top + log(sum));
    }
}

/// One run of a row of the backward pass: what the scores' gradient needs besides the projection of the whole row.
typedef struct OF(softmax_run) {
    const float *scores;
    const float *grad;
    ELEMENT *dropped;
    ELEMENT *d_scores;
    size_t n;
    uint64_t element;
} OF(softmax_run);

/// Recomputes the probabilities of a run into p, writes them after dropout if `writes`, and adds the lanes of d * p to
/// `total`.
INLINE lanes OF(project)(OF(softmax_run) run, float *p, float logsumexp, float scale, const kept_bits *kept,
                         float kept_scale, const bool masked, const bool writes, lanes total) {
    const float *scores = run.scores, *grad = run.grad;
    ELEMENT *dropped = run.dropped;
    FOR_LANES(run.n, {
        lanes share = exp_lanes(scale * GET(scores) - logsumexp);
        lanes d = GET(grad);
        SET(p, share);
        if (masked) d = keep(d, kept, run.element + i, kept_scale);
        total += pad(d * share, part, 0.0f);
        if (writes) SET(dropped, masked ? keep(share, kept, run.element + i, kept_scale) : share);
    });
    return total;
}

/// The gradient of the scores of a run.
INLINE void OF(finish)(OF(softmax_run) run, const float *p, float projection, float scale, const kept_bits *kept,
                       float kept_scale, const bool masked) {
    const float *grad = run.grad;
    ELEMENT *d_scores = run.d_scores;
    FOR_LANES(run.n, {
        lanes d = GET(grad);
        if (masked) d = keep(d, kept, run.element + i, kept_scale);
        SET(d_scores, scale * GET(p) * (d - projection));
    });
}

INLINE void OF(softmax_rows_backward)(const float *scores, const float *logsumexp, const float *grad, float scale,
                                      ELEMENT *dropped, ELEMENT *d_scores, size_t rows, size_t cols,
                                      const tk_mask *mask, uint64_t first_element, const bool masked) {
    kept_bits kept;
    kept.end = 0;
    float p[MASK_CHUNK];
    const float kept_scale = masked ? mask->scale : 1.0f;
    for (size_t r = 0; r < rows; r++) {
        // A row that fits is gone through once; a longer one twice, because its first run's p are overwritten.
        const bool fits = cols <= MASK_CHUNK;
        lanes total = splat(0.0f);
        float projection = 0.0f;
        for (int pass = fits ? 1 : 0; pass < 2; pass++) {
            for (size_t start = 0; start < cols; start += MASK_CHUNK) {
                const size_t at = r * cols + start, n = run_length(cols, start);
                const OF(softmax_run) run = {scores + at, grad + at, dropped + at, d_scores + at, n, first_element + at};
                if (masked) require(&kept, mask, run.element, n, (rows - r) * cols, cols);
                if (pass == 0) {
                    total = OF(project)(run, p, logsumexp[r], scale, &kept, kept_scale, masked, false, total);
                    continue;
                }
                lanes own = OF(project)(run, p, logsumexp[r], scale, &kept, kept_scale, masked, true, splat(0.0f));
                if (fits) projection = reduce_add(own);
                OF(finish)(run, p, projection, scale, &kept, kept_scale, masked);
            }
            if (pass == 0) projection = reduce_add(total);
        }
    }
}

static void OF(softmax_backward)(const float *scores, const float *logsumexp, const float *grad, float scale,
                                 ELEMENT *dropped, ELEMENT *d_scores, size_t rows, size_t cols, const tk_mask *mask,
                                 uint64_t first_element) {
    if (mask == NULL) {
        OF(softmax_rows_backward)(scores, logsumexp, grad, scale, dropped, d_scores, rows, cols, NULL, 0, false);
    } else {
        OF(softmax_rows_backward)(scores, logsumexp, grad, scale, dropped, d_scores, rows, cols, mask, first_element,
                                  true);
    }
}
