import Tensor

/// LN(word + position + token type), then dropout: the input of every BERT-family encoder, in width E.
struct Embeddings {
    private let word: Tensor
    private let position: Tensor
    /// nil where the family has no token types.
    private let tokenType: Tensor?
    private let norm: LayerNorm
    /// What the encoder computes in.
    private let computeType: DType

    /// Binds to the tables under `name`.
    init(_ name: String, _ configuration: any EncoderConfiguration, _ parameters: ParameterArena) {
        word = parameters["\(name).word_embeddings.weight"]
        position = parameters["\(name).position_embeddings.weight"]
        tokenType = configuration.tokenTypeCount > 0 ? parameters["\(name).token_type_embeddings.weight"] : nil
        norm = LayerNorm("\(name).LayerNorm", epsilon: configuration.layerNormEpsilon, parameters)
        computeType = parameters.computeType
    }

    /// The tokens of `input` -> [T, E] in the compute type. The sum and its normalisation keep the type of the tables,
    /// so that a table row is rounded once, together with the rest.
    ///
    /// The padding row of the word table is a row like any other, as in the original code; `transformers` keeps
    /// gradients of lookups away from it. Both agree unless padding is passed as tokens, as batches without a mask do.
    func callAsFunction(_ input: EncoderInput, dropout: Dropout?) -> Tensor {
        let words = word.embedding(ids: input.inputIDs).add(position.embedding(ids: input.positions))
        let normalized = norm(tokenType.map { words.add($0.embedding(ids: input.segmentIDs)) } ?? words)
        return (dropout.map { normalized.dropout($0) } ?? normalized).converted(to: computeType)
    }

    /// The tables and the layer norm.
    static func entries(_ name: String, _ configuration: any EncoderConfiguration) -> [ParameterEntry] {
        let tables = [
            ("word", configuration.vocabularySize), ("position", configuration.maximumPositions),
            ("token_type", configuration.tokenTypeCount),
        ]
        let width = configuration.embeddingWidth
        return tables.filter { $0.1 > 0 }.map { table, rows in
            ParameterEntry(
                name: "\(name).\(table)_embeddings.weight", shape: [rows, width],
                initializer: .truncatedNormal(std: configuration.initializerRange))
        } + LayerNorm.entries("\(name).LayerNorm", width: width)
    }
}
