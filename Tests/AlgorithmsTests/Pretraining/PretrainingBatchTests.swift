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

    @Test(arguments: [(1, 8), (7, 8), (8, 8), (9, 16), (16, 16), (17, 24)])
    func rowsArePaddedToAMultipleOfEight(longest: Int, length: Int) {
        let records = [record(1, masked: [], label: 0), record(longest, masked: [0], label: 1)]
        let batch = PretrainingBatch(records, in: ComputeContext())
        #expect(batch.sequenceLength == length && batch.batchSize == 2)
    }

    @Test func tokensAreInPlaceAndPaddingIsHidden() {
        let records = [record(5, masked: [1, 3], label: 1), record(9, masked: [8], label: 0)]
        let batch = PretrainingBatch(records, in: ComputeContext())
        let length = 16
        let (ids, segments, mask) = (batch.inputIDs.int32s(), batch.segmentIDs.int32s(), batch.mask.floats())
        for (row, record) in records.enumerated() {
            for column in 0..<length {
                let isToken = column < record.inputIDs.count
                let index = row * length + column
                #expect(ids[index] == (isToken ? record.inputIDs[column] : 0), "row \(row), column \(column)")
                #expect(segments[index] == (isToken ? Int32(record.segmentIDs[column]) : 0), "\(row), \(column)")
                #expect(mask[index] == (isToken ? 0 : -10000), "row \(row), column \(column)")
            }
        }
        #expect(batch.maskedRows.int32s() == [1, 3, 16 + 8])
        #expect(batch.maskedIDs.int32s() == [51, 53, 58])
        #expect(batch.maskedWeights.floats() == [1, 1, 1] && batch.maskedWeightSum == 3)
        #expect(batch.pairLabels.int32s() == [1, 0])
    }
}
