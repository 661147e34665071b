package import Tensor

/// What an encoder reads: B sequences laid one behind the other, T tokens in all and no padding.
package struct EncoderInput {
    /// Where each sequence begins and ends among the T tokens.
    package let sequences: SequenceOffsets
    /// Token ids, int32 [T].
    package let inputIDs: Tensor
    /// Segment (token type) ids, int32 [T]; families without token types do not read them.
    package let segmentIDs: Tensor
    /// The row of the position table for each token, int32 [T].
    package let positions: Tensor

    /// Sequences of ids and token types, for a model of `configuration`.
    ///
    /// Throws `invalidInput` naming the sequence when it is empty or longer than the model's positions, or when an id
    /// or a token type has no row in its table.
    package init(
        _ sequences: [(ids: [Int32], typeIDs: [Int32])], for configuration: ModelConfiguration,
        in context: ComputeContext
    ) throws(ModelsError) {
        let encoder = configuration.encoder
        for (index, sequence) in sequences.enumerated() {
            try Self.check(sequence.ids, sequence.typeIDs, number: index, encoder)
        }
        self.init(
            inputIDs: sequences.flatMap(\.ids), segmentIDs: sequences.flatMap(\.typeIDs),
            positions: sequences.flatMap { encoder.positions(of: $0.ids) },
            lengths: sequences.map(\.ids.count), in: context)
    }

    /// From checked tokens of all sequences, one behind the other.
    init(
        inputIDs: [Int32], segmentIDs: [Int32], positions: [Int32], lengths: [Int], in context: ComputeContext
    ) {
        func ids(_ values: [Int32]) -> Tensor { Tensor(ids: values, shape: [values.count], in: context) }
        sequences = SequenceOffsets(lengths: lengths)
        self.inputIDs = ids(inputIDs)
        self.segmentIDs = ids(segmentIDs)
        self.positions = ids(positions)
    }

    /// The row of each sequence's first token, int32 [B].
    var firstRows: Tensor {
        Tensor(ids: sequences.starts.map { Int32($0) }, shape: [sequences.count], in: inputIDs.context)
    }

    private static func check(
        _ ids: [Int32], _ types: [Int32], number: Int, _ encoder: any EncoderConfiguration
    ) throws(ModelsError) {
        func failure(_ message: String) -> ModelsError {
            ModelsError(.invalidInput, "sequence \(number + 1): \(message)")
        }
        if ids.isEmpty { throw failure("expected at least one token, got none") }
        if ids.count > encoder.maximumTokens {
            throw failure("expected at most \(encoder.maximumTokens) tokens, the model's positions, got \(ids.count)")
        }
        if types.count != ids.count {
            throw failure("expected \(ids.count) token types, one per id, got \(types.count)")
        }
        var tables = [("token", ids, encoder.vocabularySize)]
        if encoder.tokenTypeCount > 0 { tables.append(("token type", types, encoder.tokenTypeCount)) }
        for (kind, values, rows) in tables {
            guard let place = values.firstIndex(where: { $0 < 0 || $0 >= rows }) else { continue }
            throw failure("\(kind) \(place + 1): expected an id of 0 to \(rows - 1), got \(values[place])")
        }
    }
}

/// What an encoder computes.
package struct EncoderOutput {
    /// What leaves the last layer, [T, H].
    package let lastHidden: Tensor
    /// If asked for: what enters the first layer and what leaves each step of the depth, L + 1 of [T, H]. A step of
    /// ALBERT is a whole group of layers.
    package let hiddenStates: [Tensor]
    /// If asked for: the softmax of each use of a layer, before dropout, for each sequence of S tokens: [A, S, S],
    /// heads by queries by keys. No gradients flow from there.
    package let attentions: [[Tensor]]
}
