#include "COneDNN.h"

#include <dnnl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/// oneDNN brings its OpenMP runtime along; a build without OpenMP has no such function and needs none.
extern void omp_set_num_threads(int) __attribute__((weak));

enum { SRC, WEIGHTS, BIAS, DST, OPERANDS };

/// What a kernel does.
typedef enum purpose { MULTIPLY, PACK, TRANSPOSE } purpose;

/// One compiled product. `key` has zeros for what the kernel is told only when it runs.
typedef struct kernel {
    troupe_dnnl_product key;
    purpose purpose;
    dnnl_primitive_t primitive;
    dnnl_status_t status;
    /// The library's handles of operands, which are pointed at new addresses from call to call; NULL until the first one
    /// and where sizes differ between calls.
    dnnl_memory_t memories[OPERANDS];
    bool at_run_time;
    struct kernel *next;
} kernel;

#define BUCKETS 64

/// Elements of a row that are packed at a time where rows collide in the cache.
#define PACKED_STRETCH 256

/// What one thread has compiled. oneDNN's scratch memory belongs to the thread that made a primitive, so primitives are
/// not shared between threads.
typedef struct thread_state {
    dnnl_stream_t stream;
    /// A transposed block of A, or rows of B on their way into panels.
    void *scratch;
    size_t scratch_bytes;
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
    free(state->scratch);
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
    return p->packed_b || (p->m % 64 == 0 && p->n % 64 == 0 && p->k % 64 == 0);
}

/// The layout of packed operands: panels of 64 columns, in them blocks of 16 rows, or of 32 whose pairs lie together.
static void describe_packed(const troupe_dnnl_product *p, dnnl_memory_desc_t *descriptor) {
    const dnnl_dims_t dimensions = {p->k, p->n};
    if (p->bfloat16_operands) {
        dnnl_memory_desc_init_by_tag(descriptor, 2, dimensions, dnnl_bf16, dnnl_BA16a64b2a);
    } else {
        dnnl_memory_desc_init_by_tag(descriptor, 2, dimensions, dnnl_f32, dnnl_BA16a64b);
    }
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
    if (p->packed_b) {
        describe_packed(p, &descriptors[WEIGHTS]);
    } else {
        dnnl_memory_desc_init_by_strides(&descriptors[WEIGHTS], 2, weights, operand, weights_strides);
    }
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
        const bool is_plain_loop = strncmp(name, "ref", 3) == 0 && (p->packed_b || p->bfloat16_operands);
        status = is_plain_loop ? dnnl_unimplemented : dnnl_primitive_create(primitive, choice);
        dnnl_primitive_desc_destroy(choice);
    }
    dnnl_post_ops_destroy(post_ops);
    dnnl_primitive_attr_destroy(attributes);
    return status;
}

/// The two layouts between which an operand is copied: B into panels, or a transposed A into rows.
static void describe_copy(const troupe_dnnl_product *p, purpose purpose, dnnl_memory_desc_t descriptors[2]) {
    dnnl_memory_desc_t all[OPERANDS];
    describe(p, false, all);
    descriptors[0] = all[purpose == PACK ? WEIGHTS : SRC];
    if (purpose == PACK) {
        describe_packed(p, &descriptors[1]);
    } else {
        const dnnl_dims_t dimensions = {p->m, p->k};
        const dnnl_data_type_t type = p->bfloat16_operands ? dnnl_bf16 : dnnl_f32;
        dnnl_memory_desc_init_by_tag(&descriptors[1], 2, dimensions, type, dnnl_ab);
    }
}

static dnnl_status_t compile_copy(const troupe_dnnl_product *p, purpose purpose, dnnl_primitive_t *primitive) {
    dnnl_memory_desc_t descriptors[2];
    describe_copy(p, purpose, descriptors);
    dnnl_primitive_desc_t choice;
    dnnl_status_t status =
        dnnl_reorder_primitive_desc_create(&choice, &descriptors[0], engine, &descriptors[1], engine, NULL);
    if (status != dnnl_success) return status;
    status = dnnl_primitive_create(primitive, choice);
    dnnl_primitive_desc_destroy(choice);
    return status;
}

