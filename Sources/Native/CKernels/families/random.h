/// Philox4x32-10 on eight counters at once, and dropout.

/// Eight 32-bit values, each in the low half of a 64-bit lane: the form that the 32x32 -> 64 bit multiply wants. Upper
/// halves may hold garbage.
typedef uint64_t wide __attribute__((ext_vector_type(8)));

#define MASK_WORDS 32

/// The lower halves of a and b, paired.
INLINE wide lower_halves(wide a, wide b) {
    ulanes pairs = __builtin_shufflevector(__builtin_bit_cast(ulanes, a), __builtin_bit_cast(ulanes, b), 0, 16, 2, 18, 4,
                                           20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30);
    return __builtin_bit_cast(wide, pairs);
}

/// The 32 n words of the 8 n blocks from `block` on, in order of elements; n <= TK_STREAMS. The n streams take turns in every round: each
/// alone is a chain of multiplications that would leave the multipliers idle.
INLINE void mask_words(const tk_mask *mask, uint64_t block, const size_t n, ulanes *words) {
    const wide low = (wide)(0xffffffffu), count = {0, 1, 2, 3, 4, 5, 6, 7};
    wide x0[TK_STREAMS], x1[TK_STREAMS], x2[TK_STREAMS], x3[TK_STREAMS];
    for (size_t s = 0; s < n; s++) {
        x0[s] = (wide)(block + 8 * s) + count;
        x1[s] = (wide)((uint64_t)mask->site);
        x2[s] = (wide)((uint64_t)mask->shard);
        x3[s] = (wide)((uint64_t)mask->step);
    }
    uint32_t k0 = (uint32_t)mask->seed, k1 = (uint32_t)(mask->seed >> 32);
#pragma clang loop unroll(full)
    for (int round = 0; round < 10; round++) {
#pragma clang loop unroll(full)
        for (size_t s = 0; s < n; s++) {
            wide p0 = (x0[s] & low) * 0xD2511F53u, p1 = (x2[s] & low) * 0xCD9E8D57u;
            x0[s] = (p1 >> 32) ^ x1[s] ^ (uint64_t)k0;
            x1[s] = p1;
            x2[s] = (p0 >> 32) ^ x3[s] ^ (uint64_t)k1;
            x3[s] = p0;
        }
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    for (size_t s = 0; s < n; s++) {
        wide a = lower_halves(x0[s], x1[s]), b = lower_halves(x2[s], x3[s]);
        words[2 * s] = __builtin_bit_cast(ulanes, __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11));
        words[2 * s + 1] = __builtin_bit_cast(ulanes, __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15));
    }
}

/// At most so many elements are masked at once.
#define MASK_CHUNK 4096

/// Which elements are kept, one bit each: from `origin`, a multiple of 4, up to `end`.
typedef struct kept_bits {
    uint64_t origin;
    uint64_t end;
    // The words that elements share with their neighbours at both ends, and one so that any bit has 31 behind it.
    uint32_t words[MASK_CHUNK / MASK_WORDS + 2];
} kept_bits;

INLINE uint32_t kept_lanes(ulanes random, uint32_t threshold) {
    typedef _Bool flags __attribute__((ext_vector_type(16)));
    return __builtin_bit_cast(uint16_t, __builtin_convertvector(random >= (ulanes)(threshold), flags));
}

INLINE void generate_words(uint32_t *bits, const tk_mask *mask, uint64_t block, const size_t n) {
    ulanes random[2 * TK_STREAMS];
    mask_words(mask, block, n, random);
    for (size_t s = 0; s < n; s++) {
        bits[s] = kept_lanes(random[2 * s], mask->threshold) | kept_lanes(random[2 * s + 1], mask->threshold) << LANES;
    }
}

/// Generates the bits of n <= MASK_CHUNK elements.
static __attribute__((noinline)) void generate(kept_bits *kept, const tk_mask *shared_mask, uint64_t first, size_t n) {
    // A copy, so that the compiler knows that no store changes it.
    const tk_mask mask = *shared_mask;
    kept->origin = first - first % 4;
    kept->end = first + n;
    const size_t words = (first % 4 + n + MASK_WORDS - 1) / MASK_WORDS;
    const uint64_t block = first / 4;
    size_t w = 0;
    for (; w + TK_STREAMS <= words; w += TK_STREAMS) {
        generate_words(kept->words + w, &mask, block + w * (MASK_WORDS / 4), TK_STREAMS);
    }
    for (; w < words; w++) generate_words(kept->words + w, &mask, block + w * (MASK_WORDS / 4), 1);
    kept->words[words] = 0;
}

/// How many elements from index `start` of a row are masked at once.
INLINE size_t run_length(size_t cols, size_t start) {
    return cols - start < MASK_CHUNK ? cols - start : MASK_CHUNK;
}

/// Makes sure that `kept` (with end = 0 at first) holds the bits of the run of n elements from `first` on, of rows of cols
/// elements. Where rows fit, as many as do are generated at once, `left` elements at most.
INLINE void require(kept_bits *kept, const tk_mask *mask, uint64_t first, size_t n, size_t left, size_t cols) {
    if (first + n <= kept->end && first >= kept->origin) return;
    if (cols <= MASK_CHUNK) {
        const size_t most = MASK_CHUNK - MASK_CHUNK % cols;
        n = left < most ? left : most;
    }
    generate(kept, mask, first, n);
}

/// x times scale where the elements from `element` on are kept, else 0.
INLINE lanes keep(lanes x, const kept_bits *kept, uint64_t element, float scale) {
    const ulanes bit = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768};
    const size_t at = element - kept->origin;
    uint32_t bits;
    memcpy(&bits, (const uint8_t *)kept->words + at / 8, sizeof bits);
    return ((ulanes)(bits >> at % 8) & bit) != 0 ? x * scale : splat(0.0f);
}

/// Runs the statements over runs of elements: `count` from index `done` of the arrays, whose bits are in `kept`.
#define FOR_KEPT(n, first_element, mask, ...)                                                       \
    for (size_t done = 0; done < (n);) {                                                            \
        kept_bits kept;                                                                             \
        const size_t count = (n) - done < MASK_CHUNK ? (n) - done : MASK_CHUNK;                     \
        generate(&kept, (mask), (first_element) + done, count);                                     \
        __VA_ARGS__                                                                                 \
        done += count;                                                                              \
    }

void TK(dropout)(const float *src, float *dst, size_t n, uint64_t first_element, const tk_mask *mask) {
    const float scale = mask->scale;
    FOR_KEPT(n, first_element, mask, {
        const float *from = src + done;
        float *to = dst + done;
        FOR_LANES(count, { SET(to, keep(GET(from), &kept, first_element + done + i, scale)); });
    });
}

void TK(random_words)(uint32_t *out, size_t n, uint64_t first_element, const tk_mask *mask) {
    for (size_t done = 0; done < n;) {
        uint64_t element = first_element + done;
        ulanes words[MASK_WORDS / LANES];
        mask_words(mask, element / 4, 1, words);
        size_t available = MASK_WORDS - element % 4;
        size_t count = n - done < available ? n - done : available;
        memcpy(out + done, (const uint32_t *)words + element % 4, count * sizeof *out);
        done += count;
    }
}
