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
    /// Per parameter: its share of the learning rate.
    let scales: [Double]

    /// A plan over the parameters whose share of the learning rate is not 0; nil gives all the whole rate.
    init(_ arena: ParameterArena, rule: DecayRule, scales: [Double]? = nil) {
        let scales = scales ?? Array(repeating: 1, count: arena.entries.count)
        decays = arena.entries.map { rule.decays($0.name) }
        self.scales = scales
        blocks = arena.ranges.enumerated().flatMap { entry, range in
            scales[entry] == 0
                ? []
                : stride(from: range.lowerBound, to: range.upperBound, by: Self.blockLength).map {
                    Block(entry: entry, range: $0..<min($0 + Self.blockLength, range.upperBound))
                }
        }
    }
}
