import Foundation

/// Runs blocking work on a thread of its own: kernels and waits for the network never run on the cooperative pool.
package enum TrainerThread {
    /// Runs `body` on a new thread and suspends the caller until it returns.
    package static func run<Result: Sendable>(
        name: String = "troupe-trainer", _ body: @escaping @Sendable () -> Result
    ) async -> Result {
        await withCheckedContinuation { continuation in
            let thread = Thread { continuation.resume(returning: body()) }
            thread.name = name
            // Autograd walks deep graphs; the default of secondary threads is the same 8 MiB on Linux, stated here.
            thread.stackSize = 8 << 20
            thread.start()
        }
    }
}
