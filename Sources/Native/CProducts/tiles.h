/// The inner loops, compiled once for float32 and once for bfloat16: IS_BFLOAT16 is 0 or 1, NAME(x) names a function.
///
/// A unit is what 32 bits hold: one float32, or two bfloat16 elements that follow each other in the summed dimension.

/// Sums of `rows` x 16·`vectors` elements of C over all units. `a` points to the first unit of the first row.
INLINE void NAME(tile)(const int rows, const int vectors, const tp_product *p, size_t units, const char *a,
                       size_t row_bytes, const char *panel, const float *bias, char *c, size_t columns) {
    __m512 sums[MOST_ROWS][PANEL_VECTORS];
    UNROLL for (int i = 0; i < rows; i++) {
        UNROLL for (int v = 0; v < vectors; v++) sums[i][v] = _mm512_setzero_ps();
    }
    for (size_t u = 0; u < units; u++, a += 4, panel += 4 * tp_panel) {
        __m512 b[PANEL_VECTORS];
        UNROLL for (int v = 0; v < vectors; v++) b[v] = _mm512_load_ps((const float *)panel + 16 * v);
        UNROLL for (int i = 0; i < rows; i++) {
            float unit;
            memcpy(&unit, a + (size_t)i * row_bytes, 4);
            const __m512 x = _mm512_set1_ps(unit);
            UNROLL for (int v = 0; v < vectors; v++) {
#if IS_BFLOAT16
                sums[i][v] = _mm512_dpbf16_ps(sums[i][v], (__m512bh)x, (__m512bh)b[v]);
#else
                sums[i][v] = _mm512_fmadd_ps(x, b[v], sums[i][v]);
#endif
            }
        }
    }
    // Unrolled, so that the sums never leave their registers.
    UNROLL for (int v = 0; v < vectors; v++) {
        const __mmask16 mask = first_lanes(columns - 16 * (size_t)v);
        if (bias != NULL) {
            const __m512 shift = _mm512_maskz_loadu_ps(mask, bias + 16 * v);
            UNROLL for (int i = 0; i < rows; i++) sums[i][v] = _mm512_add_ps(sums[i][v], shift);
        }
    }
    if (p->bfloat16_result) {
        write_sums(rows, vectors, sums, p->accumulate, (uint16_t *)c, p->ldc, columns);
    } else {
        write_sums(rows, vectors, sums, p->accumulate, (float *)c, p->ldc, columns);
    }
}

#define TILE(rows, vectors)                                                                                     \
    static void NAME(tile_##rows##_##vectors)(const tp_product *p, size_t units, const char *a, size_t row_bytes, \
                                              const char *panel, const float *bias, char *c, size_t columns) {   \
        NAME(tile)(rows, vectors, p, units, a, row_bytes, panel, bias, c, columns);                              \
    }
#define TILES(rows) TILE(rows, 1) TILE(rows, 2) TILE(rows, 3) TILE(rows, 4)
TILES(1) TILES(2) TILES(3) TILES(4) TILES(5) TILES(6)
#undef TILE
#undef TILES

static tile_function *const NAME(tiles)[MOST_ROWS][PANEL_VECTORS] = {
#define TILES(rows) {NAME(tile_##rows##_1), NAME(tile_##rows##_2), NAME(tile_##rows##_3), NAME(tile_##rows##_4)}
    TILES(1), TILES(2), TILES(3), TILES(4), TILES(5), TILES(6),
#undef TILES
};
