/// Sixteen lanes of float. AVX-512 holds them in one register, AVX2 in two, SSE in four: the same additions in the same
/// order everywhere, hence the same bits.
#define LANES 16

// Passing such vectors between functions depends on the instruction set; every function that does is inlined.
#pragma clang diagnostic ignored "-Wpsabi"

#define INLINE static inline __attribute__((always_inline))

typedef float lanes __attribute__((ext_vector_type(16)));
typedef int32_t ilanes __attribute__((ext_vector_type(16)));
typedef uint32_t ulanes __attribute__((ext_vector_type(16)));
typedef double dlanes __attribute__((ext_vector_type(16)));

INLINE lanes load(const float *p) {
    lanes x;
    memcpy(&x, p, sizeof x);
    return x;
}

INLINE void store(float *p, lanes x) {
    memcpy(p, &x, sizeof x);
}

/// The first n < 16 lanes from memory, the rest 0.
INLINE lanes load_part(const float *p, size_t n) {
    float buffer[LANES] = {0};
    for (size_t i = 0; i < n; i++) buffer[i] = p[i];
    return load(buffer);
}

INLINE void store_part(float *p, lanes x, size_t n) {
    float buffer[LANES];
    store(buffer, x);
    for (size_t i = 0; i < n; i++) p[i] = buffer[i];
}

INLINE lanes splat(float x) {
    return (lanes)(x);
}

INLINE lanes as_float(ilanes x) {
    return __builtin_bit_cast(lanes, x);
}

INLINE ilanes as_int(lanes x) {
    return __builtin_bit_cast(ilanes, x);
}

/// The larger of x and the bound; NaN in x stays.
INLINE lanes at_least(lanes x, float bound) {
    lanes limit = splat(bound);
    return x < limit ? limit : x;
}

/// The smaller of x and the bound; NaN in x stays.
INLINE lanes at_most(lanes x, float bound) {
    lanes limit = splat(bound);
    return x > limit ? limit : x;
}

/// Lane sums as a fixed binary tree: 8 apart, 4 apart, 2 apart, neighbours.
INLINE float reduce_add(lanes x) {
    typedef float half __attribute__((ext_vector_type(8)));
    typedef float quarter __attribute__((ext_vector_type(4)));
    half a = x.lo + x.hi;
    quarter b = a.lo + a.hi;
    return (b.x + b.z) + (b.y + b.w);
}

INLINE double reduce_add_double(dlanes x) {
    typedef double half __attribute__((ext_vector_type(8)));
    typedef double quarter __attribute__((ext_vector_type(4)));
    half a = x.lo + x.hi;
    quarter b = a.lo + a.hi;
    return (b.x + b.z) + (b.y + b.w);
}

/// The largest lane, by the same tree; NaN may be passed over.
INLINE float reduce_max(lanes x) {
    typedef float half __attribute__((ext_vector_type(8)));
    typedef float quarter __attribute__((ext_vector_type(4)));
    half a = x.lo > x.hi ? x.lo : x.hi;
    quarter b = a.lo > a.hi ? a.lo : a.hi;
    float c = b.x > b.z ? b.x : b.z, d = b.y > b.w ? b.y : b.w;
    return c > d ? c : d;
}

/// Runs `body` over 0 ..< n sixteen elements at a time, then once for the rest. Inside, GET(p) reads and SET(p, x)
/// writes the current elements of array p; absent elements read as 0 and are not written.
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
