import ArgumentParser
import Foundation
import Tensor

/// `troupe bench kernels`
struct BenchKernelsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kernels",
        abstract: "Measure what is not a matrix product, each kernel against the speed of memory.",
        discussion: """
            Each kernel runs through the operation that a training step uses, over tensors too large for the caches. \
            GB/s counts the least that must be read and written; the limit is what copying a large tensor reads and \
            writes in the same run. Attention contains its matrix products, so it has a time per score only.

            Figures are medians. JSON keys: memory_limit_bytes_per_second, and 'kernels' with bytes_per_second, \
            share_of_memory_limit and nanoseconds_per_element.

            Example:
              troupe bench kernels --threads 2 --json
            """)

    @Option(
        name: .long, parsing: .unconditional,
        help: ArgumentHelp("Rows of 768 numbers in a tensor.", valueName: "n"))
    var rows = 16384

    @Option(
        name: .long, parsing: .unconditional, help: ArgumentHelp("Timed repetitions of each kernel.", valueName: "n"))
    var repeats = 10

    @OptionGroup var compute: ComputeOptions

    func validate() throws {
        try requireOption("rows", rows, in: 1...(1 << 20))
        try requireOption("repeats", repeats, in: 1...10_000)
    }

    func run() async throws {
        try await reportingErrors { try await offPool { try measure() } }
    }

    private func measure() throws {
        let context = try compute.makeContext()
        let benchmark = KernelBenchmark(
            context: context, precision: compute.precision, repeats: repeats, rows: rows)
        let status = StatusLine()
        status.show("memory", done: 0, total: nil)
        let limit = benchmark.memoryLimit()
        let results = benchmark.run { status.show($0, done: 0, total: nil) }
        status.finish()
        if compute.json {
            try printJSON(json(results, limit: limit).merging(compute.facts(context)) { $1 })
        } else {
            print("kernels over \(rows) x 768: \(compute.description(context))")
            print("memory: \((limit / 1e9).fixed(1)) GB/s; median of \(repeats)\n")
            print(text(results, limit: limit))
        }
    }

    private func text(_ results: [KernelBenchmark.Result], limit: Double) -> String {
        var table = TextTable("kernel", "ms", "ns/element", "GB/s", "of memory")
        for result in results {
            table.add(
                result.name, (1e3 * result.samples.median).fixed(3), result.nanosecondsPerElement.fixed(3),
                result.bytesPerSecond.map { ($0 / 1e9).fixed(1) } ?? "-",
                result.bytesPerSecond.map { $0.percent(of: limit) } ?? "-")
        }
        return table.text
    }

    private func json(_ results: [KernelBenchmark.Result], limit: Double) -> [String: Any] {
        let kernels = results.map { result in
            var object: [String: Any] = [
                "kernel": result.name, "elements": result.elements, "median_seconds": result.samples.median,
                "nanoseconds_per_element": result.nanosecondsPerElement,
            ]
            if let speed = result.bytesPerSecond {
                object["bytes"] = result.bytes
                object["bytes_per_second"] = speed
                object["share_of_memory_limit"] = speed / limit
            }
            return object
        }
        return [
            "rows": rows, "width": 768, "repeats": repeats, "memory_limit_bytes_per_second": limit,
            "kernels": kernels,
        ]
    }
}
