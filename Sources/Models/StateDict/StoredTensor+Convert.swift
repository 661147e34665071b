extension StoredTensor {
    /// Writes the elements row by row; `destination` has `count` of them. Throws `malformedFile` for damaged data.
    func convert(into destination: UnsafeMutableBufferPointer<Float>) throws(ModelsError) {
        try unsafe convert(into: destination, { $0 }, { Float($0) }, { Float($0) })
    }

    /// Writes the elements row by row; `destination` has `count` of them. Throws `malformedFile` for damaged data.
    func convert(into destination: UnsafeMutableBufferPointer<Double>) throws(ModelsError) {
        try unsafe convert(into: destination, { Double($0) }, { $0 }, { Double($0) })
    }

    @inline(__always)
    private func convert<Element: BinaryFloatingPoint & BitwiseCopyable>(
        into destination: UnsafeMutableBufferPointer<Element>, _ fromFloat: (Float) -> Element,
        _ fromDouble: (Double) -> Element, _ fromInteger: (Int64) -> Element
    ) throws(ModelsError) {
        try verify()
        switch dtype {
        case .float32: unsafe fill(destination, Float.self) { fromFloat($0) }
        case .float64: unsafe fill(destination, Double.self) { fromDouble($0) }
        case .float16: unsafe fill(destination, UInt16.self) { fromFloat(Self.float(half: $0)) }
        case .bfloat16: unsafe fill(destination, UInt16.self) { fromFloat(Float(bitPattern: UInt32($0) << 16)) }
        case .int64: unsafe fill(destination, Int64.self) { fromInteger($0) }
        case .int32: unsafe fill(destination, Int32.self) { fromInteger(Int64($0)) }
        case .int16: unsafe fill(destination, Int16.self) { fromInteger(Int64($0)) }
        case .int8: unsafe fill(destination, Int8.self) { fromInteger(Int64($0)) }
        case .uint8, .bool: unsafe fill(destination, UInt8.self) { fromInteger(Int64($0)) }
        }
    }

    /// Writes `convert` of every element, row by row.
    ///
    /// - Precondition: `destination` has `count` elements.
    @inline(__always)
    func fill<Stored: BitwiseCopyable, Element: BitwiseCopyable>(
        _ destination: UnsafeMutableBufferPointer<Element>, _ type: Stored.Type, _ convert: (Stored) -> Element
    ) {
        precondition(destination.count == count, "\(destination.count) places for \(count) elements")
        guard count > 0 else { return }
        let width = MemoryLayout<Stored>.size
        let (row, step) = isContiguous ? (count, 1) : (shape.last ?? 1, strides.last ?? 1)
        // The initializer saw to it that no element lies outside the file.
        unsafe file.withBytes(offset..<file.count) { bytes in
            var index = [Int](repeating: 0, count: shape.count)
            var start = 0
            var position = 0
            while true {
                for column in 0..<row {
                    // Data may start at any byte, so every load is an unaligned one.
                    let stored = unsafe bytes.loadUnaligned(
                        fromByteOffset: (start + column * step) * width, as: type)
                    unsafe destination[position + column] = convert(stored)
                }
                position += row
                guard position < count else { return }
                // The next row: the innermost axis but one steps first.
                var axis = shape.count - 2
                while axis >= 0 {
                    index[axis] += 1
                    start += strides[axis]
                    if index[axis] < shape[axis] { break }
                    start -= strides[axis] * shape[axis]
                    index[axis] = 0
                    axis -= 1
                }
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
}
