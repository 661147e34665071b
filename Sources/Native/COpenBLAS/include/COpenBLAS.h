#pragma once
/// OpenBLAS, opened at run time instead of linked: it picks its kernels when it is loaded, from the environment and from
/// a CPU list older than some CPUs, so the environment has to be prepared first; and machines without it need none.

/// Elements are row-major (order 101) or column-major (102); transposition is 111 (no) or 112 (yes).
typedef void (*troupe_sgemm)(int order, int transpose_a, int transpose_b, int m, int n, int k, float alpha,
                             const float *a, int lda, const float *b, int ldb, float beta, float *c, int ldc);
typedef void (*troupe_dgemm)(int order, int transpose_a, int transpose_b, int m, int n, int k, double alpha,
                             const double *a, int lda, const double *b, int ldb, double beta, double *c, int ldc);

/// What a loaded OpenBLAS offers. The strings live as long as the process.
typedef struct troupe_openblas {
    troupe_sgemm sgemm;
    troupe_dgemm dgemm;
    /// The library's build configuration with its version.
    const char *configuration;
    /// The name of the kernels in use, such as "SkylakeX".
    const char *core_name;
} troupe_openblas;

/// Loads libopenblas.so.0 (once; later calls return the same) and limits it to the calling thread.
///
/// Before loading it sets, unless they are set already, OPENBLAS_CORETYPE (SkylakeX on CPUs with AVX-512) and
/// OPENBLAS_NUM_THREADS (1) in this process's environment. Other threads should not read or change the environment
/// meanwhile. Returns NULL, and an explanation in `error`, when the library or a function of it is missing.
const troupe_openblas *troupe_openblas_load(const char **error);
