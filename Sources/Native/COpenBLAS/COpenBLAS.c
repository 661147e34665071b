#define _GNU_SOURCE
#include "COpenBLAS.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static troupe_openblas library;
static char failure[512];

static void fail(const char *what) {
    const char *reason = dlerror();
    snprintf(failure, sizeof failure, "%s: %s", what, reason != NULL ? reason : "not found");
}

static void load(void) {
    __builtin_cpu_init();
    const int avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                       __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
    if (avx512) setenv("OPENBLAS_CORETYPE", "SkylakeX", 0);
    setenv("OPENBLAS_NUM_THREADS", "1", 0);

    void *handle = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL) return fail("cannot load OpenBLAS (package libopenblas0)");
    library.sgemm = (troupe_sgemm)dlsym(handle, "cblas_sgemm");
    library.dgemm = (troupe_dgemm)dlsym(handle, "cblas_dgemm");
    void (*set_threads)(int) = (void (*)(int))dlsym(handle, "openblas_set_num_threads");
    char *(*configuration)(void) = (char *(*)(void))dlsym(handle, "openblas_get_config");
    char *(*core_name)(void) = (char *(*)(void))dlsym(handle, "openblas_get_corename");
    if (library.sgemm == NULL || library.dgemm == NULL || set_threads == NULL || configuration == NULL ||
        core_name == NULL) {
        return fail("libopenblas.so.0 lacks a function");
    }
    set_threads(1);
    library.configuration = configuration();
    library.core_name = core_name();
}

const troupe_openblas *troupe_openblas_load(const char **error) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, load);
    if (failure[0] != 0) {
        *error = failure;
        return NULL;
    }
    return &library;
}
