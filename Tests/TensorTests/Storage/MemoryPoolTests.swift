import Tensor
import Testing

@Suite(.timeLimit(.minutes(1))) struct MemoryPoolTests {
    /// A small net with everything a training step does: shared weights, attention, dropout, a loss, an update.
    private static func step(_ arena: ParameterArena, _ number: UInt64, _ context: ComputeContext) -> Double {
        let key = RandomKey(seed: 1, step: number, shard: 0)
        let dropout = Dropout(rate: 0.1, key: key, site: 1)
        let ids = (0..<64).map { Int32(truncatingIfNeeded: ($0 * 7 + Int(number)) % 50) }
        arena.zeroGradients()
        arena.refreshWeights()
        var hidden = arena["table"].embedding(ids: Tensor(ids: ids, shape: [64], in: context))
            .converted(to: arena.computeType)
        let sequences = SequenceOffsets(lengths: [16, 20, 3, 25])
        for _ in 0..<3 {
            let attended = Tensor.attention(
                qkv: hidden.linear(weight: arena.weight("projections")), sequences: sequences, heads: 4,
                dropout: dropout)
            hidden = attended.feedForward(
                inner: arena.weight("weight"), innerBias: arena["bias"], outer: arena.weight("weight"),
                outerBias: arena["bias"], activation: .gelu
            ).addLayerNorm(
                residual: hidden, weight: arena["scale"], bias: arena["bias"], epsilon: 1e-12, dropout: dropout)
        }
        let rows = hidden.gatherRows(indices: Tensor(ids: [1, 5, 40], shape: [3], in: context))
        let logits = rows.linear(weight: arena.weight("table"), resultType: .float32)
        let loss = logits.crossEntropy(
            labels: Tensor(ids: [3, 2, 1], shape: [3], in: context),
            weights: Tensor([Float](repeating: 1, count: 3), shape: [3], in: context)
        ).loss
        loss.backward()
        OptimizerKernels.addScaled(arena.gradients, by: -0.01, to: arena.values, 0..<arena.elementCount)
        return loss.item()
    }

    private static func arena(computingIn type: DType = .float32, _ context: ComputeContext) -> ParameterArena {
        let arena = ParameterArena(
            entries: [
                ParameterEntry(name: "table", shape: [50, 32], initializer: .normal(std: 0.5)),
                ParameterEntry(name: "weight", shape: [32, 32], initializer: .normal(std: 0.2)),
                ParameterEntry(name: "projections", shape: [96, 32], initializer: .normal(std: 0.2)),
                ParameterEntry(name: "bias", shape: [32], initializer: .zeros),
                ParameterEntry(name: "scale", shape: [32], initializer: .ones),
            ], computeType: type, in: context)
        arena.initialize(seed: 5)
        return arena
    }

    @Test(arguments: [DType.float32, .bfloat16])
    func trainingTakesNothingFromTheSystemAfterTwoSteps(computingIn type: DType) {
        let context = ComputeContext(threads: 2)
        let arena = Self.arena(computingIn: type, context)
        var counts: [Int] = []
        var losses: [Double] = []
        for number in 1...5 {
            losses.append(Self.step(arena, UInt64(number), context))
            counts.append(context.memory.statistics.systemAllocations)
        }
        #expect(counts[1] > 0 && counts[4] == counts[1], "system allocations after each step: \(counts)")
        #expect(losses[4] < losses[0], "losses \(losses)")
    }

    /// A product keeps what a normalisation's output is made from, not the output.
    @Test(arguments: [DType.float32, .bfloat16]) func outputsOfLayerNormsAreMadeAgain(type: DType) {
        let context = ComputeContext()
        func ones(_ shape: Shape, _ type: DType = .float32) -> Tensor {
            Tensor([Double](repeating: 1, count: shape.count), shape: shape, dtype: type, in: context)
        }
        var random = PhiloxGenerator(key: RandomKey(seed: 3))
        let x = Tensor((0..<64 * 512).map { _ in random.nextNormal() }, shape: [64, 512], dtype: type, in: context)
        let weights = (0..<2).map { _ in ones([8, 512], type) }
        for weight in weights { weight.requiresGradient = true }
        x.requiresGradient = true
        var normalized: Tensor? = x.layerNorm(weight: ones([512]), bias: ones([512]), epsilon: 1e-12)
        let output = weights.compactMap { normalized?.linear(weight: $0) }
        let values = normalized?.doubles() ?? []
        let before = context.memory.statistics.bytesInUse
        normalized = nil
        // A recycled block may be larger than what it was taken for.
        #expect(before - context.memory.statistics.bytesInUse >= 64 * 512 * type.byteSize)
        output[0].backward(seed: ones([64, 8], type))
        let expected = (0..<512).map { column in (0..<64).reduce(0.0) { $0 + values[$1 * 512 + column] } }
        let found = weights[0].gradient?.doubles() ?? []
        #expect(found.count == 8 * 512)
        for (column, sum) in expected.enumerated() {
            let slack = 1e-4 + (type == .bfloat16 ? abs(sum) / 256 : 0)
            #expect(abs(found[column] - sum) <= slack, "column \(column): \(found[column]), expected \(sum)")
        }
    }

    @Test func blocksComeBackWhenTheLastTensorGoes() {
        let context = ComputeContext()
        let before = context.memory.statistics.bytesInUse
        do {
            let tensor = Tensor(zeros: [1000], in: context)
            let view = tensor.slice(rows: 10..<20)
            #expect(context.memory.statistics.bytesInUse >= before + 4000)
            #expect(view.count == 10)
        }
        #expect(context.memory.statistics.bytesInUse == before)
        #expect(context.memory.statistics.bytesHeld >= 4000)
        context.memory.trim()
        #expect(context.memory.statistics.bytesHeld == before)
    }

    @Test(arguments: [0, 1, 3, 16, 17, 1000, 70_000, 1_000_003])
    func blocksAreAlignedAndLargeEnough(count: Int) {
        let context = ComputeContext()
        let tensor = Tensor(zeros: [count], in: context)
        unsafe tensor.withUnsafeBytes { bytes in
            #expect(bytes.count == 4 * count)
            let address = UInt(bitPattern: bytes.baseAddress)
            #expect(address % 64 == 0)
        }
        let inUse = context.memory.statistics.bytesInUse
        #expect(inUse >= 4 * count && inUse <= max(64, 4 * count * 9 / 8 + 64), "\(inUse) bytes for \(count) floats")
        #expect(tensor.floats().allSatisfy { $0 == 0 })
    }

    @Test func shorterBatchesReuseTheBlocksOfLongerOnes() {
        let context = ComputeContext()
        do { _ = Tensor(zeros: [128, 1024], in: context) }
        let allocations = context.memory.statistics.systemAllocations
        for rows in stride(from: 127, through: 65, by: -1) {
            _ = Tensor(zeros: [rows, 1024], in: context)
        }
        #expect(context.memory.statistics.systemAllocations == allocations)
    }

    @Test func idleMemoryStaysBelowHalfOfThePeak() {
        let context = ComputeContext()
        for size in 1...60 {
            _ = Tensor(zeros: [size * 40_000], in: context)
            let statistics = context.memory.statistics
            #expect(
                statistics.bytesHeld <= statistics.peakBytesInUse * 3 / 2,
                "\(statistics.bytesHeld) bytes held, peak \(statistics.peakBytesInUse)")
        }
    }
}