/// The kernel for a product, compiled when it is asked for the first time; NULL without memory.
static kernel *find_kernel(thread_state *state, const troupe_dnnl_product *p, purpose purpose) {
    const bool at_run_time = purpose == MULTIPLY && !is_regular(p);
    troupe_dnnl_product key;
    memset(&key, 0, sizeof key);
    if (!at_run_time) {
        key.m = p->m, key.n = p->n, key.k = p->k;
        key.lda = p->lda, key.ldb = p->ldb, key.ldc = p->ldc;
    }
    key.transpose_a = p->transpose_a, key.transpose_b = p->transpose_b;
    key.accumulate = p->accumulate, key.has_bias = p->has_bias;
    key.bfloat16_operands = p->bfloat16_operands, key.bfloat16_result = p->bfloat16_result;
    key.packed_b = p->packed_b;

    uint64_t hash = 0;
    const int64_t sizes[] = {key.m, key.n, key.k, key.lda, key.ldb, key.ldc};
    for (int i = 0; i < 6; i++) hash = (hash ^ (uint64_t)sizes[i]) * 0x9E3779B97F4A7C15u;
    kernel **bucket = &state->buckets[hash >> 58];
    for (kernel *entry = *bucket; entry != NULL; entry = entry->next) {
        if (entry->purpose == purpose && memcmp(&entry->key, &key, sizeof key) == 0) return entry;
    }
    kernel *entry = calloc(1, sizeof *entry);
    if (entry == NULL) return NULL;
    entry->key = key;
    entry->purpose = purpose;
    entry->at_run_time = at_run_time;
    entry->status = purpose == MULTIPLY ? compile_product(p, at_run_time, &entry->primitive)
                                        : compile_copy(p, purpose, &entry->primitive);
    entry->next = *bucket;
    *bucket = entry;
    return entry;
}

