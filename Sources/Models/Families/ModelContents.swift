/// Which parts a model has besides embeddings and encoder layers.
package struct ModelContents: OptionSet, Sendable, Hashable {
    /// One bit per part.
    package let rawValue: Int
    /// The parts whose bits are set.
    package init(rawValue: Int) { self.rawValue = rawValue }

    /// tanh(first token · W + b).
    package static let pooler = ModelContents(rawValue: 1)
    /// The masked-LM head.
    package static let maskedLMHead = ModelContents(rawValue: 2)
    /// The two-class head over sentence pairs (next sentence or sentence order).
    package static let pairHead = ModelContents(rawValue: 4)

    /// Everything that pretraining trains.
    package static let pretraining: ModelContents = [.pooler, .maskedLMHead, .pairHead]
}
