package import Tensor

/// The input and the targets of one pretraining forward pass: B sequences laid one behind the other, T tokens in all
/// and no padding, n of them masked.
package struct PretrainingBatch {
    /// The sequences; their positions count from 0.
    package let input: EncoderInput
    /// The masked tokens as rows of T, int32 [n].
    package let maskedRows: Tensor
    /// The original tokens there, int32 [n].
    package let maskedIDs: Tensor
    /// Weight of each prediction, [n]: 1, or 0 for filler.
    package let maskedWeights: Tensor
    /// 1 = swapped (sentence order) or random next sentence, int32 [B].
    package let pairLabels: Tensor
    /// What the heads read: the masked rows, then the row of each sequence's first token, int32 [n + B].
    let neededRows: Tensor
    /// Weight 1 for every pair, [B].
    let pairWeights: Tensor
    /// Sum of `maskedWeights`.
    package let maskedWeightSum: Double

    /// Where each sequence begins and ends among the T tokens.
    package var sequences: SequenceOffsets { input.sequences }
    /// B.
    package var batchSize: Int { sequences.count }
    /// T.
    package var tokenCount: Int { sequences.tokenCount }
    /// n.
    package var predictionCount: Int { maskedRows.count }

    /// Builds the tensors from the tokens of all sequences, one behind the other: `lengths` says where to cut, and
    /// `maskedRows` counts through all of them. `dtype` is that of the losses, float32 or float64.
    ///
    /// - Precondition: there is a sequence, none is empty, and the counts agree.
    package init(
        inputIDs: [Int32], segmentIDs: [Int32], lengths: [Int], maskedRows: [Int32], maskedIDs: [Int32],
        maskedWeights: [Double], pairLabels: [Int32], dtype: DType = .float32, in context: ComputeContext
    ) {
        precondition(!lengths.isEmpty && lengths.allSatisfy { $0 > 0 }, "a batch of sequences of \(lengths) tokens")
        let sequences = SequenceOffsets(lengths: lengths)
        precondition(
            inputIDs.count == sequences.tokenCount && segmentIDs.count == sequences.tokenCount,
            "\(inputIDs.count) ids and \(segmentIDs.count) segment ids for \(sequences.tokenCount) tokens")
        precondition(
            maskedIDs.count == maskedRows.count && maskedWeights.count == maskedRows.count,
            "\(maskedRows.count) masked rows, \(maskedIDs.count) ids and \(maskedWeights.count) weights")
        precondition(
            pairLabels.count == sequences.count, "\(pairLabels.count) pair labels for \(sequences.count) sequences")
        func ids(_ values: [Int32]) -> Tensor { Tensor(ids: values, shape: [values.count], in: context) }
        input = EncoderInput(
            inputIDs: inputIDs, segmentIDs: segmentIDs, positions: lengths.flatMap { 0..<Int32($0) }, lengths: lengths,
            in: context)
        self.maskedRows = ids(maskedRows)
        self.maskedIDs = ids(maskedIDs)
        self.maskedWeights = Self.numbers(maskedWeights, dtype, context)
        self.pairLabels = ids(pairLabels)
        neededRows = ids(maskedRows + sequences.starts.map { Int32($0) })
        pairWeights = Self.numbers(Array(repeating: 1, count: sequences.count), dtype, context)
        maskedWeightSum = maskedWeights.reduce(0, +)
    }

    /// Builds the tensors from flat row-major arrays of `batchSize` rows of one length, as other programs pad them:
    /// `attention` is 1 for tokens and 0 for padding, which is dropped. `maskedRows` counts padding too.
    ///
    /// - Precondition: padding stands at the end of a row only, and nothing in it is masked.
    package init(
        inputIDs: [Int32], segmentIDs: [Int32], attention: [Int32], batchSize: Int, maskedRows: [Int32],
        maskedIDs: [Int32], maskedWeights: [Double], pairLabels: [Int32], dtype: DType = .float32,
        in context: ComputeContext
    ) {
        let padded = inputIDs.count / batchSize
        precondition(
            padded * batchSize == inputIDs.count && segmentIDs.count == inputIDs.count
                && attention.count == inputIDs.count,
            "\(inputIDs.count) ids, \(segmentIDs.count) segment ids and \(attention.count) attention values are not "
                + "\(batchSize) rows of one length")
        let lengths = (0..<batchSize).map { row in
            let visible = attention[row * padded..<(row + 1) * padded]
            let length = visible.lastIndex { $0 != 0 }.map { $0 - visible.startIndex + 1 } ?? 0
            precondition(visible.prefix(length).allSatisfy { $0 != 0 }, "row \(row) has padding before its last token")
            return length
        }
        let starts = SequenceOffsets(lengths: lengths).starts
        func packed(_ values: [Int32]) -> [Int32] {
            lengths.enumerated().flatMap { row, length in values[row * padded..<row * padded + length] }
        }
        let rows = maskedRows.map { index in
            let (row, column) = Int(index).quotientAndRemainder(dividingBy: padded)
            precondition(
                lengths.indices.contains(row) && column < lengths[row], "masked row \(index) is padding or outside")
            return Int32(starts[row] + column)
        }
        self.init(
            inputIDs: packed(inputIDs), segmentIDs: packed(segmentIDs), lengths: lengths, maskedRows: rows,
            maskedIDs: maskedIDs, maskedWeights: maskedWeights, pairLabels: pairLabels, dtype: dtype, in: context)
    }

    private static func numbers(_ values: [Double], _ dtype: DType, _ context: ComputeContext) -> Tensor {
        let shape: Shape = [values.count]
        return dtype == .float64
            ? Tensor(values, shape: shape, in: context) : Tensor(values.map(Float.init), shape: shape, in: context)
    }
}
