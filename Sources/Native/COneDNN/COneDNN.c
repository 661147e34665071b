#include "COneDNN.h"

#include <dnnl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/// oneDNN brings its OpenMP runtime along; a build without OpenMP has no such function and needs none.
extern void omp_set_num_threads(int) __attribute__((weak));

enum { SRC, WEIGHTS, BIAS, DST, OPERANDS };

/// One compiled product. `key` has zeros for what the kernel is told only when it runs.
typedef struct kernel {
    troupe_dnnl_product key;
    dnnl_primitive_t primitive;
    dnnl_status_t status;
    /// The library's handles of operands, which are pointed at new addresses from call to call; NULL until the first one
    /// and where sizes differ between calls.
    dnnl_memory_t memories[OPERANDS];
    bool at_run_time;
    struct kernel *next;
} kernel;

#define BUCKETS 64

/// What one thread has compiled. oneDNN's scratch memory belongs to the thread that made a primitive, so primitives are
/// not shared between threads.
typedef struct thread_state {
    dnnl_stream_t stream;
    kernel *buckets[BUCKETS];
} thread_state;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t state_key;
static dnnl_engine_t engine;

static void destroy_state(void *pointer) {
    thread_state *state = pointer;
    for (int bucket = 0; bucket < BUCKETS; bucket++) {
        for (kernel *entry = state->buckets[bucket]; entry != NULL;) {
            kernel *next = entry->next;
            if (entry->primitive != NULL) dnnl_primitive_destroy(entry->primitive);
            for (int operand = 0; operand < OPERANDS; operand++) {
                if (entry->memories[operand] != NULL) dnnl_memory_destroy(entry->memories[operand]);
            }
            free(entry);
            entry = next;
        }
    }
    dnnl_stream_destroy(state->stream);
    free(state);
}

static void initialize(void) {
    pthread_key_create(&state_key, destroy_state);
    if (dnnl_engine_create(&engine, dnnl_cpu, 0) != dnnl_success) engine = NULL;
}

static thread_state *current_state(void) {
    pthread_once(&once, initialize);
    thread_state *state = pthread_getspecific(state_key);
    if (state != NULL || engine == NULL) return state;
    state = calloc(1, sizeof *state);
    if (state == NULL) return NULL;
    if (dnnl_stream_create(&state->stream, engine, dnnl_stream_default_flags) != dnnl_success) {
        free(state);
        return NULL;
    }
    pthread_setspecific(state_key, state);
    return state;
}

/// Whether a product gets a kernel of its own: bounded in number, and faster by a few percent.
static bool is_regular(const troupe_dnnl_product *p) {
    return p->m % 64 == 0 && p->n % 64 == 0 && p->k % 64 == 0;
}

/// The descriptors of the four matrices. Dimensions are given now, or left to the time of execution.
static void describe(const troupe_dnnl_product *p, bool at_run_time, dnnl_memory_desc_t descriptors[OPERANDS]) {
    const dnnl_dim_t open = DNNL_RUNTIME_DIM_VAL;
    const dnnl_dim_t m = at_run_time ? open : p->m, n = at_run_time ? open : p->n, k = at_run_time ? open : p->k;
    const dnnl_dim_t lda = at_run_time ? open : p->lda, ldb = at_run_time ? open : p->ldb;
    const dnnl_dim_t ldc = at_run_time ? open : p->ldc;
    const dnnl_data_type_t operand = p->bfloat16_operands ? dnnl_bf16 : dnnl_f32;
    const dnnl_dims_t source = {m, k}, weights = {k, n}, bias = {1, n}, result = {m, n};
    const dnnl_dims_t source_strides = {p->transpose_a ? 1 : lda, p->transpose_a ? lda : 1};
    const dnnl_dims_t weights_strides = {p->transpose_b ? 1 : ldb, p->transpose_b ? ldb : 1};
    const dnnl_dims_t bias_strides = {n, 1}, result_strides = {ldc, 1};
    dnnl_memory_desc_init_by_strides(&descriptors[SRC], 2, source, operand, source_strides);
    dnnl_memory_desc_init_by_strides(&descriptors[WEIGHTS], 2, weights, operand, weights_strides);
    dnnl_memory_desc_init_by_strides(&descriptors[BIAS], 2, bias, dnnl_f32, bias_strides);
    dnnl_memory_desc_init_by_strides(
        &descriptors[DST], 2, result, p->bfloat16_result ? dnnl_bf16 : dnnl_f32, result_strides);
}

