import Models
package import Tensor

/// A frozen copy of named tensors, safe to hand to another thread.
@safe
package final class TensorSnapshot: @unchecked Sendable {
    /// One tensor of a snapshot.
    package struct Entry: Sendable, Hashable {
        /// The parameter, after the state and a dot if it is one of an optimizer.
        package let name: String
        /// Element type.
        package let dtype: DType
        /// Dimensions, row-major.
        package let shape: [Int]
        /// Where its bytes are in the snapshot.
        let bytes: Range<Int>
    }

    /// The tensors in the order they were given.
    package let entries: [Entry]
    private let index: [String: Int]
    /// Written once, while the snapshot is made, and only read afterwards: any thread may read it.
    private let buffer: UnsafeMutableRawBufferPointer

    /// Lays out the tensors one after the other; the bytes are yet to be filled in.
    private init(layout: [(name: String, dtype: DType, shape: [Int])]) {
        var end = 0
        entries = layout.map { item in
            let start = end
            end += item.shape.reduce(item.dtype.byteSize, *)
            return Entry(name: item.name, dtype: item.dtype, shape: item.shape, bytes: start..<end)
        }
        index = Dictionary(uniqueKeysWithValues: entries.enumerated().map { ($1.name, $0) })
        unsafe buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: end, alignment: 64)
    }

    deinit { unsafe buffer.deallocate() }

    /// Bytes of all tensors.
    package var byteCount: Int { unsafe buffer.count }

    /// Calls `body` with the raw bytes of `entry`, which belongs to this snapshot.
    package func withBytes<Result>(
        of entry: Entry, _ body: (UnsafeRawBufferPointer) throws -> Result
    ) rethrows -> Result {
        defer { withExtendedLifetime(self) {} }
        return try unsafe body(UnsafeRawBufferPointer(rebasing: buffer[entry.bytes]))
    }

    /// SHA-256, in hexadecimal, of the names, shapes and raw bytes of all tensors, by name: what `weightsDigest` or
    /// `optimizerDigest` gave for the memory it was copied from.
    package var digest: String {
        var digest = SHA256Digest()
        for entry in entries.sorted(by: { $0.name < $1.name }) {
            unsafe withBytes(of: entry) { bytes in
                unsafe digest.update(tensor: entry.name, shape: entry.shape, bytes: bytes)
            }
        }
        return digest.finalize()
    }
}

// MARK: - Copying from and into memory

extension TensorSnapshot {
    /// Copies the values of all parameters.
    package convenience init(arena: ParameterArena) { self.init(parts: [(nil, arena.values)], of: arena) }

    /// Copies `values`, which have the layout of `arena`, as its parameters.
    package convenience init(values: Tensor, of arena: ParameterArena) { self.init(parts: [(nil, values)], of: arena) }

    /// Copies the states of an optimizer: the state `exp_avg` of the parameter `p` is called `exp_avg.p`.
    package convenience init(optimizer: any Optimizer) {
        self.init(parts: optimizer.states.map { ($0.name, $0.values) }, of: optimizer.arena)
    }

