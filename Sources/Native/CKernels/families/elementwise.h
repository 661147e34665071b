/// Elementwise arithmetic, sums and number formats.

void TK(add)(const float *a, const float *b, float *out, size_t n) {
    FOR_LANES(n, { SET(out, GET(a) + GET(b)); });
}

void TK(mul)(const float *a, const float *b, float *out, size_t n) {
    FOR_LANES(n, { SET(out, GET(a) * GET(b)); });
}

void TK(axpy)(float a, const float *x, float *dst, size_t n) {
    FOR_LANES(n, { SET(dst, GET(dst) + a * GET(x)); });
}

void TK(scale)(float a, const float *x, float *out, size_t n) {
    FOR_LANES(n, { SET(out, a * GET(x)); });
}

void TK(fill)(float value, float *dst, size_t n) {
    FOR_LANES(n, { SET(dst, splat(value)); });
}

INLINE dlanes widen(lanes x) {
    return __builtin_convertvector(x, dlanes);
}

double TK(sum)(const float *x, size_t n) {
    dlanes total = (dlanes)(0.0);
    FOR_LANES(n, { total += widen(GET(x)); });
    return reduce_add_double(total);
}

double TK(sum_of_squares)(const float *x, size_t n) {
    dlanes total = (dlanes)(0.0);
    FOR_LANES(n, {
        dlanes value = widen(GET(x));
        total += value * value;
    });
    return reduce_add_double(total);
}

double TK(dot)(const float *a, const float *b, size_t n) {
    dlanes total = (dlanes)(0.0);
    FOR_LANES(n, { total += widen(GET(a)) * widen(GET(b)); });
    return reduce_add_double(total);
}

void TK(bfloat16_from_float)(const float *src, uint16_t *dst, size_t n) {
    FOR_LANES(n, { SET(dst, GET(src)); });
}

void TK(float_from_bfloat16)(const uint16_t *src, float *dst, size_t n) {
    FOR_LANES(n, { SET(dst, GET(src)); });
}

size_t TK(first_outside)(const int32_t *ids, size_t n, int32_t limit) {
    for (size_t i = 0; i < n; i++) {
        if (ids[i] < 0 || ids[i] >= limit) return i;
    }
    return n;
}
