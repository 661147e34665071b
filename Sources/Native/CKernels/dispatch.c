#include "CKernels.h"
#include "kernel_list.h"

/// One pointer per kernel; there is one table per variant.
typedef struct tk_table {
#define K(result, name, parameters, arguments) result(*name) parameters;
    TK_ALL_KERNELS
#undef K
} tk_table;

#define K(result, name, parameters, arguments)   \
    result tk_##name##_default parameters;       \
    result tk_##name##_avx2 parameters;          \
    result tk_##name##_avx512 parameters;        \
    result tk_##name##_avx512bf16 parameters;
TK_ALL_KERNELS
#undef K

static const tk_table tables[TROUPE_KERNELS_VARIANTS] = {
    {
#define K(result, name, parameters, arguments) .name = tk_##name##_default,
        TK_ALL_KERNELS
#undef K
    },
    {
#define K(result, name, parameters, arguments) .name = tk_##name##_avx2,
        TK_ALL_KERNELS
#undef K
    },
    {
#define K(result, name, parameters, arguments) .name = tk_##name##_avx512,
        TK_ALL_KERNELS
#undef K
    },
    {
#define K(result, name, parameters, arguments) .name = tk_##name##_avx512bf16,
        TK_ALL_KERNELS
#undef K
    },
};

static _Atomic(troupe_kernels) active = TROUPE_KERNELS_DEFAULT;

bool troupe_kernels_supported(troupe_kernels variant) {
    __builtin_cpu_init();
    switch (variant) {
        case TROUPE_KERNELS_DEFAULT:
            return true;
        case TROUPE_KERNELS_AVX2:
            return __builtin_cpu_supports("avx2");
        case TROUPE_KERNELS_AVX512:
            return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                   __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
        case TROUPE_KERNELS_AVX512_BF16:
            return troupe_kernels_supported(TROUPE_KERNELS_AVX512) && __builtin_cpu_supports("avx512bf16");
    }
    return false;
}

/// Runs when the program is loaded, before any thread can call a kernel.
__attribute__((constructor)) static void choose_variant(void) {
    for (int variant = TROUPE_KERNELS_VARIANTS - 1; variant > 0; variant--) {
        if (troupe_kernels_force((troupe_kernels)variant)) return;
    }
}

troupe_kernels troupe_kernels_variant(void) {
    return __c11_atomic_load(&active, __ATOMIC_RELAXED);
}

bool troupe_kernels_force(troupe_kernels variant) {
    if (!troupe_kernels_supported(variant)) return false;
    __c11_atomic_store(&active, variant, __ATOMIC_RELAXED);
    return true;
}

const char *troupe_kernels_name(troupe_kernels variant) {
    static const char *const names[TROUPE_KERNELS_VARIANTS] = {"default", "avx2", "avx512", "avx512bf16"};
    return (unsigned)variant < TROUPE_KERNELS_VARIANTS ? names[variant] : "unknown";
}

#define K(result, name, parameters, arguments) \
    result tk_##name parameters { return tables[troupe_kernels_variant()].name arguments; }
TK_ALL_KERNELS
#undef K
