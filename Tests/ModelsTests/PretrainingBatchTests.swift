import Models
import Tensor
import Testing

/// How sequences lie in a batch.
struct PretrainingBatchTests {
    /// Rows of 3, 5 and 1 tokens, padded to 5.
    private func padded(in context: ComputeContext) -> PretrainingBatch {
        PretrainingBatch(
            inputIDs: [11, 12, 13, 0, 0, 21, 22, 23, 24, 25, 31, 0, 0, 0, 0],
            segmentIDs: [0, 0, 1, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0],
            attention: [1, 1, 1, 0, 0, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0], batchSize: 3, maskedRows: [2, 5, 9, 10],
            maskedIDs: [7, 8, 9, 6], maskedWeights: [1, 0.5, 1, 0], pairLabels: [1, 0, 1], in: context)
    }

    @Test func paddingIsDroppedAndMaskedRowsMove() {
        let batch = padded(in: ComputeContext())
        #expect(batch.batchSize == 3 && batch.tokenCount == 9 && batch.predictionCount == 4)
        #expect(batch.sequences.lengths == [3, 5, 1] && batch.sequences.starts == [0, 3, 8])
        #expect(batch.input.inputIDs.int32s() == [11, 12, 13, 21, 22, 23, 24, 25, 31])
        #expect(batch.input.segmentIDs.int32s() == [0, 0, 1, 0, 0, 0, 1, 1, 0])
        #expect(batch.input.positions.int32s() == [0, 1, 2, 0, 1, 2, 3, 4, 0])
        #expect(batch.maskedRows.int32s() == [2, 3, 7, 8])
        #expect(batch.maskedIDs.int32s() == [7, 8, 9, 6] && batch.pairLabels.int32s() == [1, 0, 1])
        #expect(batch.maskedWeights.floats() == [1, 0.5, 1, 0] && batch.maskedWeightSum == 2.5)
    }

    @Test func weightsHaveTheTypeOfTheLosses() {
        let context = ComputeContext()
        for dtype in [DType.float32, .float64] {
            #expect(GoldenModels.batch(dtype: dtype, in: context).maskedWeights.dtype == dtype)
        }
    }

    @Test func paddingBetweenTokensIsRefused() async {
        await #expect(processExitsWith: .failure) {
            _ = PretrainingBatch(
                inputIDs: [1, 0, 2], segmentIDs: [0, 0, 0], attention: [1, 0, 1], batchSize: 1, maskedRows: [],
                maskedIDs: [], maskedWeights: [], pairLabels: [0], in: ComputeContext())
        }
    }

    @Test func maskedPaddingIsRefused() async {
        await #expect(processExitsWith: .failure) {
            _ = PretrainingBatch(
                inputIDs: [1, 2, 0, 3, 4, 5], segmentIDs: [0, 0, 0, 0, 0, 0], attention: [1, 1, 0, 1, 1, 1],
                batchSize: 2, maskedRows: [2], maskedIDs: [1], maskedWeights: [1], pairLabels: [0, 0],
                in: ComputeContext())
        }
    }

    @Test func emptySequencesAreRefused() async {
        await #expect(processExitsWith: .failure) {
            _ = PretrainingBatch(
                inputIDs: [1], segmentIDs: [0], lengths: [1, 0], maskedRows: [], maskedIDs: [], maskedWeights: [],
                pairLabels: [0, 0], in: ComputeContext())
        }
    }
}
