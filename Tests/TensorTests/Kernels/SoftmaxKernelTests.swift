import CKernels
import Glibc
import Tensor
import Testing

@Suite struct SoftmaxKernelTests {
    typealias Harness = KernelHarness

    /// Rows that end anywhere, and rows longer than the 4096 elements that one mask has.
    static let shapes = [
        (0, 5), (4, 1), (3, 3), (2, 15), (5, 16), (3, 17), (37, 33), (4, 128), (2, 1000), (2, 4096), (3, 4133), (3, 0),
    ]
    private static let key = RandomKey(seed: 5, step: 1)
    private static let scale: Float = 0.125
    /// Not at the start of a block of random numbers.
    private static let first = 7

    struct Results {
        var dropped: [Float] = []
        var logSumExp: [Float] = []
        var droppedAgain: [Float] = []
        var gradient: [Float] = []
    }

    private func twin(_ scores: [Double], cols: Int) -> (p: [Double], logSumExp: [Double]) {
        var (p, logs): ([Double], [Double]) = ([], [])
        for start in stride(from: 0, to: scores.count, by: max(cols, 1)) {
            let row = scores[start..<start + cols].map { Double(Self.scale) * $0 }
            let peak = row.max() ?? 0
            let total = row.reduce(0) { $0 + exp($1 - peak) }
            p += row.map { exp($0 - peak) / total }
            logs.append(peak + log(total))
        }
        return (p, logs)
    }

    private func twinDropped(_ x: [Double], rate: Double) -> [Double] {
        let before = [Double](repeating: 0, count: Self.first)
        let dropout = Dropout(rate: rate, key: Self.key, site: 3)
        return Array(Twins.dropped(before + x, dropout).dropFirst(Self.first))
    }

    @Test(arguments: shapes, [0.0, 0.5]) func bothPassesEqualTheTwin(shape: (Int, Int), rate: Double) {
        let (rows, cols) = shape
        let scores = Harness.normal(rows * cols, seed: 31, scale: 20)
        let upstream = Harness.normal(rows * cols, seed: 33)
        let (p, logSumExp) = twin(scores.wide, cols: cols)
        let d = twinDropped(upstream.wide, rate: rate)
        var gradient = p
        for start in stride(from: 0, to: p.count, by: max(cols, 1)) {
            let projection = (start..<start + cols).reduce(0) { $0 + p[$1] * d[$1] }
            for i in start..<start + cols { gradient[i] = Double(Self.scale) * p[i] * (d[i] - projection) }
        }
        let dropped = twinDropped(p, rate: rate)
        for type in KernelElement.allCases {
            for inPlace in type == .float32 ? [false, true] : [false] {
                let run = { passes(scores, upstream, rows, cols, type, rate: rate, inPlace: inPlace) }
                let name = "softmax \(type) \(shape) rate \(rate) in place \(inPlace)"
                Harness.expect(name + ": forward", dropped, absolute: 1e-9, relative: 2e-6 + type.rounding) {
                    run().dropped
                }
                Harness.expect(name + ": logsumexp", logSumExp) { run().logSumExp }
                // exp(x - logsumexp) has the rounding error of logsumexp, here up to 16 * 2^-24, as a relative one.
                Harness.expect(name + ": again", dropped, absolute: 1e-9, relative: 3e-6 + type.rounding) {
                    run().droppedAgain
                }
                Harness.expect(name + ": gradient", gradient, absolute: 1e-6, relative: 1e-5 + type.rounding) {
                    run().gradient
                }
            }
        }
    }

    private func passes(
        _ scores: [Float], _ upstream: [Float], _ rows: Int, _ cols: Int, _ type: KernelElement, rate: Double,
        inPlace: Bool = false, first: Int = first
    ) -> Results {
        var mask = Self.key.mask(site: 3, rate: rate)
        var results = Results()
        var logs = [Float](repeating: 0, count: cols == 0 ? 0 : rows)
        let blank = Harness.blank(rows * cols)
        unsafe withUnsafePointer(to: &mask) { mask in
            let (mask, first) = unsafe (rate == 0 ? nil : mask, UInt64(first))
            let outputs = unsafe Harness.arrays(type, [blank, blank, blank]) { typed in
                // The scratch array is checked like an output; in place it is the output.
                let scratch = unsafe Harness.output(scores) {
                    unsafe tk_softmax_forward(
                        type.code, $0, Self.scale, inPlace ? UnsafeMutableRawPointer($0) : typed[0], &logs, rows, cols,
                        mask, first)
                }
                results.dropped = scratch
                var again: [Float] = []
                let gradient = unsafe Harness.output(upstream) { upstream in
                    again = unsafe Harness.output(scores) {
                        unsafe tk_softmax_backward(
                            type.code, $0, logs, upstream, Self.scale,
                            inPlace ? UnsafeMutableRawPointer($0) : typed[1],
                            inPlace ? UnsafeMutableRawPointer(upstream) : typed[2], rows, cols, mask, first)
                    }
                }
                (results.droppedAgain, results.gradient) = (again, gradient)
            }
            if !inPlace {
                (results.dropped, results.droppedAgain, results.gradient) = (outputs[0], outputs[1], outputs[2])
            }
        }
        results.logSumExp = logs
        return results
    }

