import Foundation
import Models
import Tensor
import Testing

/// The objectives of fine-tuning against their definitions, finite differences, and the sum over shards.
struct ClassificationLossTests {
    static let seed: UInt64 = 11

    /// One objective over logits of a shape, as a function of the logits alone.
    struct Case: Sendable, CustomStringConvertible {
        let description: String
        let shape: Shape
        let loss: @Sendable (Tensor) -> (loss: Tensor, sums: [LossSums])
    }

    static let sequences = SequenceOffsets(lengths: [4, 1, 3])
    static let cases = [
        Case(description: "cross-entropy", shape: [5, 3]) {
            let part = ClassificationLoss.crossEntropy($0, labels: [2, -100, 0, 1, 2], denominator: 7)
            return (part.loss, [part.sums])
        },
        Case(description: "weighted cross-entropy", shape: [5, 3]) {
            let part = ClassificationLoss.crossEntropy(
                $0, labels: [2, -100, 0, 1, 2], classWeights: [0.5, 2, 1.25], denominator: 7)
            return (part.loss, [part.sums])
        },
        Case(description: "squared error", shape: [4, 1]) {
            let part = ClassificationLoss.meanSquaredError($0, targets: [1, -2, 0.5, 0], denominator: 4)
            return (part.loss, [part.sums])
        },
        Case(description: "binary cross-entropy", shape: [3, 2]) {
            let part = ClassificationLoss.binaryCrossEntropy($0, targets: [1, 0, 0, 0, 1, 1], denominator: 6)
            return (part.loss, [part.sums])
        },
        Case(description: "choices", shape: [7, 1]) {
            let part = ClassificationLoss.choices($0, groups: [2, 4, 1], labels: [1, 3, -100], denominator: 5)
            return (part.loss, [part.sums])
        },
        Case(description: "spans", shape: [8, 2]) {
            let part = ClassificationLoss.spans(
                $0, sequences, starts: [3, 0, 3], ends: [-1, 1, 2], denominators: (2, 3))
            return (part.loss, [part.sums.start, part.sums.end])
        },
    ]

    private func logits(_ shape: Shape, in context: ComputeContext) -> Tensor {
        var generator = PhiloxGenerator(key: RandomKey(seed: Self.seed, step: 0, shard: 0), site: 0)
        let values = (0..<shape.count).map { _ in 4 * generator.nextUniform() - 2 }
        let tensor = Tensor(values, shape: shape, in: context)
        tensor.requiresGradient = true
        return tensor
    }

    @Test(arguments: cases) func gradientsAreFiniteDifferences(test: Case) throws {
        let context = ComputeContext(threads: 1)
        let logits = logits(test.shape, in: context)
        test.loss(logits).loss.backward()
        let gradient = try #require(logits.gradient).doubles()
        let (values, step) = (logits.doubles(), 1e-6)
        for index in values.indices {
            func loss(_ shift: Double) -> Double {
                var moved = values
                moved[index] += shift
                return test.loss(Tensor(moved, shape: test.shape, in: context)).loss.item()
            }
            let slope = (loss(step) - loss(-step)) / (2 * step)
            #expect(abs(slope - gradient[index]) < 1e-8, "element \(index): \(gradient[index]), slope \(slope)")
        }
        #expect(gradient.contains { $0 != 0 })
    }

