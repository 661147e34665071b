internal import Dispatch
internal import Synchronization

/// Runs blocks of work on several threads and hands their results over in order, so that what is written does not
/// depend on the number of threads.
enum OrderedParallel {
    /// Computes `body(0) ... body(count - 1)` on up to `threads` threads. Blocks the caller, who takes part.
    /// The error of the lowest failing index is thrown.
    static func map<Result: Sendable>(
        count: Int, threads: Int, _ body: @Sendable (Int) throws(TextError) -> Result
    ) throws(TextError) -> [Result] {
        guard threads > 1 && count > 1 else {
            var results: [Result] = []
            results.reserveCapacity(count)
            for index in 0..<count { results.append(try body(index)) }
            return results
        }
        let results = Mutex([Swift.Result<Result, TextError>?](repeating: nil, count: count))
        let nextIndex = Atomic(0)
        DispatchQueue.concurrentPerform(iterations: min(threads, count)) { _ in
            while true {
                let index = nextIndex.add(1, ordering: .relaxed).oldValue
                guard index < count else { return }
                let result: Swift.Result<Result, TextError>
                do throws(TextError) {
                    result = .success(try body(index))
                } catch {
                    result = .failure(error)
                }
                results.withLock { $0[index] = result }
            }
        }
        var values: [Result] = []
        values.reserveCapacity(count)
        for result in results.withLock({ $0 }) {
            guard let result else { preconditionFailure("a block was not run") }
            values.append(try result.get())
        }
        return values
    }

    /// As `map`, in waves, passing each result to `consume` in order on the calling thread; bounds what is in memory.
    static func forEachInOrder<Result: Sendable>(
        count: Int, threads: Int, waveSize: Int, _ body: @Sendable (Int) throws(TextError) -> Result,
        consume: (Result) throws(TextError) -> Void
    ) throws(TextError) {
        var start = 0
        while start < count {
            let first = start
            let results = try map(count: min(waveSize, count - first), threads: threads) {
                (index) throws(TextError) -> Result in try body(first + index)
            }
            for result in results { try consume(result) }
            start += results.count
        }
    }
}
