import ArgumentParser
import Foundation
import Tensor

/// `troupe bench matmul`
struct BenchMatmulCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "matmul",
        abstract: "Measure matrix products, as a training step makes them.",
        discussion: """
            With --m, --n or --k: the product of an m x k by a k x n matrix through a linear layer without gradient; \
            what is not given is 4096, 768 and 768. Without: the three products (forward, input gradient, weight \
            gradient) of the linear layers of BERT-base over 16 x 128 tokens.

            Figures are medians. JSON keys: flops_per_second, median_seconds; without sizes these cover all products \
            together, and 'products' lists each.

            Examples:
              troupe bench matmul
              troupe bench matmul --m 4096 --n 768 --k 768 --backend openblas --json
            """)

    @Option(name: .customLong("m"), parsing: .unconditional, help: ArgumentHelp("Rows.", valueName: "n"))
    var rows: Int?

    @Option(name: .customLong("n"), parsing: .unconditional, help: ArgumentHelp("Columns.", valueName: "n"))
    var columns: Int?

    @Option(name: .customLong("k"), parsing: .unconditional, help: ArgumentHelp("The summed extent.", valueName: "n"))
    var depth: Int?

    @Option(
        name: .long, parsing: .unconditional, help: ArgumentHelp("Timed repetitions of each product.", valueName: "n"))
    var repeats = 20

    @OptionGroup var compute: ComputeOptions

    func validate() throws {
        let sizes = 1...(1 << 20)
        for (name, value) in [("m", rows), ("n", columns), ("k", depth)] {
            if let value { try requireOption(name, value, in: sizes) }
        }
        try requireOption("repeats", repeats, in: 1...100_000)
        let (m, n, k) = (rows ?? 4096, columns ?? 768, depth ?? 768)
        guard max(m * k, n * k, m * n) <= 1 << 31 else {
            throw ValidationError("--m \(m) --n \(n) --k \(k): expected matrices of at most 2^31 numbers")
        }
    }

    func run() async throws {
        try await reportingErrors { try await offPool { try measure() } }
    }

    private func measure() throws {
        let context = try compute.makeContext()
        let benchmark = MatmulBenchmark(context: context, precision: compute.precision, repeats: repeats)
        if rows == nil, columns == nil, depth == nil {
            try report(benchmark, MatmulBenchmark.Layer.bertBase)
        } else {
            try report(
                benchmark, MatmulBenchmark.Layer(rows: rows ?? 4096, outputs: columns ?? 768, inputs: depth ?? 768))
        }
    }

    /// One product.
    private func report(_ benchmark: MatmulBenchmark, _ layer: MatmulBenchmark.Layer) throws {
        let result = benchmark.measure(.forward, of: layer)
        guard !compute.json else {
            return try printJSON(compute.facts(benchmark.context).merging(json(result)) { $1 })
        }
        print("matmul: \(compute.description(benchmark.context))\n")
        print(
            "  \(layer.rows) x \(layer.outputs) x \(layer.inputs): "
                + "\((result.operationsPerSecond / 1e9).fixed(1)) GFLOP/s, "
                + "\((1e3 * result.samples.median).fixed(3)) ms (median of \(repeats))")
    }

    /// All products of some layers.
    private func report(_ benchmark: MatmulBenchmark, _ layers: [MatmulBenchmark.Layer]) throws {
        let status = StatusLine()
        var table = TextTable("rows x inputs -> outputs", "forward", "input gradient", "weight gradient", "together")
        var all: [MatmulBenchmark.Result] = []
        for layer in layers {
            let results = MatmulBenchmark.Product.allCases.map {
                status.show("\(layer.name) \($0.rawValue)", done: 0, total: nil)
                return benchmark.measure($0, of: layer)
            }
            let speeds = (results.map(\.operationsPerSecond) + [together(results).flops]).map { ($0 / 1e9).fixed(1) }
            table.add(layer.name, speeds[0], speeds[1], speeds[2], speeds[3])
            all += results
        }
        status.finish()
        let total = together(all)
        if compute.json {
            var object = compute.facts(benchmark.context)
            object["products"] = all.map(json)
            object["flops_per_second"] = total.flops
            object["median_seconds"] = total.seconds
            return try printJSON(object)
        }
        print("matmul in GFLOP/s, median of \(repeats): \(compute.description(benchmark.context))\n")
        print(table.text)
        print("\n  all products together: \((total.flops / 1e9).fixed(1)) GFLOP/s")
    }

    /// The speed of several products one after the other, and the seconds they take.
    private func together(_ results: [MatmulBenchmark.Result]) -> (flops: Double, seconds: Double) {
        let seconds = results.reduce(0) { $0 + $1.samples.median }
        return (results.reduce(0) { $0 + $1.layer.operations } / seconds, seconds)
    }

    private func json(_ result: MatmulBenchmark.Result) -> [String: Any] {
        [
            "product": result.product.rawValue, "m": result.layer.rows, "n": result.layer.outputs,
            "k": result.layer.inputs, "repeats": result.samples.seconds.count,
            "median_seconds": result.samples.median, "flops_per_second": result.operationsPerSecond,
        ]
    }
}
