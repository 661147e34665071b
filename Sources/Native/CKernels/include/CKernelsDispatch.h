#pragma once
/// Which instruction set the kernels use. The best one that CPU and operating system support is chosen at load time.
#include <stdbool.h>

typedef enum troupe_kernels {
    /// SSE2: every x86-64 CPU.
    TROUPE_KERNELS_DEFAULT = 0,
    /// AVX2.
    TROUPE_KERNELS_AVX2 = 1,
    /// AVX-512 F, BW, DQ and VL.
    TROUPE_KERNELS_AVX512 = 2,
    /// AVX-512 F, BW, DQ, VL and BF16.
    TROUPE_KERNELS_AVX512_BF16 = 3,
} troupe_kernels;

/// The number of variants; they are numbered from 0.
#define TROUPE_KERNELS_VARIANTS 4

/// Whether this machine can run `variant`.
bool troupe_kernels_supported(troupe_kernels variant);

/// The variant in use.
troupe_kernels troupe_kernels_variant(void);

/// Switches every later call to `variant`; for tests and benchmarks. Returns false, and changes nothing, when this
/// machine cannot run it. Safe while other threads run kernels: each call uses one variant throughout.
bool troupe_kernels_force(troupe_kernels variant);

/// "default", "avx2", "avx512" or "avx512bf16".
const char *troupe_kernels_name(troupe_kernels variant);
