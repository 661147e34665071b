import FoundationEssentials
import Glibc

/// A safetensors file, memory-mapped: a u64 little-endian header length, a JSON header, raw little-endian data.
///
/// The whole header is checked when the file is opened; tensors are read and converted on demand, so opening a large
/// file costs no memory. Files must be replaced by rename, never overwritten, while one is open.
@safe
package final class SafetensorsFile: @unchecked Sendable {
    /// The file, as it was opened.
    package let path: String
    /// All tensors, in the order of their bytes.
    package let entries: [SafetensorsEntry]
    /// The strings under `__metadata__`.
    package let metadata: [String: String]

    /// The mapping; read-only and never changed after `init`, hence free to share between threads.
    private let mapping: UnsafeRawBufferPointer
    private let dataStart: Int
    private let index: [String: Int]

    /// Opens and checks `path`. Throws `fileSystem` if it cannot be read and `malformedFile` if it is not well-formed.
    package init(path: String) throws(ModelsError) {
        let mapping = try unsafe Self.map(path)
        var accepted = false
        defer { if !accepted { unsafe Self.unmap(mapping) } }
        let size = mapping.count
        guard size >= 8 else {
            throw ModelsError(.malformedFile, source: path, "expected at least 8 bytes, got \(size)")
        }
        let length = UInt64(littleEndian: unsafe mapping.loadUnaligned(as: UInt64.self))
        guard length <= UInt64(min(size - 8, SafetensorsHeader.maximumLength)) else {
            throw ModelsError(
                .malformedFile, source: path, "header of \(length) bytes does not fit a file of \(size) bytes")
        }
        let dataStart = 8 + Int(length)
        let json = unsafe Data(mapping[8..<dataStart])
        let header = try SafetensorsHeader(json: json, dataLength: size - dataStart, source: path)
        self.path = path
        self.entries = header.entries
        self.metadata = header.metadata
        unsafe self.mapping = unsafe mapping
        self.dataStart = dataStart
        self.index = Dictionary(uniqueKeysWithValues: header.entries.enumerated().map { ($1.name, $0) })
        accepted = true
    }

    deinit { unsafe Self.unmap(mapping) }

    /// The entry called `name`, or nil.
    package func entry(_ name: String) -> SafetensorsEntry? { index[name].map { entries[$0] } }

    /// Calls `body` with the raw little-endian bytes of `name`; throws `missingTensor` if there is none.
    package func withBytes<Result>(
        of name: String, _ body: (UnsafeRawBufferPointer) throws -> Result
    ) throws -> Result {
        let bytes = try required(name).bytes
        let slice = unsafe UnsafeRawBufferPointer(
            rebasing: mapping[dataStart + bytes.lowerBound..<dataStart + bytes.upperBound])
        return try unsafe body(slice)
    }

    /// Copies `name` into `destination`, converting from any numeric type of the format; counts must agree.
    package func copy(_ name: String, into destination: UnsafeMutableBufferPointer<Float>) throws {
        try unsafe convert(name, into: destination, Float.init(_:), Float.init(_:), Float.init(_:))
    }

    /// Copies `name` into `destination`, converting from any numeric type of the format; counts must agree.
    package func copy(_ name: String, into destination: UnsafeMutableBufferPointer<Double>) throws {
        try unsafe convert(name, into: destination, Double.init(_:), Double.init(_:), Double.init(_:))
    }

    /// The elements of `name` as single-precision numbers.
    package func floats(_ name: String) throws -> [Float] {
        let count = try required(name).count
        return try unsafe [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
            try unsafe copy(name, into: UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
            initialized = count
        }
    }

    /// The elements of `name` as double-precision numbers.
    package func doubles(_ name: String) throws -> [Double] {
        let count = try required(name).count
        return try unsafe [Double](unsafeUninitializedCapacity: count) { buffer, initialized in
            try unsafe copy(name, into: UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
            initialized = count
        }
    }

    private func required(_ name: String) throws(ModelsError) -> SafetensorsEntry {
        guard let entry = entry(name) else {
            throw ModelsError(.missingTensor, source: path, "no tensor is called '\(name)'")
        }
        return entry
    }

    private func convert<Element: BinaryFloatingPoint & BitwiseCopyable>(
        _ name: String, into destination: UnsafeMutableBufferPointer<Element>, _ fromFloat: (Float) -> Element,
        _ fromDouble: (Double) -> Element, _ fromInteger: (Int64) -> Element
    ) throws {
        let entry = try required(name)
        let count = destination.count
        guard count == entry.count else {
            throw ModelsError(
                .tensorMismatch, source: path, "tensor '\(name)': expected \(count) elements, got \(entry.count)")
        }
        try unsafe withBytes(of: name) { bytes in
            // Data may start at any byte, so every load is an unaligned one.
            func fill<Stored: BitwiseCopyable>(_ type: Stored.Type, _ convert: (Stored) -> Element) {
                for position in 0..<count {
                    let stored = unsafe bytes.loadUnaligned(
                        fromByteOffset: position * MemoryLayout<Stored>.size, as: type)
                    unsafe destination[position] = convert(stored)
                }
            }
            switch entry.dtype {
            case .float32: fill(Float.self, fromFloat)
            case .float64: fill(Double.self, fromDouble)
            case .float16: fill(UInt16.self) { fromFloat(Self.float(half: $0)) }
            case .bfloat16: fill(UInt16.self) { fromFloat(Float(bitPattern: UInt32($0) << 16)) }
            case .int64: fill(Int64.self, fromInteger)
            case .int32: fill(Int32.self) { fromInteger(Int64($0)) }
            case .int16: fill(Int16.self) { fromInteger(Int64($0)) }
            case .int8: fill(Int8.self) { fromInteger(Int64($0)) }
            case .uint8, .bool: fill(UInt8.self) { fromInteger(Int64($0)) }
            }
        }
    }

    /// IEEE 754 binary16 to binary32, by arithmetic: `Float16` needs a runtime routine that not every target has.
    private static func float(half bits: UInt16) -> Float {
        let sign: Float = bits & 0x8000 == 0 ? 1 : -1
        let exponent = Int(bits >> 10 & 0x1F)
        let fraction = Float(bits & 0x3FF)
        switch exponent {
        case 0: return sign * fraction * 0x1p-24
        case 31: return fraction == 0 ? sign * .infinity : .nan
        default: return sign * (1024 + fraction) * Float(sign: .plus, exponent: exponent - 25, significand: 1)
        }
    }

    private static func map(_ path: String) throws(ModelsError) -> UnsafeRawBufferPointer {
        func failure(_ what: String) -> ModelsError {
            ModelsError(.fileSystem, source: path, "cannot \(what): \(systemErrorText())")
        }
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open") }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw failure("read the size") }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw ModelsError(.fileSystem, source: path, "not a regular file")
        }
        let size = Int(status.st_size)
        guard size > 0 else { return unsafe UnsafeRawBufferPointer(start: nil, count: 0) }
        guard let base = unsafe mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), unsafe base != MAP_FAILED else {
            throw failure("map")
        }
        return unsafe UnsafeRawBufferPointer(start: base, count: size)
    }

    private static func unmap(_ mapping: UnsafeRawBufferPointer) {
        guard let base = mapping.baseAddress else { return }
        unsafe munmap(UnsafeMutableRawPointer(mutating: base), mapping.count)
    }
}
