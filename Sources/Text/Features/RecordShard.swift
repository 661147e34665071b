/// One `.records` file, mapped into memory and checked: magic, version, sizes and index when it is opened; each record
/// when it is read.
struct RecordShard: Sendable {
    let format: RecordFormat
    let count: Int
    let tokens: Int
    let predictions: Int
    private let file: MappedFile
    private let indexOffset: Int

    /// Opens a shard; throws `malformedDataset` naming the file and what was expected, or `unreadable`.
    init(_ path: String) throws(TextError) {
        let file = try MappedFile(path)
        self.file = file
        guard file.count >= RecordFormat.headerSize else {
            throw Self.damage(path, "\(file.count) bytes, expected a header of \(RecordFormat.headerSize)")
        }
        guard file.bytes(0..<8) == RecordFormat.magic else {
            throw Self.damage(path, "it does not begin with the magic of a records file")
        }
        let version = file.uint32(8)
        guard version == RecordFormat.version else {
            throw Self.damage(path, "format version \(version), expected \(RecordFormat.version)")
        }
        format = RecordFormat(
            vocabularySize: Int(file.uint32(12)), maxSequenceLength: Int(file.uint32(16)),
            maxPredictions: Int(file.uint32(20)))
        let numbers = stride(from: 24, to: 64, by: 8).map { Int(truncatingIfNeeded: file.uint64($0)) }
        count = numbers[0]
        tokens = numbers[1]
        predictions = numbers[2]
        indexOffset = numbers[3]
        guard numbers[4] == format.firstRecord, (0...file.count / 8).contains(count),
            (0...file.count).contains(indexOffset),
            indexOffset % 8 == 0,
            indexOffset >= format.firstRecord, file.count - indexOffset == (count &+ 1) &* 8
        else {
            throw Self.damage(
                path, "\(file.count) bytes do not hold the \(count) records and the index that the header announces")
        }
    }

    /// Whether each id of the vocabulary starts a word.
    func wordStarts() -> [Bool] {
        let bitmap = file.bytes(RecordFormat.headerSize..<RecordFormat.headerSize + format.bitmapSize)
        return (0..<format.vocabularySize).map { bitmap[$0 / 8] & 1 << UInt8($0 % 8) != 0 }
    }

    /// SHA-256 of the file.
    func digest() -> String { file.digest() }

    var path: String { file.path }
    var size: Int { file.count }

    /// Tokens and predictions of a record, from its first bytes.
    func lengths(at index: Int) throws(TextError) -> (tokens: Int, predictions: Int) {
        let (_, tokens, predictions) = try locate(index)
        return (tokens, predictions)
    }

    /// Reads a record; `wordStarts` are those of this shard.
    func record(at index: Int, wordStarts: [Bool]) throws(TextError) -> PretrainingRecord {
        let (offset, tokens, predictions) = try locate(index)
        let firstLength = Int(file.uint16(offset + 4))
        let label = file.uint16(offset + 6)
        var position = offset + RecordFormat.recordHeaderSize
        let inputIDs = ids(at: position, count: tokens)
        position += tokens * format.idSize
        let positions = (0..<predictions).map { Int32(file.uint16(position + 2 * $0)) }
        position += predictions * 2
        let maskedIDs = ids(at: position, count: predictions)
        let isValid = { (id: Int32) in id >= 0 && id < Int32(wordStarts.count) }
        guard firstLength <= tokens, label <= 1, inputIDs.allSatisfy(isValid), maskedIDs.allSatisfy(isValid),
            positions.allSatisfy({ $0 < tokens })
        else { throw Self.damage(path, "record \(index) holds values out of range") }
        var boundary = inputIDs.map { wordStarts[Int($0)] ? UInt8(1) : 0 }
        for (position, id) in zip(positions, maskedIDs) { boundary[Int(position)] = wordStarts[Int(id)] ? 1 : 0 }
        let segments = (0..<tokens).map { $0 < firstLength ? UInt8(0) : 1 }
        return PretrainingRecord(
            inputIDs: inputIDs, segmentIDs: segments, tokenBoundary: boundary, maskedPositions: positions,
            maskedIDs: maskedIDs, pairLabel: Int32(label))
    }

    private func locate(_ index: Int) throws(TextError) -> (offset: Int, tokens: Int, predictions: Int) {
        precondition(index >= 0 && index < count, "record \(index) is outside 0..<\(count)")
        let start = Int(truncatingIfNeeded: file.uint64(indexOffset + index * 8))
        let end = Int(truncatingIfNeeded: file.uint64(indexOffset + index * 8 + 8))
        guard start >= format.firstRecord, end >= start, end <= indexOffset,
            end - start >= RecordFormat.recordHeaderSize
        else {
            throw Self.damage(path, "the index places record \(index) at \(start)..<\(end)")
        }
        let tokens = Int(file.uint16(start))
        let predictions = Int(file.uint16(start + 2))
        guard tokens <= format.maxSequenceLength, predictions <= format.maxPredictions,
            end - start == format.size(tokens: tokens, predictions: predictions)
        else {
            throw Self.damage(
                path, "record \(index) has \(end - start) bytes for \(tokens) tokens and \(predictions) predictions")
        }
        return (start, tokens, predictions)
    }

    private func ids(at offset: Int, count: Int) -> [Int32] {
        if format.idSize == 2 { return (0..<count).map { Int32(file.uint16(offset + 2 * $0)) } }
        return (0..<count).map { Int32(truncatingIfNeeded: file.uint32(offset + 4 * $0)) }
    }

    private static func damage(_ path: String, _ what: String) -> TextError {
        TextError(.malformedDataset, "\(path) is truncated, altered or not a records file: \(what)")
    }
}

extension MappedFile {
    /// A copy of a range of bytes.
    func bytes(_ range: Range<Int>) -> [UInt8] {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "bytes \(range) of \(count) in \(path)")
        return unsafe withBytes { unsafe Array($0[range]) }
    }

    /// The little-endian integer at a byte offset, at any alignment.
    func uint16(_ offset: Int) -> UInt16 { UInt16(littleEndian: load(offset)) }
    func uint32(_ offset: Int) -> UInt32 { UInt32(littleEndian: load(offset)) }
    func uint64(_ offset: Int) -> UInt64 { UInt64(littleEndian: load(offset)) }

    private func load<Value: FixedWidthInteger & BitwiseCopyable>(_ offset: Int) -> Value {
        precondition(
            offset >= 0 && offset + MemoryLayout<Value>.size <= count, "offset \(offset) of \(count) in \(path)")
        return unsafe withBytes { unsafe $0.loadUnaligned(fromByteOffset: offset, as: Value.self) }
    }
}
