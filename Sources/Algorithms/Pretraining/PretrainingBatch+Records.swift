package import Models
package import Tensor
package import Text

extension PretrainingBatch {
    /// The tensors of one logical shard: its records one behind the other.
    ///
    /// - Parameter records: at least one.
    package init(_ records: [PretrainingRecord], in context: ComputeContext) {
        var start: Int32 = 0
        var maskedRows: [Int32] = []
        for record in records {
            maskedRows += record.maskedPositions.map { start + $0 }
            start += Int32(record.inputIDs.count)
        }
        let maskedIDs = records.flatMap(\.maskedIDs)
        self.init(
            inputIDs: records.flatMap(\.inputIDs), segmentIDs: records.flatMap { $0.segmentIDs.map { Int32($0) } },
            lengths: records.map(\.inputIDs.count), maskedRows: maskedRows, maskedIDs: maskedIDs,
            maskedWeights: [Double](repeating: 1, count: maskedIDs.count), pairLabels: records.map(\.pairLabel),
            in: context)
    }
}
