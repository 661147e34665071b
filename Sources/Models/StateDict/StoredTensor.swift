import CChecksum

/// Where a tensor lies in a mapped file: the type and place of its elements, checked against the file when it is made.
package struct StoredTensor: Sendable {
    /// Type of the elements in the file.
    package let dtype: SafetensorsDType
    /// Extents, outermost first; none for a scalar.
    package let shape: [Int]
    /// Number of elements.
    package let count: Int
    let file: MappedFile
    /// Byte of the file at which element (0, ..., 0) begins.
    let offset: Int
    /// Elements from one index to the next, per axis.
    let strides: [Int]
    /// CRC-32C of the bytes, if the file has one; only with elements that lie in order (before `transposed`).
    private let checksum: UInt32?

    /// A tensor whose elements lie row by row from byte `offset`; nil unless all of them lie inside `bounds`, a part of
    /// the file, and are counted by an `Int`.
    init?(
        _ file: MappedFile, _ bounds: Range<Int>, _ dtype: SafetensorsDType, shape: [Int], checksum: UInt32? = nil
    ) {
        var strides: [Int] = []
        var count = 1
        // Without elements any strides will do, and products of the other sizes may not fit.
        let sizes = shape.contains(0) ? shape.map { _ in 0 } : shape
        for size in sizes.reversed() {
            strides.append(count)
            let (product, overflow) = count.multipliedReportingOverflow(by: size)
            guard !overflow else { return nil }
            count = product
        }
        self.init(
            file, bounds, dtype, shape: shape, strides: strides.reversed(), firstElement: 0, checksum: checksum)
    }

    /// A view of the elements that lie in `bounds`, a part of the file: element (i, j, ...) is number `firstElement` + i
    /// · strides[0] + j · strides[1] + ... of them. Nil unless all lie inside, and there are not more elements than
    /// `bounds` holds: a small file cannot ask for much memory.
    init?(
        _ file: MappedFile, _ bounds: Range<Int>, _ dtype: SafetensorsDType, shape: [Int], strides: [Int],
        firstElement: Int, checksum: UInt32? = nil
    ) {
        let capacity = bounds.count / dtype.byteSize
        guard file.contains(bounds), shape.count == strides.count, (0...capacity).contains(firstElement) else {
            return nil
        }
        var count = 1
        var last = firstElement
        for (size, stride) in zip(shape, strides) {
            guard size >= 0, stride >= 0 else { return nil }
            let (product, tooMany) = count.multipliedReportingOverflow(by: size)
            let (span, tooFar) = max(0, size - 1).multipliedReportingOverflow(by: stride)
            let (sum, beyond) = last.addingReportingOverflow(span)
            guard !tooMany, !tooFar, !beyond else { return nil }
            (count, last) = (product, sum)
        }
        guard count == 0 || (last < capacity && count <= capacity) else { return nil }
        self.init(
            file: file, dtype: dtype, shape: shape, count: count,
            offset: bounds.lowerBound + firstElement * dtype.byteSize, strides: strides, checksum: checksum)
    }

    private init(
        file: MappedFile, dtype: SafetensorsDType, shape: [Int], count: Int, offset: Int, strides: [Int],
        checksum: UInt32?
    ) {
        self.file = file
        self.dtype = dtype
        self.shape = shape
        self.count = count
        self.offset = offset
        self.strides = strides
        self.checksum = checksum
    }

    /// The same elements with the axes in reverse order.
    var transposed: StoredTensor {
        StoredTensor(
            file: file, dtype: dtype, shape: shape.reversed(), count: count, offset: offset,
            strides: strides.reversed(), checksum: checksum)
    }

    /// Whether the elements lie row by row without gaps.
    var isContiguous: Bool {
        guard count > 0 else { return true }
        var expected = 1
        for (size, stride) in zip(shape, strides).reversed() where size != 1 {
            if stride != expected { return false }
            expected *= size
        }
        return true
    }

    /// Compares the bytes with their checksum, where the file has one. Throws `malformedFile`.
    func verify() throws(ModelsError) {
        guard let checksum else { return }
        let got = unsafe file.withBytes(offset..<offset + count * dtype.byteSize) { bytes in
            unsafe troupe_crc32c(0, bytes.baseAddress, bytes.count)
        }
        guard got == checksum else {
            throw ModelsError(
                .malformedFile, source: file.path,
                "the tensor of shape \(shape) at byte \(offset) is damaged: its checksum is \(got), expected \(checksum)"
            )
        }
    }

    /// Calls `body` with the elements row by row, as little-endian bytes of `dtype`. Throws what `body` throws, and
    /// `malformedFile` for damaged data.
    func withRowMajorBytes(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        try verify()
        if isContiguous {
            return try unsafe file.withBytes(offset..<offset + count * dtype.byteSize) { try unsafe body($0) }
        }
        switch dtype.byteSize {
        case 1: try unsafe gathered(UInt8.self, body)
        case 2: try unsafe gathered(UInt16.self, body)
        case 4: try unsafe gathered(UInt32.self, body)
        default: try unsafe gathered(UInt64.self, body)
        }
    }

    private func gathered<Stored: BitwiseCopyable>(
        _ type: Stored.Type, _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        let elements = unsafe [Stored](unsafeUninitializedCapacity: count) { buffer, initialized in
            unsafe fill(UnsafeMutableBufferPointer(rebasing: buffer[..<count]), type) { $0 }
            initialized = count
        }
        try unsafe elements.withUnsafeBytes { try unsafe body($0) }
    }
}
