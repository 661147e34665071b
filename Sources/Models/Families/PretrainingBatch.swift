package import Tensor

/// The input and the targets of one pretraining forward pass: B sequences of S tokens, n masked positions in all.
package struct PretrainingBatch {
    /// Token ids, int32 [B, S]; padding is id 0.
    package let inputIDs: Tensor
    /// Segment (token type) ids, int32 [B, S].
    package let segmentIDs: Tensor
    /// Added to the attention scores of every key, [B, S]: 0 for a token, -10000 for padding.
    package let mask: Tensor
    /// The masked positions as rows b·S + position, int32 [n].
    package let maskedRows: Tensor
    /// The original tokens there, int32 [n].
    package let maskedIDs: Tensor
    /// Weight of each prediction, [n]: 1, or 0 for filler.
    package let maskedWeights: Tensor
    /// 1 = swapped (sentence order) or random next sentence, int32 [B].
    package let pairLabels: Tensor
    /// Rows of the first tokens, b·S, int32 [B].
    let firstRows: Tensor
    /// Weight 1 for every pair, [B].
    let pairWeights: Tensor
    /// Sum of `maskedWeights`.
    package let maskedWeightSum: Double

    /// What is added to the scores of a masked key: large enough to vanish in the softmax, finite so that a row without
    /// any visible key stays finite too.
    package static let maskedScore = -10000.0

    /// B.
    package var batchSize: Int { inputIDs.shape.dimensions[0] }
    /// S.
    package var sequenceLength: Int { inputIDs.shape.dimensions[1] }

    /// Bundles tensors of the shapes above; `mask` and `maskedWeights` have the parameters' dtype.
    package init(
        inputIDs: Tensor, segmentIDs: Tensor, mask: Tensor, maskedRows: Tensor, maskedIDs: Tensor,
        maskedWeights: Tensor, pairLabels: Tensor
    ) {
        let (batch, length) = (inputIDs.shape.dimensions[0], inputIDs.shape.dimensions[1])
        precondition(segmentIDs.shape == inputIDs.shape && mask.shape == inputIDs.shape)
        precondition(maskedIDs.shape == maskedRows.shape && maskedWeights.shape == maskedRows.shape)
        precondition(pairLabels.shape == [batch])
        self.inputIDs = inputIDs
        self.segmentIDs = segmentIDs
        self.mask = mask
        self.maskedRows = maskedRows
        self.maskedIDs = maskedIDs
        self.maskedWeights = maskedWeights
        self.pairLabels = pairLabels
        let context = inputIDs.context
        firstRows = Tensor(ids: (0..<batch).map { Int32($0 * length) }, shape: [batch], in: context)
        maskedWeightSum = maskedWeights.doubles().reduce(0, +)
        pairWeights = Self.numbers(Array(repeating: 1, count: batch), shape: [batch], mask.dtype, context)
    }

    /// Builds the tensors from flat row-major arrays. `attention` is 1 for tokens and 0 for padding.
    package init(
        inputIDs: [Int32], segmentIDs: [Int32], attention: [Int32], batchSize: Int, maskedRows: [Int32],
        maskedIDs: [Int32], maskedWeights: [Double], pairLabels: [Int32], dtype: DType = .float32,
        in context: ComputeContext
    ) {
        let shape: Shape = [batchSize, inputIDs.count / batchSize]
        let count = maskedRows.count
        self.init(
            inputIDs: Tensor(ids: inputIDs, shape: shape, in: context),
            segmentIDs: Tensor(ids: segmentIDs, shape: shape, in: context),
            mask: Self.numbers(attention.map { $0 == 0 ? Self.maskedScore : 0 }, shape: shape, dtype, context),
            maskedRows: Tensor(ids: maskedRows, shape: [count], in: context),
            maskedIDs: Tensor(ids: maskedIDs, shape: [count], in: context),
            maskedWeights: Self.numbers(maskedWeights, shape: [count], dtype, context),
            pairLabels: Tensor(ids: pairLabels, shape: [batchSize], in: context))
    }

    private static func numbers(_ values: [Double], shape: Shape, _ dtype: DType, _ context: ComputeContext) -> Tensor {
        dtype == .float64
            ? Tensor(values, shape: shape, in: context) : Tensor(values.map(Float.init), shape: shape, in: context)
    }
}
