/// Which parameters of a model the weights may lack, so that they keep their initial values.
package enum LoadTolerance: Sendable, Hashable, CaseIterable {
    /// None: of a model that is used as it is.
    case nothing
    /// Those of heads.
    case heads
    /// What fine-tuning trains anew: those of heads and of the pooler, which files of masked-LM models lack. A head of
    /// another size counts as lacking.
    case newHead
    /// Any, and even all.
    case anything

    /// Whether the weights may lack a parameter.
    func accepts(_ name: String, of layout: ModelLayout) -> Bool {
        switch self {
        case .nothing: false
        case .heads: !name.hasPrefix(layout.prefix)
        case .newHead: !name.hasPrefix(layout.prefix) || layout.pooler.map { name.hasPrefix("\($0).") } ?? false
        case .anything: true
        }
    }
}
