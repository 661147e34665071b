import CChecksum

/// The bytes of TensorBoard's event files: protobuf messages of type `tensorflow.Event`, each framed as a TFRecord.
///
/// Only the fields used here are known: Event { 1 wall_time: double, 2 step: int64, 3 file_version: string,
/// 5 summary { 1 value { 1 tag: string, 2 simple_value: float } }, 7 session_log { 1 status: enum } }.
enum TensorBoardEvent {
    /// The event that begins every file.
    static func fileVersion(wallTime: Double) -> [UInt8] {
        var event = ProtobufWriter()
        event.double(1, wallTime)
        event.string(3, "brain.Event:2")
        return event.bytes
    }

    /// Tells a reader that the run starts again at `step`, so that points of earlier files from there on are dropped.
    static func restart(step: Int, wallTime: Double) -> [UInt8] {
        var log = ProtobufWriter()
        log.integer(1, 1)
        var event = ProtobufWriter()
        event.double(1, wallTime)
        event.integer(2, step)
        event.message(7, log)
        return event.bytes
    }

    /// Numbers of one step, by tag.
    static func scalars(step: Int, wallTime: Double, values: [(key: String, value: Double)]) -> [UInt8] {
        var summary = ProtobufWriter()
        for (tag, number) in values {
            var value = ProtobufWriter()
            value.string(1, tag)
            value.float(2, Float(number))
            summary.message(1, value)
        }
        var event = ProtobufWriter()
        event.double(1, wallTime)
        event.integer(2, step)
        event.message(5, summary)
        return event.bytes
    }

    /// A TFRecord: length (8 bytes), its masked CRC-32C, the payload, its masked CRC-32C; little-endian.
    static func record(_ payload: [UInt8]) -> [UInt8] {
        var length: [UInt8] = []
        length.append(littleEndian: UInt64(payload.count))
        var record = length
        record.reserveCapacity(payload.count + 16)
        record.append(littleEndian: maskedChecksum(of: length))
        record += payload
        record.append(littleEndian: maskedChecksum(of: payload))
        return record
    }

    /// The checksum rotated and shifted, as TFRecord wants it: a checksum of bytes that hold a checksum is weak.
    static func maskedChecksum(of bytes: [UInt8]) -> UInt32 {
        let checksum = unsafe bytes.withUnsafeBytes { unsafe troupe_crc32c(0, $0.baseAddress, $0.count) }
        return (checksum >> 15 | checksum << 17) &+ 0xA282_EAD8
    }
}

/// Writes protobuf fields one after the other; zero values are left out, as proto3 does.
struct ProtobufWriter {
    private enum WireType: UInt64 {
        case varint = 0
        case fixed64 = 1
        case lengthDelimited = 2
        case fixed32 = 5
    }

    private(set) var bytes: [UInt8] = []

    mutating func double(_ field: Int, _ value: Double) {
        key(field, .fixed64)
        bytes.append(littleEndian: value.bitPattern)
    }

    /// Written even when it is zero: a member of a `oneof` says by its presence which one it is.
    mutating func float(_ field: Int, _ value: Float) {
        key(field, .fixed32)
        bytes.append(littleEndian: value.bitPattern)
    }

    mutating func integer(_ field: Int, _ value: Int) {
        guard value != 0 else { return }
        key(field, .varint)
        varint(UInt64(bitPattern: Int64(value)))
    }

    mutating func string(_ field: Int, _ value: String) {
        delimited(field, Array(value.utf8))
    }

    mutating func message(_ field: Int, _ value: ProtobufWriter) {
        delimited(field, value.bytes)
    }

    private mutating func delimited(_ field: Int, _ payload: [UInt8]) {
        key(field, .lengthDelimited)
        varint(UInt64(payload.count))
        bytes += payload
    }

    private mutating func key(_ field: Int, _ type: WireType) {
        varint(UInt64(field) << 3 | type.rawValue)
    }

    private mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}

extension [UInt8] {
    fileprivate mutating func append<Word: FixedWidthInteger>(littleEndian word: Word) {
        for byte in 0..<(Word.bitWidth / 8) { append(UInt8(truncatingIfNeeded: word >> (8 * byte))) }
    }
}
