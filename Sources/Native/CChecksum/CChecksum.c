#include "CChecksum.h"

#include <string.h>

/// The reflected Castagnoli polynomial.
#define POLYNOMIAL 0x82f63b78u

/// The long loop interleaves three stretches of this many bytes: the instruction takes three cycles but starts every
/// cycle.
#define STRETCH 1024

/// table[0] steps by one byte; table[k] is the effect of a byte that k more bytes follow.
static uint32_t table[8][256];
/// The effect on the checksum of STRETCH zero bytes, by each byte of the checksum (the map is linear).
static uint32_t skip[4][256];
static int has_instruction;

static uint32_t step_zeros(uint32_t crc, size_t n) {
    for (size_t i = 0; i < n; i++) crc = crc >> 8 ^ table[0][crc & 0xff];
    return crc;
}

/// Runs when the program is loaded, before any thread can ask for a checksum.
__attribute__((constructor)) static void prepare(void) {
    __builtin_cpu_init();
    has_instruction = __builtin_cpu_supports("sse4.2");
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t crc = byte;
        for (int bit = 0; bit < 8; bit++) crc = crc & 1 ? crc >> 1 ^ POLYNOMIAL : crc >> 1;
        table[0][byte] = crc;
    }
    for (int k = 1; k < 8; k++) {
        for (uint32_t byte = 0; byte < 256; byte++) table[k][byte] = step_zeros(table[k - 1][byte], 1);
    }
    uint32_t of_bit[32];
    for (int bit = 0; bit < 32; bit++) of_bit[bit] = step_zeros(1u << bit, STRETCH);
    for (int k = 0; k < 4; k++) {
        for (uint32_t byte = 0; byte < 256; byte++) {
            skip[k][byte] = 0;
            for (int bit = 0; bit < 8; bit++) {
                if (byte >> bit & 1) skip[k][byte] ^= of_bit[8 * k + bit];
            }
        }
    }
}

/// The checksum register after STRETCH zero bytes.
static inline uint32_t skip_stretch(uint32_t crc) {
    return skip[0][crc & 0xff] ^ skip[1][crc >> 8 & 0xff] ^ skip[2][crc >> 16 & 0xff] ^ skip[3][crc >> 24];
}

static inline uint64_t load_word(const uint8_t *p) {
    uint64_t word;
    memcpy(&word, p, sizeof word);
    return word;
}

uint32_t troupe_crc32c_table(uint32_t seed, const void *bytes, size_t n) {
    const uint8_t *p = bytes;
    uint32_t crc = ~seed;
    for (; n >= 8; n -= 8, p += 8) {
        uint64_t word = load_word(p) ^ crc;
        crc = 0;
        for (int k = 0; k < 8; k++) crc ^= table[7 - k][word >> (8 * k) & 0xff];
    }
    for (; n > 0; n--, p++) crc = crc >> 8 ^ table[0][(crc ^ *p) & 0xff];
    return ~crc;
}

__attribute__((target("sse4.2"))) static uint32_t by_instruction(uint32_t seed, const uint8_t *p, size_t n) {
    uint64_t crc = ~seed;
    for (; n >= 3 * STRETCH; n -= 3 * STRETCH, p += 3 * STRETCH) {
        uint64_t second = 0, third = 0;
        for (size_t i = 0; i < STRETCH; i += 8) {
            crc = __builtin_ia32_crc32di(crc, load_word(p + i));
            second = __builtin_ia32_crc32di(second, load_word(p + STRETCH + i));
            third = __builtin_ia32_crc32di(third, load_word(p + 2 * STRETCH + i));
        }
        crc = skip_stretch((uint32_t)crc) ^ second;
        crc = skip_stretch((uint32_t)crc) ^ third;
    }
    for (; n >= 8; n -= 8, p += 8) crc = __builtin_ia32_crc32di(crc, load_word(p));
    uint32_t tail = (uint32_t)crc;
    for (; n > 0; n--, p++) tail = __builtin_ia32_crc32qi(tail, *p);
    return ~tail;
}

uint32_t troupe_crc32c(uint32_t seed, const void *bytes, size_t n) {
    return has_instruction ? by_instruction(seed, bytes, n) : troupe_crc32c_table(seed, bytes, n);
}
