/// What stands on top of an encoder.
package enum ModelHead: Sendable, Hashable {
    /// What the family is pretrained with: masked LM, and the pooler with the sentence-pair head where it has one.
    case pretraining
    /// Logits over the vocabulary.
    case maskedLM
    /// Nothing but the pooler, if the family has one.
    case none
    /// `labels` numbers per sequence: classes, or a score if there is one.
    case sequenceClassification(labels: Int)
    /// `labels` numbers per sequence, straight from the last hidden state of its first token: one linear map, without
    /// pooler or dropout. `transformers` has no class for it.
    case firstTokenClassification(labels: Int)
    /// `labels` numbers per token.
    case tokenClassification(labels: Int)
    /// Two numbers per token: how well an answer starts and ends there.
    case questionAnswering
    /// One number per sequence, to be compared with those of the other choices.
    case multipleChoice

    /// How the names of the classes in `transformers` end.
    var classSuffix: String {
        switch self {
        case .pretraining: "ForPreTraining"
        case .maskedLM: "ForMaskedLM"
        case .none: "Model"
        case .sequenceClassification: "ForSequenceClassification"
        case .firstTokenClassification: "ForFirstTokenClassification"
        case .tokenClassification: "ForTokenClassification"
        case .questionAnswering: "ForQuestionAnswering"
        case .multipleChoice: "ForMultipleChoice"
        }
    }
}