    /// Copies flat tensors that have the layout of `arena`.
    private convenience init(parts: [(prefix: String?, values: Tensor)], of arena: ParameterArena) {
        self.init(
            layout: parts.flatMap { part in
                arena.entries.map { (Self.name(part.prefix, $0.name), part.values.dtype, $0.shape.dimensions) }
            })
        for (number, part) in parts.enumerated() {
            unsafe part.values.withUnsafeBytes { source in
                for (offset, range) in arena.ranges.enumerated() {
                    let target = entries[number * arena.entries.count + offset].bytes
                    let start = range.lowerBound * part.values.dtype.byteSize
                    unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[target])
                        .copyMemory(from: UnsafeRawBufferPointer(rebasing: source[start..<start + target.count]))
                }
            }
        }
    }

    /// Copies the values back into the parameters of `arena`.
    ///
    /// - Throws: `checkpointMismatch` naming the first tensor that is absent, superfluous or of another shape or type;
    ///   nothing has been written then.
    package func restore(into arena: ParameterArena) throws(AlgorithmsError) {
        try restore(parts: [(nil, arena.values)], of: arena)
    }

    /// Copies the states back into `optimizer`; throws as `restore(into:)` for an arena.
    package func restore(into optimizer: any Optimizer) throws(AlgorithmsError) {
        try restore(parts: optimizer.states.map { ($0.name, $0.values) }, of: optimizer.arena)
    }

    private func restore(
        parts: [(prefix: String?, values: Tensor)], of arena: ParameterArena
    ) throws(AlgorithmsError) {
        var expected: Set<String> = []
        for part in parts {
            for entry in arena.entries {
                let name = Self.name(part.prefix, entry.name)
                expected.insert(name)
                try check(name, dtype: part.values.dtype, shape: entry.shape.dimensions)
            }
        }
        if let extra = entries.first(where: { !expected.contains($0.name) }) {
            throw AlgorithmsError(.checkpointMismatch, subject: extra.name, "the checkpoint holds a tensor too many")
        }
        for part in parts {
            unsafe part.values.withUnsafeMutableBytes { target in
                for (entry, range) in zip(arena.entries, arena.ranges) {
                    guard let source = index[Self.name(part.prefix, entry.name)].map({ entries[$0].bytes }) else {
                        continue
                    }
                    let start = range.lowerBound * part.values.dtype.byteSize
                    unsafe UnsafeMutableRawBufferPointer(rebasing: target[start..<start + source.count])
                        .copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[source]))
                }
            }
        }
    }

    private func check(_ name: String, dtype: DType, shape: [Int]) throws(AlgorithmsError) {
        guard let found = index[name].map({ entries[$0] }) else {
            throw AlgorithmsError(.checkpointMismatch, subject: name, "the checkpoint has no such tensor")
        }
        guard found.dtype == dtype, found.shape == shape else {
            throw AlgorithmsError(
                .checkpointMismatch, subject: name,
                "expected shape \(shape) of \(dtype), the checkpoint has \(found.shape) of \(found.dtype)")
        }
    }

    private static func name(_ prefix: String?, _ name: String) -> String { prefix.map { "\($0).\(name)" } ?? name }
}

// MARK: - Files

extension TensorSnapshot {
    /// The tensors as they are written to a safetensors file.
    var safetensorsItems: [SafetensorsItem] {
        entries.map { entry in
            unsafe SafetensorsItem(name: entry.name, dtype: SafetensorsDType(entry.dtype), shape: entry.shape) { body in
                try unsafe self.withBytes(of: entry) { try unsafe body($0) }
            }
        }
    }

    /// Copies all tensors of `file`.
    convenience init(_ file: SafetensorsFile) throws {
        var layout: [(name: String, dtype: DType, shape: [Int])] = []
        for entry in file.entries {
            guard let dtype = DType(entry.dtype) else {
                throw AlgorithmsError(
                    .damagedCheckpoint, subject: file.path, "tensor '\(entry.name)' is of type \(entry.dtype.rawValue)")
            }
            layout.append((entry.name, dtype, entry.shape))
        }
        self.init(layout: layout)
        for entry in entries {
            try unsafe file.withBytes(of: entry.name) { bytes in
                unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[entry.bytes]).copyMemory(from: bytes)
            }
        }
    }
}

extension DType {
    /// The type of a safetensors file's elements, or nil if no training state has it.
    fileprivate init?(_ dtype: SafetensorsDType) {
        switch dtype {
        case .float32: self = .float32
        case .float64: self = .float64
        case .bfloat16: self = .bfloat16
        case .int32: self = .int32
        case .float16, .int64, .int16, .int8, .uint8, .bool: return nil
        }
    }
}
