/// Reading and writing sixteen elements of an array, float or bfloat16 by the type of the pointer, and loops over them.

#define OVERLOADED INLINE __attribute__((overloadable))

/// x rounded to bfloat16, to nearest with ties to even; NaN stays a (quiet) NaN.
INLINE hlanes bfloat16_rounded(lanes x) {
    ulanes bits = __builtin_bit_cast(ulanes, x);
    ulanes rounded = bits + 0x7fff + ((bits >> 16) & 1);
    return __builtin_convertvector((x != x ? bits | 0x400000 : rounded) >> 16, hlanes);
}

#ifdef TK_BFLOAT16_CONVERSION
/// The class of numbers in AVX-512's terms.
#define SUBNORMAL 0x20

/// The same by one instruction, except that the instruction takes subnormal numbers for 0.
INLINE hlanes bfloat16_from(lanes x) {
    const __m512 all = __builtin_bit_cast(__m512, x);
    if (__builtin_expect(_mm512_fpclass_ps_mask(all, SUBNORMAL) != 0, 0)) return bfloat16_rounded(x);
    return __builtin_bit_cast(hlanes, _mm512_cvtneps_pbh(all));
}
#else
INLINE hlanes bfloat16_from(lanes x) {
    return bfloat16_rounded(x);
}
#endif

INLINE lanes bfloat16_value(hlanes x) {
    return __builtin_bit_cast(lanes, __builtin_convertvector(x, ulanes) << 16);
}

OVERLOADED lanes load(const float *p) {
    lanes x;
    memcpy(&x, p, sizeof x);
    return x;
}

OVERLOADED lanes load(const uint16_t *p) {
    hlanes x;
    memcpy(&x, p, sizeof x);
    return bfloat16_value(x);
}

/// Writes x and returns what load would give now.
OVERLOADED lanes store(float *p, lanes x) {
    memcpy(p, &x, sizeof x);
    return x;
}

OVERLOADED lanes store(uint16_t *p, lanes x) {
    hlanes halves = bfloat16_from(x);
    memcpy(p, &halves, sizeof halves);
    return bfloat16_value(halves);
}

#ifdef TK_MASKED_MOVES
/// The first n < 16 lanes from memory, the rest 0.
OVERLOADED lanes load_part(const float *p, size_t n) {
    return __builtin_bit_cast(lanes, _mm512_maskz_loadu_ps((__mmask16)((1u << n) - 1), p));
}

OVERLOADED lanes load_part(const uint16_t *p, size_t n) {
    return bfloat16_value(__builtin_bit_cast(hlanes, _mm256_maskz_loadu_epi16((__mmask16)((1u << n) - 1), p)));
}

OVERLOADED lanes store_part(float *p, lanes x, size_t n) {
    _mm512_mask_storeu_ps(p, (__mmask16)((1u << n) - 1), __builtin_bit_cast(__m512, x));
    return x;
}

OVERLOADED lanes store_part(uint16_t *p, lanes x, size_t n) {
    hlanes halves = bfloat16_from(x);
    _mm256_mask_storeu_epi16(p, (__mmask16)((1u << n) - 1), __builtin_bit_cast(__m256i, halves));
    return bfloat16_value(halves);
}
#else
/// The first n < 16 lanes from memory, the rest 0.
OVERLOADED lanes load_part(const float *p, size_t n) {
    float buffer[LANES] = {0};
    for (size_t i = 0; i < n; i++) buffer[i] = p[i];
    return load(buffer);
}

OVERLOADED lanes load_part(const uint16_t *p, size_t n) {
    uint16_t buffer[LANES] = {0};
    for (size_t i = 0; i < n; i++) buffer[i] = p[i];
    return load(buffer);
}

OVERLOADED lanes store_part(float *p, lanes x, size_t n) {
    float buffer[LANES];
    store(buffer, x);
    for (size_t i = 0; i < n; i++) p[i] = buffer[i];
    return x;
}

OVERLOADED lanes store_part(uint16_t *p, lanes x, size_t n) {
    uint16_t buffer[LANES];
    lanes stored = store(buffer, x);
    for (size_t i = 0; i < n; i++) p[i] = buffer[i];
    return stored;
}
#endif

/// Runs `body` over 0 ..< n sixteen elements at a time, then once for the rest. Inside, GET(p) reads and SET(p, x)
/// writes the current elements of array p; absent elements read as 0 and are not written. SET's value is x as stored.
#define FOR_LANES(n, ...)                                                                           \
    do {                                                                                            \
        size_t i = 0;                                                                               \
        for (; i + LANES <= (n); i += LANES) {                                                      \
            const size_t part = LANES;                                                              \
            __VA_ARGS__                                                                             \
        }                                                                                           \
        if (i < (n)) {                                                                              \
            const size_t part = (n) - i;                                                            \
            __VA_ARGS__                                                                             \
        }                                                                                           \
    } while (0)
#define GET(p) (part == LANES ? load((p) + i) : load_part((p) + i, part))
#define SET(p, x) (part == LANES ? store((p) + i, (x)) : store_part((p) + i, (x), part))

/// The largest of n > 0 elements; NaN is passed over (it shows up in the sum that follows).
INLINE float largest(const float *x, size_t n) {
    const float first = x[0];
    lanes top = splat(first);
    FOR_LANES(n, {
        lanes value = pad(GET(x), part, first);
        top = value > top ? value : top;
    });
    return reduce_max(top);
}
