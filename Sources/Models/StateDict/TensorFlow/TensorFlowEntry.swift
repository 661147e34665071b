/// A `BundleEntryProto`: one variable's type, shape and place.
struct TensorFlowEntry {
    /// Nil for types that are no numbers.
    private(set) var dtype: SafetensorsDType?
    private(set) var shape: [Int] = []
    private(set) var shard = 0
    private(set) var offset = 0
    private(set) var size = 0
    /// Masked.
    private(set) var checksum: UInt32 = 0
    private(set) var isSliced = false

    private static let largestRank = 64

    private static let types: [UInt64: SafetensorsDType] = [
        1: .float32, 2: .float64, 3: .int32, 4: .uint8, 5: .int16, 6: .int8, 9: .int64, 10: .bool, 14: .bfloat16,
        19: .float16,
    ]

    /// Decodes `message`; throws `malformedFile`.
    init(_ message: ByteCursor) throws(ModelsError) {
        var message = message
        while let field = try ProtocolField(&message) {
            switch (field.number, field.value) {
            case (1, .number(let type)): dtype = Self.types[type]
            case (2, .bytes(let range)):
                shape = try Self.shape(ByteCursor(message.file, range, subject: message.subject))
            case (3, .number(let value)): shard = try Self.size(value, message)
            case (4, .number(let value)): offset = try Self.size(value, message)
            case (5, .number(let value)): size = try Self.size(value, message)
            case (6, .fixed32(let value)): checksum = value
            case (7, _): isSliced = true
            default: break
            }
        }
    }

    private static func shape(_ message: ByteCursor) throws(ModelsError) -> [Int] {
        var message = message
        var shape: [Int] = []
        while let field = try ProtocolField(&message) {
            guard field.number == 2, case .bytes(let range) = field.value else { continue }
            guard shape.count < largestRank else { throw message.malformed("more than \(largestRank) axes") }
            var axis = ByteCursor(message.file, range, subject: message.subject)
            var length = 0
            while let field = try ProtocolField(&axis) {
                if field.number == 1, case .number(let value) = field.value { length = try size(value, message) }
            }
            shape.append(length)
        }
        return shape
    }

    private static func size(_ value: UInt64, _ message: ByteCursor) throws(ModelsError) -> Int {
        guard let size = Int(exactly: value) else {
            throw message.malformed("expected a size or place >= 0, got \(Int64(bitPattern: value))")
        }
        return size
    }
}

/// One field of a protocol buffer message.
struct ProtocolField {
    /// What the wire holds; nested messages are ranges of the file.
    enum Value {
        case number(UInt64)
        case fixed64
        case bytes(Range<Int>)
        case fixed32(UInt32)
    }

    let number: UInt64
    let value: Value

    /// Reads the next field of `message`; nil at its end. Throws `malformedFile`.
    init?(_ message: inout ByteCursor) throws(ModelsError) {
        guard message.remaining > 0 else { return nil }
        let start = message
        let tag = try message.varint()
        number = tag >> 3
        switch tag & 7 {
        case 0: value = .number(try message.varint())
        case 1:
            _ = try message.skip(8)
            value = .fixed64
        case 2: value = .bytes(try message.skip(try message.size(upTo: message.end)))
        case 5: value = .fixed32(try message.integer(UInt32.self))
        default: throw start.malformed("wire type \(tag & 7) in a protocol buffer")
        }
    }
}