/// Runs a kernel over some memories; arguments without address are left out.
static dnnl_status_t run(kernel *kernel, thread_state *state, int count, const int names[],
                         const dnnl_memory_desc_t descriptors[], void *const addresses[]) {
    dnnl_exec_arg_t arguments[OPERANDS];
    int given = 0;
    dnnl_status_t status = dnnl_success;
    for (int operand = 0; operand < count && status == dnnl_success; operand++) {
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
    for (int operand = 0; operand < count && kernel->at_run_time; operand++) {
        if (kernel->memories[operand] != NULL) dnnl_memory_destroy(kernel->memories[operand]);
        kernel->memories[operand] = NULL;
    }
    return status;
}

/// The calling thread's kernel, ready to run, or NULL with the reason in `status`.
static kernel *prepare(const troupe_dnnl_product *product, purpose purpose, thread_state **state,
                             dnnl_status_t *status) {
    if (omp_set_num_threads) omp_set_num_threads(1);
    *state = current_state();
    kernel *kernel = *state == NULL ? NULL : find_kernel(*state, product, purpose);
    *status = kernel == NULL ? dnnl_out_of_memory : kernel->status;
    return *status == dnnl_success ? kernel : NULL;
}

/// Copies an operand into another layout.
static dnnl_status_t copy(const troupe_dnnl_product *product, purpose purpose, const void *from, void *to) {
    thread_state *state;
    dnnl_status_t status;
    kernel *kernel = prepare(product, purpose, &state, &status);
    if (kernel == NULL) return status;
    dnnl_memory_desc_t descriptors[2];
    describe_copy(product, purpose, descriptors);
    void *const addresses[] = {(void *)from, to};
    static const int names[] = {DNNL_ARG_FROM, DNNL_ARG_TO};
    return run(kernel, state, 2, names, descriptors, addresses);
}

/// Memory of the calling thread, with unspecified content; NULL if there is none.
static void *scratch(size_t bytes) {
    thread_state *state = current_state();
    if (state == NULL) return NULL;
    if (bytes > state->scratch_bytes) {
        free(state->scratch);
        state->scratch = aligned_alloc(64, (bytes + 63) / 64 * 64);
        state->scratch_bytes = state->scratch == NULL ? 0 : bytes;
    }
    return state->scratch;
}

/// A with its rows in order, in the calling thread's scratch memory; NULL with the reason in `status`.
static const void *transposed(const troupe_dnnl_product *product, const void *a, dnnl_status_t *status) {
    troupe_dnnl_product part = {.m = product->m, .n = 1, .k = product->k, .lda = product->lda, .ldb = 1, .ldc = 1};
    part.transpose_a = true;
    part.bfloat16_operands = product->bfloat16_operands;
    void *rows = scratch((size_t)(product->m * product->k) * (product->bfloat16_operands ? 2 : 4));
    *status = rows == NULL ? dnnl_out_of_memory : copy(&part, TRANSPOSE, a, rows);
    return *status == dnnl_success ? rows : NULL;
}

int troupe_dnnl_multiply(const troupe_dnnl_product *product, const void *a, const void *b, const float *bias, void *c) {
    thread_state *state;
    dnnl_status_t status;
    troupe_dnnl_product direct = *product;
    if (product->packed_b && product->transpose_a) {
        a = transposed(product, a, &status);
        if (a == NULL) return status;
        direct.transpose_a = false;
        direct.lda = product->k;
    }
    kernel *kernel = prepare(&direct, MULTIPLY, &state, &status);
    if (kernel == NULL) return status;
    dnnl_memory_desc_t descriptors[OPERANDS];
    describe(&direct, false, descriptors);
    // The library asks for pointers it may write to, but reads the operands only.
    void *const addresses[OPERANDS] = {(void *)a, (void *)b, product->has_bias ? (void *)bias : NULL, c};
    static const int names[OPERANDS] = {DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_BIAS, DNNL_ARG_DST};
    return run(kernel, state, OPERANDS, names, descriptors, addresses);
}

size_t troupe_dnnl_panel_bytes(const troupe_dnnl_product *product) {
    // With gaps between the rows of A or C the library would fall back on a kernel many times slower. A transposed A has
    // to be copied; that pays for bfloat16, where the library's own kernels lose more to it.
    const bool copies_a = product->transpose_a && product->bfloat16_operands;
    const bool is_dense = (copies_a || (!product->transpose_a && product->lda == product->k)) && product->ldc == product->n;
    if (!is_dense || product->k % troupe_dnnl_panel != 0 || product->n % troupe_dnnl_panel != 0) return 0;
    troupe_dnnl_product panel = *product;
    panel.m = panel.n = panel.ldc = troupe_dnnl_panel;
    panel.packed_b = true;
    panel.transpose_a = false;
    panel.lda = panel.k;
    thread_state *state;
    dnnl_status_t status;
    if (prepare(&panel, MULTIPLY, &state, &status) == NULL) return 0;
    return (size_t)(product->k * troupe_dnnl_panel) * (product->bfloat16_operands ? 2 : 4);
}

int troupe_dnnl_pack(const troupe_dnnl_product *product, const void *b, void *packed) {
    troupe_dnnl_product plain = *product;
    plain.m = plain.lda = plain.ldc = 0;
    plain.accumulate = plain.has_bias = plain.bfloat16_result = plain.transpose_a = plain.packed_b = false;
    const size_t size = plain.bfloat16_operands ? 2 : 4;
    // Reading down columns whose rows lie a multiple of 2 KiB apart uses a few lines of the cache only, and takes six
    // times as long. Then stretches of the rows are gathered first.
    const bool collides = plain.transpose_b && (size_t)plain.ldb * size % 2048 == 0;
    if (!collides) return copy(&plain, PACK, b, packed);
    const int64_t columns = plain.n, distance = plain.ldb, length = product->k;
    for (int64_t column = 0; column < columns; column += troupe_dnnl_panel) {
        for (int64_t start = 0; start < length; start += PACKED_STRETCH) {
            const int64_t count = length - start < PACKED_STRETCH ? length - start : PACKED_STRETCH;
            char *gathered = scratch((size_t)(troupe_dnnl_panel * count) * size);
            if (gathered == NULL) return dnnl_out_of_memory;
            for (int64_t row = 0; row < troupe_dnnl_panel; row++) {
                const char *from = (const char *)b + (size_t)((column + row) * distance + start) * size;
                memcpy(gathered + (size_t)(row * count) * size, from, (size_t)count * size);
            }
            plain.n = troupe_dnnl_panel, plain.k = plain.ldb = count;
            char *to = (char *)packed + (size_t)(column * length + start * troupe_dnnl_panel) * size;
            const dnnl_status_t status = copy(&plain, PACK, gathered, to);
            if (status != dnnl_success) return status;
        }
    }
    return dnnl_success;
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
