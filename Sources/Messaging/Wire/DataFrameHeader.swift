/// The type of the elements behind a data frame's header.
package enum WireElementType: UInt8, Sendable {
    case float32 = 0
    case float64 = 1
    case bfloat16 = 2
    case int32 = 3
    case bytes = 4

    /// Bytes of one element.
    package var byteSize: Int {
        switch self {
        case .float32, .int32: 4
        case .float64: 8
        case .bfloat16: 2
        case .bytes: 1
        }
    }
}

/// Which part of which collective a data frame belongs to.
package enum DataPhase: UInt8, Sendable {
    case reduceScatter = 1
    case allGather = 2
    case broadcast = 3
    case barrier = 4

    /// The phase in error messages.
    package var name: String {
        switch self {
        case .reduceScatter: "reduce-scatter"
        case .allGather: "all-gather"
        case .broadcast: "broadcast"
        case .barrier: "barrier"
        }
    }
}

/// What stands before every tensor segment on the wire: 56 bytes, little-endian, the payload being a frame of its own.
///
/// ```
///  0 magic "TRPF"    8 run id (8)     24 generation (4)  36 segment (4)        48 crc32c of the payload (4)
///  4 version (2)    16 step (8)       28 bucket (4)      40 sender rank (4)    52 crc32c of bytes 0..<52 (4)
///  6 phase (1)                        32 hop (4)         44 element count (4)
///  7 element type (1)
/// ```
package struct DataFrameHeader: Sendable, Hashable {
    /// Bytes of an encoded header.
    package static let byteCount = 56
    /// "TRPF" as a little-endian number.
    package static let magic: UInt32 = 0x4650_5254

    /// The part of the collective.
    package var phase: DataPhase
    /// The type of the elements behind the header.
    package var elementType: WireElementType
    /// The run it belongs to.
    package var runID: RunID
    package var step: UInt64
    /// The membership version of the sender.
    package var generation: UInt32
    /// Counts the collectives of a generation; all ranks count alike.
    package var bucket: UInt32
    /// The round within the phase.
    package var hop: UInt32
    /// The slice within the chunk that is passed on in this round.
    package var segment: UInt32
    /// The rank that sent the frame.
    package var sender: UInt32
    package var elementCount: UInt32
    package var payloadChecksum: UInt32

    package init(
        phase: DataPhase, elementType: WireElementType, runID: RunID, step: UInt64, generation: UInt32, bucket: UInt32,
        hop: UInt32, segment: UInt32, sender: UInt32, elementCount: UInt32, payloadChecksum: UInt32
    ) {
        self.phase = phase
        self.elementType = elementType
        self.runID = runID
        self.step = step
        self.generation = generation
        self.bucket = bucket
        self.hop = hop
        self.segment = segment
        self.sender = sender
        self.elementCount = elementCount
        self.payloadChecksum = payloadChecksum
    }

    /// Bytes that the payload must have.
    package var payloadByteCount: Int { Int(elementCount) * elementType.byteSize }

    /// The header's 56 bytes.
    package func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.byteCount)
        bytes.appendLittleEndian(Self.magic)
        bytes.appendLittleEndian(UInt16(WireLimits.protocolVersion))
        bytes.append(phase.rawValue)
        bytes.append(elementType.rawValue)
        bytes.appendLittleEndian(runID.value)
        bytes.appendLittleEndian(step)
        for word in [generation, bucket, hop, segment, sender, elementCount, payloadChecksum] {
            bytes.appendLittleEndian(word)
        }
        bytes.appendLittleEndian(unsafe bytes.withUnsafeBytes { unsafe Checksum.crc32c($0) })
        return bytes
    }

    /// Reads a header; throws `WireError` for any bytes that `encoded()` would not have written.
    package init(decoding bytes: UnsafeRawBufferPointer) throws(WireError) {
        guard bytes.count == Self.byteCount else {
            throw WireError(.malformed, "data frame header of \(bytes.count) bytes, expected \(Self.byteCount)")
        }
        let magic: UInt32 = unsafe bytes.littleEndian(at: 0)
        guard magic == Self.magic else { throw WireError(.notOurs, "data frame starts with \(magic)") }
        let version: UInt16 = unsafe bytes.littleEndian(at: 4)
        guard version == UInt16(WireLimits.protocolVersion) else {
            throw WireError(
                .unsupportedVersion,
                "data frame of version \(version), this build speaks \(WireLimits.protocolVersion)")
        }
        let checksum = unsafe Checksum.crc32c(UnsafeRawBufferPointer(rebasing: bytes[0..<52]))
        guard unsafe checksum == bytes.littleEndian(at: 52) else {
            throw WireError(.checksum, "data frame header does not fit its checksum")
        }
        guard let phase = unsafe DataPhase(rawValue: bytes[6]) else {
            throw WireError(.outOfRange, "data frame of phase \(unsafe bytes[6])")
        }
        guard let elementType = unsafe WireElementType(rawValue: bytes[7]) else {
            throw WireError(.outOfRange, "data frame of element type \(unsafe bytes[7])")
        }
        self.init(
            phase: phase, elementType: elementType, runID: unsafe RunID(bytes.littleEndian(at: 8)),
            step: unsafe bytes.littleEndian(at: 16), generation: unsafe bytes.littleEndian(at: 24),
            bucket: unsafe bytes.littleEndian(at: 28), hop: unsafe bytes.littleEndian(at: 32),
            segment: unsafe bytes.littleEndian(at: 36), sender: unsafe bytes.littleEndian(at: 40),
            elementCount: unsafe bytes.littleEndian(at: 44), payloadChecksum: unsafe bytes.littleEndian(at: 48))
    }
}

extension [UInt8] {
    fileprivate mutating func appendLittleEndian(_ value: some FixedWidthInteger) {
        unsafe Swift.withUnsafeBytes(of: value.littleEndian) { unsafe append(contentsOf: $0) }
    }
}

extension UnsafeRawBufferPointer {
    fileprivate func littleEndian<Value: FixedWidthInteger>(at offset: Int) -> Value {
        Value(littleEndian: unsafe loadUnaligned(fromByteOffset: offset, as: Value.self))
    }
}
