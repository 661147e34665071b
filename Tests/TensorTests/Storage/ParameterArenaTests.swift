import Tensor
import Testing

@Suite(.timeLimit(.minutes(1))) struct ParameterArenaTests {
    private static let entries = [
        ParameterEntry(name: "a", shape: [3, 5], initializer: .normal(std: 0.02)),
        ParameterEntry(name: "b", shape: [17], initializer: .zeros),
        ParameterEntry(name: "c", shape: [300, 70], initializer: .truncatedNormal(std: 0.02)),
        ParameterEntry(name: "d", shape: [9], initializer: .ones),
    ]

    @Test func parametersStartAtMultiplesOfSixteenElements() {
        let arena = ParameterArena(entries: Self.entries, extraGradientElements: 5, in: ComputeContext())
        #expect(arena.ranges == [0..<15, 16..<33, 48..<21_048, 21_056..<21_065])
        #expect(arena.elementCount == 21_072 && arena.values.count == 21_072 && arena.gradients.count == 21_077)
        #expect(arena.extraRange == 21_072..<21_077)
        #expect(arena.parameterCount == 15 + 17 + 21_000 + 9)
        for entry in arena.entries {
            let address = unsafe arena[entry.name].withUnsafeBytes { UInt(bitPattern: $0.baseAddress) }
            #expect(address % 64 == 0)
        }
    }

    @Test func joinedParametersAreOneMatrixWithOneGradient() {
        let context = ComputeContext()
        let entries = [
            ParameterEntry(name: "q", shape: [3, 5], initializer: .normal(std: 1)),
            ParameterEntry(name: "k", shape: [2, 5], initializer: .normal(std: 1), joinsPrevious: true),
            ParameterEntry(name: "other", shape: [3], initializer: .ones),
        ]
        for type in [DType.float32, .bfloat16] {
            let arena = ParameterArena(entries: entries, computeType: type, in: context)
            arena.initialize(seed: 3)
            arena.refreshWeights()
            #expect(arena.ranges == [0..<15, 15..<25, 32..<35])
            let joined = arena.weight(joining: ["q", "k"])
            #expect(joined.shape == [5, 5] && joined.dtype == type)
            let expected = (arena["q"].floats() + arena["k"].floats()).map { value in
                Tensor([value], shape: [1], in: context).cast(to: type).doubles()[0]
            }
            #expect(joined.doubles() == expected)
            let x = Tensor([1.0, 2, 3, 4, 5], shape: [1, 5], dtype: type, in: context)
            x.linear(weight: joined).backward(
                seed: Tensor([1.0, 1, 1, 10, 100], shape: [1, 5], dtype: type, in: context))
            #expect(arena["q"].gradient?.doubles() == [1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 1, 2, 3, 4, 5])
            #expect(arena["k"].gradient?.doubles() == [10, 20, 30, 40, 50, 100, 200, 300, 400, 500])
            #expect(arena["other"].gradient?.doubles() == [0, 0, 0])
        }
    }

    @Test func weightsFollowTheValuesWhenRefreshed() {
        let arena = ParameterArena(entries: Self.entries, computeType: .bfloat16, in: ComputeContext(threads: 2))
        arena.initialize(seed: 5)
        let weight = arena.weight("c")
        #expect(weight.doubles().allSatisfy { $0 == 0 })
        arena.refreshWeights()
        #expect(weight.doubles() == arena["c"].cast(to: .bfloat16).doubles())
        #expect(weight.doubles() != arena["c"].doubles())
    }

    @Test func initialValuesDependOnSeedAndNameOnly() {
        let first = ParameterArena(entries: Self.entries, in: ComputeContext(threads: 3))
        let second = ParameterArena(entries: Self.entries.reversed(), in: ComputeContext())
        let other = ParameterArena(entries: Self.entries, in: ComputeContext())
        first.initialize(seed: 42)
        second.initialize(seed: 42)
        other.initialize(seed: 43)
        for entry in Self.entries { #expect(first[entry.name].floats() == second[entry.name].floats()) }
        #expect(first["a"].floats() != other["a"].floats())
        #expect(Set(first["c"].floats()).count > 20_000, "streams of one parameter repeat")
    }

    @Test func float32ArenasHoldTheFloat64ValuesRounded() {
        let single = ParameterArena(entries: Self.entries, in: ComputeContext())
        let double = ParameterArena(entries: Self.entries, dtype: .float64, in: ComputeContext())
        single.initialize(seed: 7)
        double.initialize(seed: 7)
        #expect(single.values.floats() == double.values.doubles().map { Float($0) })
    }

    @Test func initialDistributionsHaveTheirMoments() {
        let arena = ParameterArena(
            entries: [
                ParameterEntry(name: "normal", shape: [200_000], initializer: .normal(std: 0.02)),
                ParameterEntry(name: "truncated", shape: [200_000], initializer: .truncatedNormal(std: 0.02)),
            ], in: ComputeContext())
        arena.initialize(seed: 11)
        // The standard deviation of a normal cut at two deviations is 0.8796 of the uncut one.
        for (name, deviation) in [("normal", 0.02), ("truncated", 0.0175925)] {
            let values = arena[name].doubles()
            let mean = values.reduce(0, +) / Double(values.count)
            let variance = values.reduce(0) { $0 + $1 * $1 } / Double(values.count)
            #expect(abs(mean) < 2e-4 && abs(variance.squareRoot() - deviation) < 1e-4, "\(name)")
        }
        #expect(arena["truncated"].floats().allSatisfy { abs($0) <= 0.04 })
    }

    @Test func backwardAccumulatesIntoTheFlatBuffer() {
        let context = ComputeContext()
        let arena = ParameterArena(entries: Self.entries, extraGradientElements: 2, in: context)
        arena.initialize(seed: 1)
        let input = Tensor([Float](repeating: 1, count: 10), shape: [2, 5], in: context)
        for round in 1...2 {
            input.linear(weight: arena["a"]).sum().backward()
            let flat = arena.gradients.floats()
            #expect(flat[0..<15].allSatisfy { $0 == Float(2 * round) }, "round \(round)")
            #expect(flat[15...].allSatisfy { $0 == 0 })
        }
        #expect(arena["a"].gradient?.floats() == [Float](repeating: 4, count: 15))
        arena.zeroGradients()
        #expect(arena.gradients.floats().allSatisfy { $0 == 0 })
    }

    @Test func frozenParametersGetNoGradient() {
        let context = ComputeContext()
        let arena = ParameterArena(entries: Self.entries, in: context)
        arena.initialize(seed: 1)
        arena["a"].requiresGradient = false
        let input = Tensor([Float](repeating: 1, count: 10), shape: [2, 5], in: context)
        #expect(!input.linear(weight: arena["a"]).requiresGradient)
        input.requiresGradient = true
        input.linear(weight: arena["a"]).sum().backward()
        #expect(arena.gradients.floats().allSatisfy { $0 == 0 })
        #expect(input.gradient != nil)
        arena["a"].requiresGradient = true
        input.linear(weight: arena["a"]).sum().backward()
        #expect(arena["a"].gradient?.floats().allSatisfy { $0 == 2 } == true)
    }
}
