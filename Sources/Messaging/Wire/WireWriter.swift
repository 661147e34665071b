private import CMsgPack

/// Appends values as MessagePack, over the C library, to a growing byte array.
package struct WireWriter: Sendable {
    /// What has been written so far.
    package private(set) var bytes: [UInt8] = []

    package init() {}

    /// The absence of a value.
    package mutating func null() {
        unsafe pack { unsafe msgpack_pack_nil($0) }
    }

    /// A truth value.
    package mutating func bool(_ value: Bool) {
        unsafe pack { unsafe value ? msgpack_pack_true($0) : msgpack_pack_false($0) }
    }

    /// A number, in the shortest form that holds it.
    package mutating func integer(_ value: Int64) {
        unsafe pack { unsafe msgpack_pack_int64($0, value) }
    }

    /// A number, in the shortest form that holds it.
    package mutating func integer(_ value: UInt64) {
        unsafe pack { unsafe msgpack_pack_uint64($0, value) }
    }

    /// A number of 64 bits, always in full.
    package mutating func double(_ value: Double) {
        unsafe pack { unsafe msgpack_pack_double($0, value) }
    }

    /// Text, as UTF-8.
    package mutating func string(_ value: String) {
        var text = value
        text.withUTF8 { utf8 in
            unsafe pack { unsafe msgpack_pack_str($0, utf8.count) }
            unsafe bytes.append(contentsOf: utf8)
        }
    }

    /// Raw bytes.
    package mutating func bytes(_ value: [UInt8]) {
        unsafe pack { unsafe msgpack_pack_bin($0, value.count) }
        bytes.append(contentsOf: value)
    }

    /// The head of an array; exactly `count` values must follow.
    package mutating func array(count: Int) {
        unsafe pack { unsafe msgpack_pack_array($0, count) }
    }

    /// The head of a map; exactly `count` pairs of key and value must follow.
    package mutating func map(count: Int) {
        unsafe pack { unsafe msgpack_pack_map($0, count) }
    }

    /// The head of a versioned message: an array of its version and then exactly `fields` values.
    package mutating func message(version: Int, fields: Int) {
        array(count: fields + 1)
        integer(Int64(version))
    }

    package mutating func encode(_ value: some WireCodable) {
        value.encode(into: &self)
    }

    private mutating func pack(_ body: (UnsafeMutablePointer<msgpack_packer>) -> Int32) {
        unsafe withUnsafeMutablePointer(to: &bytes) { target in
            var packer = unsafe msgpack_packer(
                data: target,
                callback: { data, source, count in
                    guard let data = unsafe data, let source = unsafe source else { return -1 }
                    unsafe data.assumingMemoryBound(to: [UInt8].self).pointee.append(
                        contentsOf: UnsafeRawBufferPointer(start: source, count: count))
                    return 0
                })
            // The callback cannot fail, so neither can packing.
            _ = unsafe body(&packer)
        }
    }
}
