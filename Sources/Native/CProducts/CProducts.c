#include "CProducts.h"

#include <cpuid.h>
#include <immintrin.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))
#define OVERLOADED __attribute__((overloadable))
#define UNROLL _Pragma("clang loop unroll(full)")
#define MOST_ROWS 6
#define PANEL_VECTORS 4

typedef void tile_function(const tp_product *p, size_t units, const char *a, size_t row_bytes, const char *panel,
                           const float *bias, char *c, size_t columns);

bool tp_is_available(bool bfloat16_operands) {
    __builtin_cpu_init();
    const bool has_avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                            __builtin_cpu_supports("avx512vl");
    if (!bfloat16_operands || !has_avx512) return has_avx512;
    unsigned a = 0, b = 0, c = 0, d = 0;
    const bool has_tiles = __get_cpuid_count(7, 0, &a, &b, &c, &d) && (d & (1u << 22)) != 0;
    return __builtin_cpu_supports("avx512bf16") && !has_tiles;
}

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512bf16"))), apply_to = function)

INLINE __mmask16 first_lanes(size_t count) {
    return count >= 16 ? 0xffff : (__mmask16)((1u << count) - 1);
}

INLINE OVERLOADED __m512 load(const float *c, __mmask16 mask) {
    return _mm512_maskz_loadu_ps(mask, c);
}

INLINE OVERLOADED __m512 load(const uint16_t *c, __mmask16 mask) {
    const __m512i values = _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(mask, c));
    return _mm512_castsi512_ps(_mm512_slli_epi32(values, 16));
}

INLINE OVERLOADED void store(float *c, __mmask16 mask, __m512 sum) {
    _mm512_mask_storeu_ps(c, mask, sum);
}

/// The conversion takes subnormal numbers for 0, as the multiplication of bfloat16 does.
INLINE OVERLOADED void store(uint16_t *c, __mmask16 mask, __m512 sum) {
    _mm256_mask_storeu_epi16(c, mask, (__m256i)_mm512_cvtneps_pbh(sum));
}

#define WRITE_SUMS(type)                                                                                          \
    INLINE OVERLOADED void write_sums(const int rows, const int vectors, __m512 sums[MOST_ROWS][PANEL_VECTORS],    \
                                      bool accumulate, type *c, size_t ldc, size_t columns) {                     \
        UNROLL for (int v = 0; v < vectors; v++) {                                                                \
            const __mmask16 mask = first_lanes(columns - 16 * (size_t)v);                                         \
            UNROLL for (int i = 0; i < rows; i++) {                                                               \
                type *place = c + (size_t)i * ldc + 16 * v;                                                       \
                if (accumulate) sums[i][v] = _mm512_add_ps(load(place, mask), sums[i][v]);                        \
                store(place, mask, sums[i][v]);                                                                   \
            }                                                                                                     \
        }                                                                                                         \
    }
WRITE_SUMS(float)
WRITE_SUMS(uint16_t)
#undef WRITE_SUMS

#define IS_BFLOAT16 0
#define NAME(x) float32_##x
#include "tiles.h"
#undef IS_BFLOAT16
#undef NAME
#define IS_BFLOAT16 1
#define NAME(x) bfloat16_##x
#include "tiles.h"
#undef IS_BFLOAT16
#undef NAME

/// Mirrors sixteen rows of sixteen units at their diagonal: rows 2^s apart swap, for each s, the half of their lanes that
/// differs in bit s.
INLINE void transpose(__m512i rows[16]) {
    for (int distance = 8; distance > 0; distance /= 2) {
        int upper[16], lower[16];
        for (int lane = 0; lane < 16; lane++) {
            upper[lane] = lane & distance ? lane - distance + 16 : lane;
            lower[lane] = lane & distance ? lane + 16 : lane + distance;
        }
        const __m512i first = _mm512_loadu_si512(upper), second = _mm512_loadu_si512(lower);
        for (int i = 0; i < 16; i++) {
            if (i & distance) continue;
            const __m512i x = rows[i], y = rows[i + distance];
            rows[i] = _mm512_permutex2var_epi32(x, first, y);
            rows[i + distance] = _mm512_permutex2var_epi32(x, second, y);
        }
    }
}

INLINE __mmask32 first_halves(size_t count) {
    return count >= 32 ? 0xffffffffu : (__mmask32)((1ull << count) - 1);
}

