import Algorithms
import Models
import Tensor
import Testing
import Text

@Suite struct PretrainingBatchTests {
    /// A record of `count` tokens 10, 11, ... whose second half is the second segment.
    private func record(_ count: Int, masked: [Int32], label: Int32) -> PretrainingRecord {
        PretrainingRecord(
            inputIDs: (0..<Int32(count)).map { $0 + 10 }, segmentIDs: (0..<count).map { $0 < count / 2 ? 0 : 1 },
            tokenBoundary: [UInt8](repeating: 1, count: count), maskedPositions: masked,
            maskedIDs: masked.map { $0 + 50 }, pairLabel: label)
    }

    @Test func recordsLieOneBehindTheOther() {
        let records = [
            record(5, masked: [1, 3], label: 1), record(1, masked: [], label: 0), record(9, masked: [8], label: 0),
        ]
        let batch = PretrainingBatch(records, in: ComputeContext())
        #expect(batch.sequences.lengths == [5, 1, 9] && batch.tokenCount == 15)
        #expect(batch.input.inputIDs.int32s() == records.flatMap(\.inputIDs))
        #expect(batch.input.segmentIDs.int32s() == records.flatMap { $0.segmentIDs.map { Int32($0) } })
        #expect(batch.input.positions.int32s() == [0, 1, 2, 3, 4, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8])
        #expect(batch.maskedRows.int32s() == [1, 3, 6 + 8])
        #expect(batch.maskedIDs.int32s() == [51, 53, 58])
        #expect(batch.maskedWeights.floats() == [1, 1, 1] && batch.maskedWeightSum == 3)
        #expect(batch.pairLabels.int32s() == [1, 0, 0])
    }
}
