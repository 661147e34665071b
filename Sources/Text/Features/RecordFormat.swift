/// The bytes of a `.records` file, little-endian:
///
/// ```
/// header   64 bytes   magic "TROUPEPR", version, vocabulary size, max sequence length, max predictions (u32 each),
///                     records, tokens, predictions, index offset, first record offset (u64 each)
/// bitmap              one bit per vocabulary id: does the piece start a word? padded to 8 bytes
/// records             each: tokens, predictions, length of segment 0, pair label (u16 each);
///                     input ids, masked positions (u16), masked ids
/// index               after padding to 8 bytes: records + 1 offsets (u64), the last one the end of the last record
/// ```
///
/// Ids take 2 bytes if the vocabulary has at most 65,536 pieces, else 4. Segment ids and token boundaries are not
/// stored: the first follow from the length of segment 0, the second from the bitmap and the unmasked ids.
struct RecordFormat: Sendable, Equatable, CustomStringConvertible {
    static let magic = Array("TROUPEPR".utf8)
    static let version: UInt32 = 1
    static let headerSize = 64
    static let recordHeaderSize = 8

    let vocabularySize: Int
    let maxSequenceLength: Int
    let maxPredictions: Int

    var description: String {
        "vocabulary \(vocabularySize), length \(maxSequenceLength), predictions \(maxPredictions)"
    }

    var idSize: Int { vocabularySize <= 65_536 ? 2 : 4 }
    var bitmapSize: Int { (vocabularySize + 63) / 64 * 8 }
    var firstRecord: Int { Self.headerSize + bitmapSize }

    /// Bytes of a record.
    func size(tokens: Int, predictions: Int) -> Int {
        Self.recordHeaderSize + tokens * idSize + predictions * (2 + idSize)
    }

    /// Appends a record. The lengths must fit the format, which `RecordParameters.validate` ensures.
    func append(_ record: PretrainingRecord, to bytes: inout [UInt8]) {
        let firstLength = record.segmentIDs.firstIndex(of: 1) ?? record.segmentIDs.count
        append(UInt16(record.inputIDs.count), to: &bytes)
        append(UInt16(record.maskedPositions.count), to: &bytes)
        append(UInt16(firstLength), to: &bytes)
        append(UInt16(record.pairLabel), to: &bytes)
        append(ids: record.inputIDs, to: &bytes)
        for position in record.maskedPositions { append(UInt16(position), to: &bytes) }
        append(ids: record.maskedIDs, to: &bytes)
    }

    private func append(ids: [Int32], to bytes: inout [UInt8]) {
        if idSize == 2 {
            for id in ids { append(UInt16(id), to: &bytes) }
        } else {
            for id in ids { append(UInt32(id), to: &bytes) }
        }
    }

    private func append(_ value: UInt16, to bytes: inout [UInt8]) {
        bytes.append(UInt8(truncatingIfNeeded: value))
        bytes.append(UInt8(truncatingIfNeeded: value >> 8))
    }

    private func append(_ value: UInt32, to bytes: inout [UInt8]) {
        append(UInt16(truncatingIfNeeded: value), to: &bytes)
        append(UInt16(truncatingIfNeeded: value >> 16), to: &bytes)
    }

    /// The header of a finished file.
    func header(records: Int, tokens: Int, predictions: Int, indexOffset: Int) -> [UInt8] {
        var bytes = Self.magic
        for value in [Int(Self.version), vocabularySize, maxSequenceLength, maxPredictions] {
            append(UInt32(value), to: &bytes)
        }
        for value in [records, tokens, predictions, indexOffset, firstRecord] {
            append(UInt32(truncatingIfNeeded: value), to: &bytes)
            append(UInt32(truncatingIfNeeded: value >> 32), to: &bytes)
        }
        return bytes
    }

    /// The bitmap of word starts.
    func bitmap(_ isWordStart: [Bool]) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: bitmapSize)
        for (id, isStart) in isWordStart.enumerated() where isStart { bytes[id / 8] |= 1 << UInt8(id % 8) }
        return bytes
    }
}