INLINE size_t smaller(size_t x, size_t y) {
    return x < y ? x : y;
}

/// Sixteen units of a row that holds `count` more elements; zeros after its end.
INLINE __m512i load_units(bool bfloat16, const char *row, size_t count) {
    return bfloat16 ? _mm512_maskz_loadu_epi16(first_halves(count), row)
                    : _mm512_maskz_loadu_epi32(first_lanes(count), row);
}

/// Sixteen units from down the columns of a matrix with `count` more rows, two of which make a unit in bfloat16.
INLINE __m512i load_column_units(bool bfloat16, const char *row, size_t row_bytes, size_t count, size_t columns) {
    const __mmask16 mask = first_lanes(columns);
    if (!bfloat16) return _mm512_maskz_loadu_epi32(mask, row);
    const __m512i low = _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(mask, row));
    if (count < 2) return low;
    const __m512i high = _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(mask, row + row_bytes));
    return _mm512_or_si512(low, _mm512_slli_epi32(high, 16));
}

INLINE size_t unit_count(bool bfloat16, size_t k) {
    return bfloat16 ? (k + 1) / 2 : k;
}

/// One panel from a transposed B: its columns lie in the rows of the memory.
INLINE void pack_rows(const bool bfloat16, const tp_product *p, const char *b, size_t columns, char *panel) {
    const size_t units = unit_count(bfloat16, p->k), size = bfloat16 ? 2 : 4, per_unit = bfloat16 ? 2 : 1;
    for (size_t u = 0; u < units; u += 16) {
        const size_t height = smaller(16, units - u), elements = p->k - u * per_unit;
        for (size_t start = 0; start < tp_panel; start += 16) {
            __m512i block[16];
            for (size_t j = 0; j < 16; j++) {
                const char *row = b + ((start + j) * p->ldb + u * per_unit) * size;
                block[j] = start + j < columns ? load_units(bfloat16, row, elements) : _mm512_setzero_si512();
            }
            transpose(block);
            for (size_t i = 0; i < height; i++) _mm512_store_si512(panel + ((u + i) * tp_panel + start) * 4, block[i]);
        }
    }
}

/// One panel from a B that is not transposed.
INLINE void pack_columns(const bool bfloat16, const tp_product *p, const char *b, size_t columns, char *panel) {
    const size_t units = unit_count(bfloat16, p->k), size = bfloat16 ? 2 : 4, per_unit = bfloat16 ? 2 : 1;
    for (size_t u = 0; u < units; u++) {
        const char *row = b + u * per_unit * p->ldb * size;
        for (size_t start = 0; start < tp_panel; start += 16) {
            const size_t left = columns > start ? columns - start : 0;
            const __m512i values =
                load_column_units(bfloat16, row + start * size, p->ldb * size, p->k - u * per_unit, left);
            _mm512_store_si512(panel + (u * tp_panel + start) * 4, values);
        }
    }
}

void tp_pack(const tp_product *p, const void *b, void *panels) {
    const size_t bytes = tp_panel_bytes(p->bfloat16_operands, p->k), size = p->bfloat16_operands ? 2 : 4;
    char *panel = panels;
    for (size_t column = 0; column < p->n; column += tp_panel, panel += bytes) {
        const size_t columns = smaller(tp_panel, p->n - column);
        const char *first = (const char *)b + (p->transpose_b ? column * p->ldb : column) * size;
        if (p->bfloat16_operands) {
            (p->transpose_b ? pack_rows : pack_columns)(true, p, first, columns, panel);
        } else {
            (p->transpose_b ? pack_rows : pack_columns)(false, p, first, columns, panel);
        }
    }
}

