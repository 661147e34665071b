private import CMsgPack

/// Bytes to `WireValue`, over the C library, behind `WireScanner`.
enum WireDecoder {
    /// The one value that `bytes` hold.
    static func decode(_ bytes: [UInt8]) throws(WireError) -> WireValue {
        try WireScanner.check(bytes.span)
        var unpacked = unsafe msgpack_unpacked()
        unsafe msgpack_unpacked_init(&unpacked)
        defer { unsafe msgpack_unpacked_destroy(&unpacked) }
        var offset = 0
        let status = unsafe bytes.withUnsafeBytes { buffer in
            unsafe msgpack_unpack_next(&unpacked, buffer.baseAddress, buffer.count, &offset)
        }
        guard status == MSGPACK_UNPACK_SUCCESS, offset == bytes.count else {
            throw WireError(.malformed, "unpacking stopped with status \(status.rawValue) at byte \(offset)")
        }
        return try unsafe convert(unpacked.data)
    }

    private static func convert(_ object: msgpack_object) throws(WireError) -> WireValue {
        switch unsafe object.type {
        case MSGPACK_OBJECT_NIL: return .null
        case MSGPACK_OBJECT_BOOLEAN: return unsafe .bool(object.via.boolean)
        case MSGPACK_OBJECT_POSITIVE_INTEGER: return unsafe .unsigned(object.via.u64)
        case MSGPACK_OBJECT_NEGATIVE_INTEGER: return unsafe .negative(object.via.i64)
        case MSGPACK_OBJECT_FLOAT64, MSGPACK_OBJECT_FLOAT32: return unsafe .double(object.via.f64)
        case MSGPACK_OBJECT_STR:
            let raw = unsafe UnsafeRawBufferPointer(start: object.via.str.ptr, count: Int(object.via.str.size))
            guard let text = unsafe String(validating: raw, as: UTF8.self) else {
                throw WireError(.malformed, "a string that is not UTF-8")
            }
            return .string(text)
        case MSGPACK_OBJECT_BIN:
            return unsafe .bytes(
                [UInt8](UnsafeRawBufferPointer(start: object.via.bin.ptr, count: Int(object.via.bin.size))))
        case MSGPACK_OBJECT_ARRAY:
            var elements: [WireValue] = []
            elements.reserveCapacity(Int(unsafe object.via.array.size))
            for index in unsafe 0..<Int(object.via.array.size) {
                elements.append(try unsafe convert(object.via.array.ptr[index]))
            }
            return .array(elements)
        case MSGPACK_OBJECT_MAP:
            var keys: [WireValue] = []
            var values: [WireValue] = []
            for index in unsafe 0..<Int(object.via.map.size) {
                keys.append(try unsafe convert(object.via.map.ptr[index].key))
                values.append(try unsafe convert(object.via.map.ptr[index].val))
            }
            return .map(keys, values)
        default:
            throw WireError(.malformed, "MessagePack type \(unsafe object.type.rawValue) is no type we send")
        }
    }
}
