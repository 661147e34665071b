/// Philox4x32-10 on eight counters at once, and dropout.

/// Eight 32-bit values, each in the low half of a 64-bit lane: the form that the 32x32 -> 64 bit multiply wants. Upper
/// halves may hold garbage.
typedef uint64_t wide __attribute__((ext_vector_type(8)));

#define MASK_WORDS 32

/// The 32 words of the eight blocks block ..< block + 8, in order of elements.
INLINE void mask_words(const tk_mask *mask, uint64_t block, uint32_t words[MASK_WORDS]) {
    const wide low = (wide)(0xffffffffu);
    wide x0 = (wide)(block) + (wide){0, 1, 2, 3, 4, 5, 6, 7};
    wide x1 = (wide)((uint64_t)mask->site), x2 = (wide)((uint64_t)mask->shard), x3 = (wide)((uint64_t)mask->step);
    uint32_t k0 = (uint32_t)mask->seed, k1 = (uint32_t)(mask->seed >> 32);
    for (int round = 0; round < 10; round++) {
        wide p0 = (x0 & low) * 0xD2511F53u, p1 = (x2 & low) * 0xCD9E8D57u;
        x0 = (p1 >> 32) ^ x1 ^ (uint64_t)k0;
        x1 = p1;
        x2 = (p0 >> 32) ^ x3 ^ (uint64_t)k1;
        x3 = p0;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    wide a = (x0 & low) | (x1 << 32), b = (x2 & low) | (x3 << 32);
    wide first = __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
    wide second = __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
    memcpy(words, &first, sizeof first);
    memcpy(words + LANES, &second, sizeof second);
}

/// Runs the statements over runs of elements that come from one group of eight blocks: `count` elements from index `done` of the
/// arrays, whose words start at `words`.
#define FOR_WORDS(n, first_element, mask, ...)                                                      \
    for (size_t done = 0; done < (n);) {                                                            \
        uint32_t group[MASK_WORDS];                                                                 \
        uint64_t element = (first_element) + done;                                                  \
        mask_words((mask), element / 4, group);                                                     \
        const uint32_t *words = group + element % 4;                                                \
        size_t available = MASK_WORDS - element % 4;                                                \
        size_t count = (n) - done < available ? (n) - done : available;                             \
        __VA_ARGS__                                                                                 \
        done += count;                                                                              \
    }

INLINE lanes keep(lanes x, const uint32_t *words, const tk_mask *mask) {
    ulanes random;
    memcpy(&random, words, sizeof random);
    return random >= (ulanes)(mask->threshold) ? x * mask->scale : splat(0.0f);
}

/// dst = dropout(src) + base, base being 0 when it is NULL. The mask is a copy so that the compiler knows that no store
/// changes it.
INLINE void dropout_add(const float *src, const float *base, float *dst, size_t n, uint64_t first_element,
                        const tk_mask *shared_mask) {
    const tk_mask mask = *shared_mask;
    FOR_WORDS(n, first_element, &mask, {
        if (count == MASK_WORDS) {
            for (size_t half = 0; half < MASK_WORDS; half += LANES) {
                size_t i = done + half;
                lanes kept = keep(load(src + i), words + half, &mask);
                store(dst + i, base != NULL ? load(base + i) + kept : kept);
            }
        } else {
            for (size_t j = 0; j < count; j++) {
                size_t i = done + j;
                float kept = words[j] >= mask.threshold ? src[i] * mask.scale : 0.0f;
                dst[i] = base != NULL ? base[i] + kept : kept;
            }
        }
    });
}

void TK(dropout)(const float *src, float *dst, size_t n, uint64_t first_element, const tk_mask *mask) {
    dropout_add(src, NULL, dst, n, first_element, mask);
}

void TK(random_words)(uint32_t *out, size_t n, uint64_t first_element, const tk_mask *mask) {
    FOR_WORDS(n, first_element, mask, { memcpy(out + done, words, count * sizeof *out); });
}
