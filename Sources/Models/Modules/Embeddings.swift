import Tensor

/// LN(word + position + token type), then dropout: the input of every BERT-family encoder, in width E.
struct Embeddings {
    /// The word table in the state dict; also the decoder of the masked-LM head.
    let wordTableName: String
    private let word: Tensor
    private let position: Tensor
    private let tokenType: Tensor
    private let norm: LayerNorm
    /// What the encoder computes in.
    private let computeType: DType

    /// Binds to the tables under `name`.
    init(_ name: String, epsilon: Double, _ parameters: ParameterArena) {
        wordTableName = "\(name).word_embeddings.weight"
        word = parameters[wordTableName]
        position = parameters["\(name).position_embeddings.weight"]
        tokenType = parameters["\(name).token_type_embeddings.weight"]
        norm = LayerNorm("\(name).LayerNorm", epsilon: epsilon, parameters)
        computeType = parameters.computeType
    }

    /// The tokens of `batch` -> [T, E] in the compute type. The sum and its normalisation keep the type of the tables,
    /// so that a table row is rounded once, together with the rest.
    ///
    /// The padding row of the word table is a row like any other, as in the original code; `transformers` keeps
    /// gradients of lookups away from it. There is no padding here to look it up, so both agree.
    func callAsFunction(_ batch: PretrainingBatch, dropout: Dropout?) -> Tensor {
        let sum = word.embedding(ids: batch.inputIDs)
            .add(position.embedding(ids: batch.positions))
            .add(tokenType.embedding(ids: batch.segmentIDs))
        let normalized = norm(sum)
        return (dropout.map { normalized.dropout($0) } ?? normalized).converted(to: computeType)
    }

    /// The three tables and the layer norm.
    static func entries(_ name: String, _ configuration: some EncoderConfiguration) -> [ParameterEntry] {
        let tables = [
            ("word", configuration.vocabularySize), ("position", configuration.maximumPositions),
            ("token_type", configuration.tokenTypeCount),
        ]
        let width = configuration.embeddingWidth
        return tables.map { table, rows in
            ParameterEntry(
                name: "\(name).\(table)_embeddings.weight", shape: [rows, width],
                initializer: .truncatedNormal(std: configuration.initializerRange))
        } + LayerNorm.entries("\(name).LayerNorm", width: width)
    }
}
