package import Models
package import Tensor
package import Text

extension PretrainingBatch {
    /// The tensors of one logical shard.
    ///
    /// Rows are padded to the longest record, rounded up to a multiple of eight; the records alone decide that length,
    /// so it is the same on every rank and for every world size.
    ///
    /// - Parameter records: at least one.
    package init(_ records: [PretrainingRecord], in context: ComputeContext) {
        let longest = records.reduce(1) { max($0, $1.inputIDs.count) }
        let length = Self.paddedLength(longest)
        var inputIDs = [Int32](repeating: 0, count: records.count * length)
        var segmentIDs = inputIDs
        var attention = inputIDs
        var maskedRows: [Int32] = []
        for (row, record) in records.enumerated() {
            let start = row * length
            for (column, id) in record.inputIDs.enumerated() {
                inputIDs[start + column] = id
                segmentIDs[start + column] = Int32(record.segmentIDs[column])
                attention[start + column] = 1
            }
            maskedRows += record.maskedPositions.map { Int32(start) + $0 }
        }
        let maskedIDs = records.flatMap(\.maskedIDs)
        self.init(
            inputIDs: inputIDs, segmentIDs: segmentIDs, attention: attention, batchSize: records.count,
            maskedRows: maskedRows, maskedIDs: maskedIDs,
            maskedWeights: [Double](repeating: 1, count: maskedIDs.count), pairLabels: records.map(\.pairLabel),
            in: context)
    }

    /// The columns of a batch whose longest record has `tokens` tokens.
    package static func paddedLength(_ tokens: Int) -> Int { (tokens + 7) / 8 * 8 }
}
