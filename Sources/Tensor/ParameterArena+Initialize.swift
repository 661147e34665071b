extension ParameterArena {
    /// Elements that draw from one random stream; streams are filled in parallel.
    private static let streamLength = 1 << 14

    /// Gives every parameter its initial values. A value is a pure function of (seed, entry name, index), so it changes
    /// neither with the order of entries nor with their number; a float32 arena holds the float64 values rounded.
    package func initialize(seed: UInt64) {
        for (entry, range) in zip(entries, ranges) {
            let target = values.flat(range)
            switch entry.initializer {
            case .zeros:
                target.fillWithZeros()
            case .ones:
                target.copy(from: Tensor(repeating: 1, shape: target.shape, dtype: target.dtype, in: target.context))
            case .normal(let std):
                Self.draw(into: target, seed: seed, name: entry.name) { std * $0.nextNormal() }
            case .truncatedNormal(let std):
                Self.draw(into: target, seed: seed, name: entry.name) { std * $0.nextTruncatedNormal() }
            }
        }
    }

    /// Fills `target` with what `next` draws, each stretch from a stream of its own.
    private static func draw(
        into target: Tensor, seed: UInt64, name: String, _ next: (inout PhiloxGenerator) -> Double
    ) {
        let (dtype, address) = unsafe (target.dtype, target.address)
        target.context.forEachBlock(of: target.count, length: streamLength) { range in
            var generator = generator(seed: seed, name: name, stream: range.lowerBound / streamLength)
            for index in range {
                if dtype == .float32 {
                    unsafe address.assumingMemoryBound(to: Float.self)[index] = Float(next(&generator))
                } else {
                    unsafe address.assumingMemoryBound(to: Double.self)[index] = next(&generator)
                }
            }
        }
        withExtendedLifetime(target) {}
    }

    /// The random stream of one stretch of a parameter. The last step number belongs to initialisation, so no training
    /// step draws the same numbers.
    private static func generator(seed: UInt64, name: String, stream: Int) -> PhiloxGenerator {
        let hash = nameHash(name)
        let key = RandomKey(seed: seed, step: UInt64(UInt32.max), shard: UInt32(truncatingIfNeeded: hash))
        return PhiloxGenerator(key: key, site: UInt32(truncatingIfNeeded: hash >> 32) &+ UInt32(stream))
    }

    /// The 64-bit FNV-1a hash of the UTF-8 bytes.
    private static func nameHash(_ name: String) -> UInt64 {
        name.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
    }
}