static dnnl_status_t compile_product(const troupe_dnnl_product *p, bool at_run_time, dnnl_primitive_t *primitive) {
    dnnl_memory_desc_t descriptors[OPERANDS];
    describe(p, at_run_time, descriptors);
    dnnl_matmul_desc_t operation;
    dnnl_status_t status = dnnl_matmul_desc_init(
        &operation, &descriptors[SRC], &descriptors[WEIGHTS], p->has_bias ? &descriptors[BIAS] : NULL,
        &descriptors[DST]);
    if (status != dnnl_success) return status;

    dnnl_primitive_attr_t attributes;
    dnnl_post_ops_t post_ops;
    dnnl_primitive_attr_create(&attributes);
    dnnl_post_ops_create(&post_ops);
    if (p->accumulate) dnnl_post_ops_append_sum(post_ops, 1.0f);
    dnnl_primitive_attr_set_post_ops(attributes, post_ops);
    dnnl_primitive_desc_t choice;
    status = dnnl_primitive_desc_create(&choice, &operation, attributes, engine, NULL);
    if (status == dnnl_success) {
        // What the library has no kernel for on this CPU it computes by plain loops, hundreds of times slower; better to
        // be told, and to take another way. Plain float32 products have kernels everywhere.
        const char *name = "";
        dnnl_primitive_desc_query(choice, dnnl_query_impl_info_str, 0, &name);
        const bool is_plain_loop = strncmp(name, "ref", 3) == 0 && p->bfloat16_operands;
        status = is_plain_loop ? dnnl_unimplemented : dnnl_primitive_create(primitive, choice);
        dnnl_primitive_desc_destroy(choice);
    }
    dnnl_post_ops_destroy(post_ops);
    dnnl_primitive_attr_destroy(attributes);
    return status;
}

/// The kernel for a product, compiled when it is asked for the first time; NULL without memory.
static kernel *find_kernel(thread_state *state, const troupe_dnnl_product *p) {
    const bool at_run_time = !is_regular(p);
    troupe_dnnl_product key;
    memset(&key, 0, sizeof key);
    if (!at_run_time) {
        key.m = p->m, key.n = p->n, key.k = p->k;
        key.lda = p->lda, key.ldb = p->ldb, key.ldc = p->ldc;
    }
    key.transpose_a = p->transpose_a, key.transpose_b = p->transpose_b;
    key.accumulate = p->accumulate, key.has_bias = p->has_bias;
    key.bfloat16_operands = p->bfloat16_operands, key.bfloat16_result = p->bfloat16_result;

    uint64_t hash = 0;
    const int64_t sizes[] = {key.m, key.n, key.k, key.lda, key.ldb, key.ldc};
    for (int i = 0; i < 6; i++) hash = (hash ^ (uint64_t)sizes[i]) * 0x9E3779B97F4A7C15u;
    kernel **bucket = &state->buckets[hash >> 58];
    for (kernel *entry = *bucket; entry != NULL; entry = entry->next) {
        if (memcmp(&entry->key, &key, sizeof key) == 0) return entry;
    }
    kernel *entry = calloc(1, sizeof *entry);
    if (entry == NULL) return NULL;
    entry->key = key;
    entry->at_run_time = at_run_time;
    entry->status = compile_product(p, at_run_time, &entry->primitive);
    entry->next = *bucket;
    *bucket = entry;
    return entry;
}

int troupe_dnnl_multiply(const troupe_dnnl_product *product, const void *a, const void *b, const float *bias, void *c) {
    if (omp_set_num_threads) omp_set_num_threads(1);
    thread_state *state = current_state();
    kernel *kernel = state == NULL ? NULL : find_kernel(state, product);
    if (kernel == NULL) return dnnl_out_of_memory;
    if (kernel->status != dnnl_success) return kernel->status;

    dnnl_memory_desc_t descriptors[OPERANDS];
    describe(product, false, descriptors);
    // The library asks for pointers it may write to, but reads the operands only.
    void *const addresses[OPERANDS] = {(void *)a, (void *)b, product->has_bias ? (void *)bias : NULL, c};
    static const int names[OPERANDS] = {DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_BIAS, DNNL_ARG_DST};
    dnnl_exec_arg_t arguments[OPERANDS];
    int given = 0;
    dnnl_status_t status = dnnl_success;
    for (int operand = 0; operand < OPERANDS && status == dnnl_success; operand++) {
        if (addresses[operand] == NULL) continue;
        dnnl_memory_t *memory = &kernel->memories[operand];
        if (*memory == NULL) {
            status = dnnl_memory_create(memory, &descriptors[operand], engine, addresses[operand]);
        } else {
            status = dnnl_memory_set_data_handle(*memory, addresses[operand]);
        }
        arguments[given].arg = names[operand];
        arguments[given++].memory = *memory;
    }
    if (status == dnnl_success) status = dnnl_primitive_execute(kernel->primitive, state->stream, given, arguments);
    for (int operand = 0; operand < OPERANDS && kernel->at_run_time; operand++) {
        if (kernel->memories[operand] != NULL) dnnl_memory_destroy(kernel->memories[operand]);
        kernel->memories[operand] = NULL;
    }
    return status;
}

void troupe_dnnl_version(int *major, int *minor, int *patch) {
    const dnnl_version_t *version = dnnl_version();
    *major = version->major, *minor = version->minor, *patch = version->patch;
}

int troupe_dnnl_instruction_sets(void) {
    return (int)dnnl_get_effective_cpu_isa();
}

bool troupe_dnnl_has_native_bfloat16(void) {
    const int needed = dnnl_cpu_isa_avx512_core_bf16;
    return (troupe_dnnl_instruction_sets() & needed) == needed;
}
