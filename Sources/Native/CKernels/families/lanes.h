/// Sixteen lanes of float. AVX-512 holds them in one register, AVX2 in two, SSE in four: the same additions in the same
/// order everywhere, hence the same bits.
#define LANES 16

// Passing such vectors between functions depends on the instruction set; every function that does is inlined.
#pragma clang diagnostic ignored "-Wpsabi"

#define INLINE static inline __attribute__((always_inline))

typedef float lanes __attribute__((ext_vector_type(16)));
typedef int32_t ilanes __attribute__((ext_vector_type(16)));
typedef uint32_t ulanes __attribute__((ext_vector_type(16)));
typedef uint16_t hlanes __attribute__((ext_vector_type(16)));
typedef double dlanes __attribute__((ext_vector_type(16)));

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

/// x with its lanes from `part` on replaced by `filler`.
INLINE lanes pad(lanes x, size_t part, float filler) {
    const ilanes lane = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    return lane < (ilanes)((int32_t)part) ? x : splat(filler);
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

/// The mean of n numbers whose lane sums are given.
INLINE float mean_of(lanes total, size_t n) {
    return (float)((double)reduce_add(total) / (double)n);
}
