import Tensor
import Testing

@Suite(.timeLimit(.minutes(1))) struct TapeTests {
    private let context = ComputeContext()

    private func leaf(_ values: [Double]) -> Tensor {
        let tensor = Tensor(values, shape: [values.count], in: context)
        tensor.requiresGradient = true
        return tensor
    }

    @Test func gradientsAccumulateOverBackwardPasses() {
        let x = leaf([1, 2])
        x.scaled(by: 3).sum().backward()
        let first = x.gradient
        x.scaled(by: 4).sum().backward()
        #expect(x.gradient?.doubles() == [7, 7])
        #expect(first?.doubles() == [3, 3], "a gradient that is held is a snapshot")
    }

    @Test func nothingIsRecordedWithoutGradient() {
        let x = leaf([1, 2])
        let result = Tensor.withoutGradient { x.scaled(by: 3).sum() }
        #expect(!result.requiresGradient)
        #expect(x.scaled(by: 3).requiresGradient)
    }

    @Test func operandsThatNeedNoGradientGetNone() {
        let x = leaf([1, 2])
        let y = Tensor([5.0, 6.0], shape: [2], in: context)
        let sum = x.add(y)
        sum.sum().backward()
        #expect(y.gradient == nil && sum.gradient == nil)
        #expect(!y.scaled(by: 2).requiresGradient && !x.detached().requiresGradient)
    }

    @Test func checkpointedBodiesGiveTheSameBitsAndKeepTheirInputOnly() {
        func values(_ count: Int, _ stream: UInt32, _ shape: Shape) -> Tensor {
            let tensor = Tensor(
                OperationCase.numbers(count, stream: stream).map { Float($0) }, shape: shape, in: context)
            tensor.requiresGradient = true
            return tensor
        }
        func run(checkpointed: Bool) -> (bits: [[Float]?], held: Int) {
            let x = values(64 * 32, 1, [64, 32])
            let (weight, bias) = (values(32 * 32, 2, [32, 32]), values(32, 3, [32]))
            let layer = { (input: Tensor) in
                (0..<4).reduce(input) { value, _ in
                    value.linear(weight: weight, bias: bias, activation: .gelu)
                        .dropout(Dropout(rate: 0.2, key: RandomKey(seed: 4), site: 1))
                }
            }
            let before = context.memory.statistics.bytesInUse
            var value = x
            for _ in 0..<3 { value = checkpointed ? Tensor.checkpointed(value, layer) : layer(value) }
            let held = context.memory.statistics.bytesInUse - before
            let loss = value.sum()
            loss.backward()
            return (
                [[Float(loss.item())], x.gradient?.floats(), weight.gradient?.floats(), bias.gradient?.floats()], held
            )
        }
        let (plain, checkpointed) = (run(checkpointed: false), run(checkpointed: true))
        #expect(plain.bits[2] == checkpointed.bits[2] && plain.bits == checkpointed.bits)
        #expect(checkpointed.held == 3 * 64 * 32 * 4 && plain.held > 3 * checkpointed.held)
    }

    @Test func seedsWeighTheResult() {
        let x = leaf([1, 2])
        x.scaled(by: 3).backward(seed: Tensor([10.0, 100.0], shape: [2], in: context))
        #expect(x.gradient?.doubles() == [30, 300])
    }

    @Test func activationsAreFreedWhileBackwardRuns() {
        let width = 100_000
        let x = Tensor(zeros: [width], in: context)
        x.requiresGradient = true
        var value = x
        for _ in 0..<20 { value = value.activation(.gelu) }
        let loss = value.sum()
        value = x
        let recorded = context.memory.statistics.bytesInUse
        context.memory.resetPeak()
        loss.backward()
        let statistics = context.memory.statistics
        #expect(
            statistics.bytesInUse < 4 * width * 3,
            "\(statistics.bytesInUse) bytes in use after backward, \(recorded) before")
        #expect(statistics.peakBytesInUse < recorded + 4 * width * 4, "peak \(statistics.peakBytesInUse)")
    }

    @Test func anAbandonedTapeIsFreed() {
        let x = Tensor(zeros: [10_000], in: context)
        x.requiresGradient = true
        let before = context.memory.statistics.bytesInUse
        do {
            let result = x.tanh().layerNorm(
                weight: Tensor(zeros: [10_000], in: context), bias: Tensor(zeros: [10_000], in: context), epsilon: 1e-5)
            #expect(result.requiresGradient)
        }
        #expect(context.memory.statistics.bytesInUse == before)
    }

    @Test func aHeldLossInputKeepsItsValues() {
        let logits = Tensor([1, 2, 3, 4] as [Float], shape: [2, 2], in: context)
        logits.requiresGradient = true
        let scaled = logits.scaled(by: 2)
        let entropy = scaled.crossEntropy(
            labels: Tensor(ids: [0, 1], shape: [2], in: context),
            weights: Tensor([1, 1] as [Float], shape: [2], in: context))
        entropy.loss.backward()
        #expect(scaled.floats() == [2, 4, 6, 8])
        #expect(entropy.correct == 1)
    }

    @Test func aLossOfDroppedLogitsNeedsNoSecondCopyOfThem() {
        let rows = 64
        let width = 5000
        let table = Tensor(zeros: [width, 3], in: context)
        table.requiresGradient = true
        let ids = (0..<rows).map { Int32($0) }
        let loss = Tensor(zeros: [rows, 3], in: context).linear(weight: table).crossEntropy(
            labels: Tensor(ids: ids, shape: [rows], in: context),
            weights: Tensor([Float](repeating: 1, count: rows), shape: [rows], in: context)
        ).loss
        context.memory.resetPeak()
        let before = context.memory.statistics.bytesInUse
        loss.backward()
        let growth = context.memory.statistics.peakBytesInUse - before
        #expect(growth < 4 * rows * width / 2, "backward took \(growth) bytes more")
    }

    @Test func aSecondBackwardStops() async {
        await #expect(processExitsWith: .failure) {
            let x = Tensor([1.0], shape: [1], in: ComputeContext())
            x.requiresGradient = true
            let loss = x.scaled(by: 2).sum()
            loss.backward()
            loss.backward()
        }
    }

    @Test func mistakesStopWithBothShapes() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let context = ComputeContext()
            _ = Tensor(zeros: [2, 3], in: context).linear(weight: Tensor(zeros: [4, 5], in: context))
        }
        let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(message.contains("linear: [2, 3] cannot be multiplied by the transpose of [4, 5]"), "\(message)")
    }

    @Test func idsOutsideTheTableStop() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let context = ComputeContext()
            _ = Tensor(zeros: [4, 3], in: context).embedding(ids: Tensor(ids: [0, 4], shape: [2], in: context))
        }
        let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(message.contains("embedding: element 1 is 4, outside the 4 rows"), "\(message)")
    }

    @Test func badIdsAreFoundBeforehand() {
        let ids = Tensor(ids: [3, 0, -1, 9], shape: [4], in: context)
        #expect(ids.firstOutside(10)?.index == 2 && ids.firstOutside(10)?.value == -1)
        #expect(Tensor(ids: [3, 0], shape: [2], in: context).firstOutside(4) == nil)
    }
}