    @Test(arguments: cases) func float32AgreesWithFloat64(test: Case) throws {
        let context = ComputeContext(threads: 1)
        let exact = logits(test.shape, in: context)
        let rounded = exact.cast(to: .float32)
        rounded.requiresGradient = true
        let (wide, narrow) = (test.loss(exact), test.loss(rounded))
        #expect(abs(wide.loss.item() - narrow.loss.item()) < 1e-6)
        wide.loss.backward()
        narrow.loss.backward()
        let problem = difference(
            try #require(rounded.gradient).doubles(), try #require(exact.gradient).doubles(), tolerance: 1e-6)
        #expect(problem == nil, "\(problem ?? "")")
        #expect(wide.sums.map(\.weight) == narrow.sums.map(\.weight))
        #expect(wide.sums.map(\.correct) == narrow.sums.map(\.correct))
    }

    @Test func classWeightsWeighLossDenominatorAndHits() {
        let context = ComputeContext(threads: 1)
        let logits = Tensor([Double](arrayLiteral: 1, 0, 0, 1, 3, 0), shape: [3, 2], in: context)
        let (labels, weights): ([Int32], [Double]) = ([0, 0, -100], [0.25, 4])
        #expect(ClassificationLoss.weight(of: labels, classWeights: weights) == 0.5)
        #expect(ClassificationLoss.weight(of: labels) == 2)
        let (loss, sums) = ClassificationLoss.crossEntropy(
            logits, labels: labels, classWeights: weights, denominator: 0.5)
        let (right, wrong) = (log(1 + exp(-1.0)), log(1 + exp(1.0)))
        #expect(abs(loss.item() - (right + wrong) / 2) < 1e-15)
        #expect(sums.weight == 0.5 && sums.correct == 0.25 && abs(sums.loss - (right + wrong) / 4) < 1e-15)
    }

    @Test func binaryCrossEntropyStaysFiniteAndCountsNumbers() {
        let context = ComputeContext(threads: 1)
        let logits = Tensor([Double](arrayLiteral: 800, -800, -800, 0.5), shape: [2, 2], in: context)
        let (loss, sums) = ClassificationLoss.binaryCrossEntropy(logits, targets: [1, 0, 1, 0], denominator: 4)
        #expect(abs(loss.item() - (800 + log(1 + exp(0.5))) / 4) < 1e-12)
        #expect(sums.correct == 2 && sums.weight == 4)
    }

    @Test func positionsOutsideTheirSequenceDoNotCount() {
        // The second sequence has one token: 1 is outside. -1 counts as 0.
        let counts = ClassificationLoss.spanCounts(Self.sequences, starts: [3, 1, 99], ends: [4, 0, -1])
        #expect(counts.start == 1 && counts.end == 2)
        let context = ComputeContext(threads: 1)
        let (loss, sums) = ClassificationLoss.spans(
            logits([8, 2], in: context), Self.sequences, starts: [9, 9, 9], ends: [9, 0, 9], denominators: (1, 1))
        #expect(loss.item() == 0 && sums.start.weight == 0)
        #expect(sums.end == LossSums(loss: 0, weight: 1, correct: 1))
    }

    @Test func shardsAddUpToTheWholeBatch() throws {
        let context = ComputeContext(threads: 1)
        let starts = [3, 0, 1]
        let ends = [3, 1, 2]
        func run(_ shards: [Range<Int>]) throws -> (loss: Double, sums: LossSums, gradient: [Double]) {
            let logits = logits([8, 2], in: context)
            let counts = ClassificationLoss.spanCounts(Self.sequences, starts: starts, ends: ends)
            var (loss, sums) = (0.0, LossSums())
            for shard in shards {
                let lengths = SequenceOffsets(lengths: Array(Self.sequences.lengths[shard]))
                let first = Self.sequences.starts[shard.lowerBound]
                let part = ClassificationLoss.spans(
                    logits.slice(rows: first..<first + lengths.tokenCount), lengths, starts: Array(starts[shard]),
                    ends: Array(ends[shard]), denominators: counts)
                part.loss.backward()
                loss += part.loss.item()
                sums += part.sums.start
                sums += part.sums.end
            }
            return (loss, sums, try #require(logits.gradient).doubles())
        }
        let (whole, parts) = (try run([0..<3]), try run([0..<1, 1..<3]))
        #expect(abs(whole.loss - parts.loss) < 1e-14)
        #expect(whole.sums.weight == 5 && parts.sums.weight == 5 && whole.sums.correct == parts.sums.correct)
        #expect(difference(parts.gradient, whole.gradient, tolerance: 1e-14) == nil)
    }
}
