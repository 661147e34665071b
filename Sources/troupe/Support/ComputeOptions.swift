import Algorithms
import ArgumentParser
import Tensor

extension RunConfiguration.Precision: ExpressibleByArgument {}

/// Who multiplies matrices, on the command line.
enum MatmulLibrary: String, CaseIterable, ExpressibleByArgument {
    case troupe, onednn, openblas
}

/// What computations of a benchmark run on.
struct ComputeOptions: ParsableArguments {
    @Option(
        name: .long, parsing: .unconditional, help: ArgumentHelp("Threads that compute.", valueName: "n"))
    var threads = 2

    @Option(name: .long, help: "Who multiplies matrices.")
    var backend = MatmulLibrary.troupe

    @Option(name: .long, help: "Arithmetic of weights and activations.")
    var precision = RunConfiguration.Precision.fp32

    @Flag(name: .long, help: "Print the result as one JSON object.")
    var json = false

    func validate() throws {
        try requireOption("threads", threads, in: 1...1024)
    }

    /// A context of these options. Throws `MatmulError` if the library is not there.
    func makeContext() throws -> ComputeContext {
        let library: any MatmulBackend =
            switch backend {
            case .troupe: KernelBackend()
            case .onednn: OneDNNBackend()
            case .openblas: try OpenBLASBackend()
            }
        return ComputeContext(threads: threads, backend: library)
    }

    /// What every result says about how it came to be.
    func facts(_ context: ComputeContext) -> [String: Any] {
        [
            "threads": threads, "precision": precision.rawValue, "backend": context.matmul.backend.description,
            "kernel_variant": KernelVariant.current.name,
        ]
    }

    /// The same for a reader.
    func description(_ context: ComputeContext) -> String {
        "\(precision.rawValue), \(threads) thread\(threads == 1 ? "" : "s"), \(context.matmul.backend.description), "
            + "\(KernelVariant.current.name) kernels"
    }
}

/// Throws a usage error that names the option unless `value` lies in `range`.
func requireOption(_ name: String, _ value: Int, in range: ClosedRange<Int>) throws {
    guard range.contains(value) else {
        throw ValidationError("--\(name) is \(value), expected \(range.lowerBound) to \(range.upperBound)")
    }
}
