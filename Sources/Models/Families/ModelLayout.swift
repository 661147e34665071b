package import Tensor

/// How a family differs from the others: what its parameters are called, which layers its depth uses, what its heads do.
struct ModelLayout {
    /// What the encoder's names begin with inside a model with a head, e.g. `bert.`.
    let prefix: String
    /// The embedding tables and their layer norm.
    let embeddings: String
    /// E -> H, where the family has such a map.
    var mapping: String?
    /// The distinct layers.
    let layers: [EncoderLayerNames]
    /// For each step of the depth that counts as a hidden state, the layers that it runs.
    let blocks: [[Int]]
    /// The map of the first token that is tanh(x·W + b); nil where the family has none.
    let pooler: String?
    let maskedLM: MaskedLMHeadNames
    /// The sentence-pair classifier on the pooled token; nil where the family is not trained on pairs.
    var pair: String?
    let sequence: FirstTokenHeadNames
    let choice: FirstTokenHeadNames
    /// The classifier of first tokens that no family has of its own.
    let firstToken = "cls"
    /// The classifier of tokens.
    let token = "classifier"
    /// The question-answering head.
    let span = "qa_outputs"
    /// Rates of the dropout before the heads' last map.
    let sequenceDropoutRate: Double
    let choiceDropoutRate: Double
    let tokenDropoutRate: Double
    let spanDropoutRate: Double

    /// The word table, which a tied masked-LM head decodes with.
    var wordTable: String { "\(embeddings).word_embeddings.weight" }
}

extension ModelConfiguration {
    /// The family's own way.
    var layout: ModelLayout {
        switch self {
        case .albert(let configuration): configuration.layout
        case .bert(let configuration): configuration.layout
        case .distilbert(let configuration): configuration.layout
        case .roberta(let configuration): configuration.layout
        }
    }

    /// Runs of a layer in one pass: more than there are layers where layers are shared.
    package var layerUseCount: Int { layout.blocks.reduce(0) { $0 + $1.count } }
    /// Whether a linear map leads from the embedding width to the encoder width.
    package var mapsEmbeddings: Bool { layout.mapping != nil }
    /// Whether the family is pretrained on pairs of sentences, so that `PretrainingOutput` can be had.
    package var hasPairHead: Bool { layout.pair != nil }

    /// The parameters of a model in the order of the computation, with their Hugging Face names. Tied weights occur
    /// once.
    package func parameterEntries(head: ModelHead = .pretraining) -> [ParameterEntry] {
        let (layout, encoder) = (layout, encoder)
        let (hidden, std) = (encoder.hiddenSize, encoder.initializerRange)
        func linear(_ name: String, _ output: Int, from input: Int? = nil) -> [ParameterEntry] {
            Linear.entries(name, output: output, input: input ?? hidden, std: std)
        }
        var entries = Embeddings.entries(layout.embeddings, encoder)
        if let mapping = layout.mapping { entries += linear(mapping, hidden, from: encoder.embeddingWidth) }
        for names in layout.layers { entries += EncoderLayer.entries(names, encoder) }
        let pooler = layout.pooler.map { linear($0, hidden) } ?? []
        return switch head {
        case .pretraining:
            entries + (layout.pair == nil ? [] : pooler) + MaskedLMHead.entries(layout.maskedLM, encoder)
                + (layout.pair.map { linear($0, 2) } ?? [])
        case .maskedLM: entries + MaskedLMHead.entries(layout.maskedLM, encoder)
        case .none: entries + pooler
        case .sequenceClassification(let labels):
            entries + FirstTokenHead.entries(layout.sequence, labels: labels, encoder)
        case .firstTokenClassification(let labels): entries + linear(layout.firstToken, labels)
        case .tokenClassification(let labels): entries + linear(layout.token, labels)
        case .questionAnswering: entries + linear(layout.span, 2)
        case .multipleChoice: entries + FirstTokenHead.entries(layout.choice, labels: 1, encoder)
        }
    }

    /// Number of trained numbers, tied ones counted once.
    package func parameterCount(head: ModelHead = .pretraining) -> Int {
        parameterEntries(head: head).reduce(0) { $0 + $1.shape.count }
    }
}
