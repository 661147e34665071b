internal import Synchronization

/// What the time of a context's operations went to.
package enum OperationKind: String, Sendable, CaseIterable {
    /// Matrix products of linear maps, with their bias and activation.
    case matmul
    /// Attention, with its products.
    case attention
    case normalization
    case activation
    case loss
    /// Rows by index, and their gradients.
    case embedding
    /// Sums, conversions, dropout and other passes over whole tensors.
    case elementwise
    /// Norms, clipping and updates of parameters.
    case optimizer
}

/// Adds up the wall time of operations by kind, as the thread that drives a context sees it.
package final class OperationProfile: Sendable {
    private struct State {
        var nanoseconds = [Int64](repeating: 0, count: OperationKind.allCases.count)
        var isMeasuring = false
    }

    private let state = Mutex(State())

    /// Seconds by kind since the last `reset`.
    package var seconds: [OperationKind: Double] {
        state.withLock { state in
            Dictionary(
                uniqueKeysWithValues: zip(OperationKind.allCases, state.nanoseconds.map { Double($0) / 1e9 }))
        }
    }

    /// Begins a new measurement.
    package func reset() {
        state.withLock { $0.nanoseconds = $0.nanoseconds.map { _ in 0 } }
    }

    /// Runs `body` and books its time on `kind`; within another measured operation the time is the outer one's.
    func measure<Result>(_ kind: OperationKind, _ body: () throws -> Result) rethrows -> Result {
        let isOuter = state.withLock { state in
            defer { state.isMeasuring = true }
            return !state.isMeasuring
        }
        guard isOuter else { return try body() }
        let start = ContinuousClock.now
        defer {
            let elapsed = (ContinuousClock.now - start).components
            state.withLock { state in
                state.nanoseconds[kind.index] += elapsed.seconds * 1_000_000_000 + elapsed.attoseconds / 1_000_000_000
                state.isMeasuring = false
            }
        }
        return try body()
    }
}

extension OperationKind {
    fileprivate var index: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

extension ComputeContext {
    /// Runs `body` and books its wall time on `kind` in the context's profile.
    package func measured<Result>(_ kind: OperationKind, _ body: () throws -> Result) rethrows -> Result {
        try profile.measure(kind, body)
    }
}
