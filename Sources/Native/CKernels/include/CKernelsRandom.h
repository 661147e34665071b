#pragma once
/// Counter-based random numbers: Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011)
/// and dropout that regenerates its mask instead of storing it. General rules: CKernels.h.
#include <stddef.h>
#include <stdint.h>

/// One Philox4x32-10 block: out = philox(counter, key). out may be counter.
void tk_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);

/// One dropout mask: which elements of the tensor at `site` are dropped in logical shard `shard` of step `step`.
///
/// Element e is dropped when word (e mod 4) of philox(counter, key) is below `threshold`, where
///   key     = { seed mod 2^32, seed / 2^32 }
///   counter = { e / 4, site, shard, step }
/// so a mask is a function of (seed, step, shard, site, e) alone. e < 2^34.
typedef struct tk_mask {
    uint64_t seed;
    uint32_t step;
    uint32_t shard;
    uint32_t site;
    /// The drop probability times 2^32; 0 drops nothing.
    uint32_t threshold;
    /// What kept elements are multiplied by: 1 / (1 - rate).
    float scale;
} tk_mask;

/// dst[i] = src[i] * scale where element first_element + i is kept, else 0. Forward and backward are the same function.
void tk_dropout(const float *src, float *dst, size_t n, uint64_t first_element, const tk_mask *mask);

/// out[i] = the random word of element first_element + i of the stream (seed, step, shard, site) of `mask`.
void tk_random_words(uint32_t *out, size_t n, uint64_t first_element, const tk_mask *mask);
