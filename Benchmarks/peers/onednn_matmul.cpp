// Times a matrix product in oneDNN alone, with the library's own team of threads: what `troupe bench matmul` can hope
// for. Prints one JSON object per layout of the weights: "plain" as they are stored, "packed" as the library likes them
// best (packing is not counted).
//
//   onednn_matmul fp32|bf16 M N K REPEATS     threads: OMP_NUM_THREADS
#include <dnnl.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <vector>

using namespace dnnl;

namespace {

// A memory of random numbers in [-1, 1), converted by the library.
memory random_memory(
    const memory::desc &desc, const memory::dims &sizes, engine &cpu, stream &queue, unsigned seed) {
    memory::desc plain(sizes, memory::data_type::f32, memory::format_tag::ab);
    memory source(plain, cpu), target(desc, cpu);
    std::mt19937 generator(seed);
    std::uniform_real_distribution<float> uniform(-1, 1);
    float *values = static_cast<float *>(source.get_data_handle());
    for (size_t i = 0; i < plain.get_size() / sizeof(float); i++) values[i] = uniform(generator);
    reorder(source, target).execute(queue, source, target);
    queue.wait();
    return target;
}

matmul::primitive_desc describe(
    engine &cpu, const memory::desc &left, const memory::desc &right, const memory::desc &result) {
#if DNNL_VERSION_MAJOR >= 3
    return matmul::primitive_desc(cpu, left, right, result);
#else
    return matmul::primitive_desc(matmul::desc(left, right, result), cpu);
#endif
}

double median_seconds(const matmul &product, stream &queue, memory &left, memory &right, memory &result, int repeats) {
    std::vector<double> times;
    for (int i = 0; i < repeats + 5; i++) {
        auto start = std::chrono::steady_clock::now();
        product.execute(queue, {{DNNL_ARG_SRC, left}, {DNNL_ARG_WEIGHTS, right}, {DNNL_ARG_DST, result}});
        queue.wait();
        std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
        if (i >= 5) times.push_back(elapsed.count());
    }
    std::sort(times.begin(), times.end());
    size_t middle = times.size() / 2;
    return times.size() % 2 ? times[middle] : (times[middle - 1] + times[middle]) / 2;
}

}  // namespace

int main(int argc, char **argv) {
    bool is_half = argc > 1 && !std::strcmp(argv[1], "bf16");
    long m = argc == 6 ? std::atol(argv[2]) : 0, n = argc == 6 ? std::atol(argv[3]) : 0;
    long k = argc == 6 ? std::atol(argv[4]) : 0, repeats = argc == 6 ? std::atol(argv[5]) : 0;
    if (argc != 6 || (!is_half && std::strcmp(argv[1], "fp32")) || m < 1 || n < 1 || k < 1 || repeats < 1) {
        std::fprintf(stderr, "usage: onednn_matmul fp32|bf16 M N K REPEATS\n");
        return 64;
    }
    engine cpu(engine::kind::cpu, 0);
    stream queue(cpu);
    auto type = is_half ? memory::data_type::bf16 : memory::data_type::f32;
    memory::desc left({m, k}, type, memory::format_tag::ab), result({m, n}, type, memory::format_tag::ab);
    // The weight of a linear layer: stored n x k.
    for (auto layout : {memory::format_tag::ba, memory::format_tag::any}) {
        auto description = describe(cpu, left, memory::desc({k, n}, type, layout), result);
        memory a = random_memory(left, {m, k}, cpu, queue, 1);
        memory b = random_memory(description.weights_desc(), {k, n}, cpu, queue, 2);
        memory c(result, cpu);
        double seconds = median_seconds(matmul(description), queue, a, b, c, int(repeats));
        std::printf(
            "{\"peer\": \"oneDNN %s\", \"versions\": {\"onednn\": \"%d.%d.%d\"}, \"m\": %ld, \"n\": %ld, \"k\": %ld, "
            "\"precision\": \"%s\", \"repeats\": %ld, \"median_seconds\": %.9f, \"flops_per_second\": %.1f}\n",
            layout == memory::format_tag::any ? "packed" : "plain", dnnl_version()->major, dnnl_version()->minor,
            dnnl_version()->patch, m, n, k, argv[1], repeats, seconds, 2.0 * m * n * k / seconds);
    }
    return 0;
}
