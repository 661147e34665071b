import Tensor

/// LN(word + position + token type), then dropout: the input of every BERT-family encoder, in width E.
struct Embeddings {
    let word: Tensor
    let position: Tensor
    let tokenType: Tensor
    let norm: LayerNorm

    /// Binds to the tables under `name`.
    init(_ name: String, epsilon: Double, _ parameters: ParameterArena) {
        word = parameters["\(name).word_embeddings.weight"]
        position = parameters["\(name).position_embeddings.weight"]
        tokenType = parameters["\(name).token_type_embeddings.weight"]
        norm = LayerNorm("\(name).LayerNorm", epsilon: epsilon, parameters)
    }

    /// Ids and segment ids [B, S] -> [B, S, E].
    ///
    /// The padding row of the word table is a row like any other, as in the original code; `transformers` keeps
    /// gradients of lookups away from it. Padded positions are masked and predict nothing, so the losses agree.
    func callAsFunction(ids: Tensor, segments: Tensor, dropout: Dropout?) -> Tensor {
        let (batch, length) = (ids.shape.dimensions[0], ids.shape.dimensions[1])
        let positions = (0..<batch).flatMap { _ in (0..<length).map { Int32($0) } }
        let positionIDs = Tensor(ids: positions, shape: ids.shape, in: ids.context)
        let sum = word.embedding(ids: ids)
            .add(position.embedding(ids: positionIDs))
            .add(tokenType.embedding(ids: segments))
        let normalized = norm(sum)
        return dropout.map { normalized.dropout($0) } ?? normalized
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
