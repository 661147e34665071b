import Tensor

/// The blocks in which an optimizer walks over an arena: each lies in one parameter, and their bounds depend on the
/// arena alone, so that sums over them do too.
struct UpdatePlan {
    /// Elements of a block; 64 KiB of float32, which fits a core's second cache together with its states.
    private static let blockLength = 1 << 14

    struct Block {
        let entry: Int
        let range: Range<Int>
    }

    let blocks: [Block]
    /// Per parameter: whether weight decay applies.
    let decays: [Bool]

    init(_ arena: ParameterArena, rule: DecayRule) {
        decays = arena.entries.map { rule.decays($0.name) }
        blocks = arena.ranges.enumerated().flatMap { entry, range in
            stride(from: range.lowerBound, to: range.upperBound, by: Self.blockLength).map {
                Block(entry: entry, range: $0..<min($0 + Self.blockLength, range.upperBound))
            }
        }
    }
}