/// The rows of op(A), dense and in whole units.
INLINE void copy_rows(const bool bfloat16, const tp_product *p, const char *a, char *rows) {
    const size_t units = unit_count(bfloat16, p->k), size = bfloat16 ? 2 : 4, per_unit = bfloat16 ? 2 : 1;
    for (size_t u = 0; u < units; u += 16) {
        const size_t width = smaller(16, units - u);
        for (size_t row = 0; row < p->m; row += 16) {
            const size_t height = smaller(16, p->m - row);
            __m512i block[16];
            for (size_t i = 0; i < 16; i++) {
                const size_t element = p->transpose_a ? (u + i) * per_unit : u * per_unit;
                if (i >= (p->transpose_a ? width : height)) {
                    block[i] = _mm512_setzero_si512();
                } else if (p->transpose_a) {
                    const char *from = a + (element * p->lda + row) * size;
                    block[i] = load_column_units(bfloat16, from, p->lda * size, p->k - element, height);
                } else {
                    block[i] = load_units(bfloat16, a + ((row + i) * p->lda + element) * size, p->k - element);
                }
            }
            if (p->transpose_a) transpose(block);
            for (size_t i = 0; i < height; i++) {
                _mm512_mask_storeu_epi32(rows + ((row + i) * units + u) * 4, first_lanes(width), block[i]);
            }
        }
    }
}

static void copy_a(const tp_product *p, const char *a, char *rows) {
    if (p->bfloat16_operands) {
        copy_rows(true, p, a, rows);
    } else {
        copy_rows(false, p, a, rows);
    }
}

static void multiply_panels(const tp_product *p, const char *a, size_t row_bytes, const char *panels,
                            const float *bias, char *c) {
    const size_t units = unit_count(p->bfloat16_operands, p->k), bytes = units * tp_panel * 4;
    const size_t result_size = p->bfloat16_result ? 2 : 4;
    for (size_t column = 0; column < p->n; column += tp_panel, panels += bytes) {
        const size_t columns = smaller(tp_panel, p->n - column), vectors = (columns + 15) / 16;
        // Rows are shared out evenly: a tile of one or two rows would wait for its own sums.
        size_t groups = (p->m + MOST_ROWS - 1) / MOST_ROWS;
        for (size_t row = 0; row < p->m; groups--) {
            const size_t rows = (p->m - row + groups - 1) / groups;
            tile_function *tile = p->bfloat16_operands ? bfloat16_tiles[rows - 1][vectors - 1]
                                                       : float32_tiles[rows - 1][vectors - 1];
            tile(p, units, a + row * row_bytes, row_bytes, panels, bias == NULL ? NULL : bias + column,
                 c + (row * p->ldc + column) * result_size, columns);
            row += rows;
        }
    }
}

#pragma clang attribute pop

size_t tp_panel_bytes(bool bfloat16_operands, size_t k) {
    return (bfloat16_operands ? (k + 1) / 2 : k) * tp_panel * 4;
}

/// The calling thread's scratch memory, kept for the next product.
typedef struct scratch {
    void *bytes;
    size_t count;
} scratch;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;

static void destroy(void *pointer) {
    free(((scratch *)pointer)->bytes);
    free(pointer);
}

static void initialize(void) {
    pthread_key_create(&key, destroy);
}

static char *reserve(size_t count) {
    pthread_once(&once, initialize);
    scratch *own = pthread_getspecific(key);
    if (own == NULL) {
        own = calloc(1, sizeof *own);
        if (own == NULL) return NULL;
        pthread_setspecific(key, own);
    }
    if (count > own->count) {
        free(own->bytes);
        own->bytes = aligned_alloc(64, count);
        own->count = own->bytes == NULL ? 0 : count;
    }
    return own->bytes;
}

bool tp_multiply(const tp_product *p, const void *a, const void *b, const float *bias, void *c) {
    const bool copies_a = p->transpose_a || (p->bfloat16_operands && p->k % 2 != 0);
    const size_t panel_bytes = tp_panel_bytes(p->bfloat16_operands, p->k);
    const size_t b_bytes = p->packed_b ? 0 : (p->n + tp_panel - 1) / tp_panel * panel_bytes;
    const size_t units = panel_bytes / (4 * tp_panel), a_bytes = copies_a ? (p->m * units * 4 + 63) / 64 * 64 : 0;
    size_t row_bytes = p->lda * (p->bfloat16_operands ? 2 : 4);
    if (a_bytes + b_bytes > 0) {
        char *memory = reserve(a_bytes + b_bytes);
        if (memory == NULL) return false;
        if (b_bytes > 0) {
            tp_pack(p, b, memory);
            b = memory;
        }
        if (copies_a) {
            copy_a(p, a, memory + b_bytes);
            a = memory + b_bytes;
            row_bytes = units * 4;
        }
    }
    multiply_panels(p, a, row_bytes, b, bias, c);
    return true;
}