    /// The backward pass drops what the forward pass dropped, and nothing else.
    @Test(arguments: shapes, KernelElement.allCases) func passesDropTheSame(shape: (Int, Int), type: KernelElement) {
        let (rows, cols) = shape
        let (scores, upstream) = (Harness.normal(rows * cols, seed: 34), Harness.normal(rows * cols, seed: 35))
        Harness.forEachVariant { variant in
            let results = passes(scores, upstream, rows, cols, type, rate: 0.3)
            let (zeros, zerosAgain) = (results.dropped.map { $0 == 0 }, results.droppedAgain.map { $0 == 0 })
            #expect(zeros == zerosAgain, "\(type) \(shape) \(variant)")
            if rows * cols > 1000 { #expect(zeros.contains(true) && zeros.contains(false)) }
        }
    }

    /// The type decides how results are stored, not how they are computed.
    @Test(arguments: shapes, [0.0, 0.3]) func bfloat16ResultsAreTheRoundedOnes(shape: (Int, Int), rate: Double) {
        let (rows, cols) = shape
        let (scores, upstream) = (Harness.normal(rows * cols, seed: 38), Harness.normal(rows * cols, seed: 39))
        Harness.forEachVariant { variant in
            let wide = passes(scores, upstream, rows, cols, .float32, rate: rate)
            let narrow = passes(scores, upstream, rows, cols, .bfloat16, rate: rate)
            let rounded: ([Float]) -> [Float] = { KernelElement.bfloat16.rounded($0) }
            #expect(narrow.dropped == rounded(wide.dropped), "\(shape) \(variant)")
            #expect(narrow.logSumExp == wide.logSumExp, "\(shape) \(variant)")
            #expect(narrow.droppedAgain == rounded(wide.droppedAgain), "\(shape) \(variant)")
            #expect(narrow.gradient == rounded(wide.gradient), "\(shape) \(variant)")
        }
    }

    /// Which rows are computed by one call does not matter: a mask belongs to the elements.
    @Test(arguments: [3, 17, 100, 1500, 4133], KernelElement.allCases)
    func blocksOfRowsGiveTheBitsOfTheWhole(cols: Int, type: KernelElement) {
        let (rows, cut) = (5, 2)
        let (scores, upstream) = (Harness.normal(rows * cols, seed: 36), Harness.normal(rows * cols, seed: 37))
        Harness.forEachVariant { variant in
            let whole = passes(scores, upstream, rows, cols, type, rate: 0.3)
            let parts = [0..<cut, cut..<rows].map { range in
                let part = range.lowerBound * cols..<range.upperBound * cols
                return passes(
                    Array(scores[part]), Array(upstream[part]), range.count, cols, type, rate: 0.3,
                    first: Self.first + part.lowerBound)
            }
            #expect(parts.flatMap(\.dropped) == whole.dropped, "\(type) \(variant)")
            #expect(parts.flatMap(\.logSumExp) == whole.logSumExp, "\(type) \(variant)")
            #expect(parts.flatMap(\.droppedAgain) == whole.droppedAgain, "\(type) \(variant)")
            #expect(parts.flatMap(\.gradient) == whole.gradient, "\(type) \(variant)")
        }
    }

    /// A score of -infinity has no probability; a row of nothing else has none to give.
    @Test(arguments: KernelElement.allCases) func infiniteScoresGetExactlyZero(type: KernelElement) {
        let scores: [Float] = [8, -.infinity, 8, -.infinity, -.infinity, -.infinity, -.infinity, -.infinity]
        let nan = Double.nan
        Harness.expect("hidden keys \(type)", [0.5, 0, 0.5, 0, nan, nan, nan, nan], absolute: 0, relative: 0) {
            passes(scores, scores.map { _ in 1 }, 2, 4, type, rate: 0).dropped
        }
    }
}
