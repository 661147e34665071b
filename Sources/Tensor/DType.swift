/// The element types a tensor can hold. Arithmetic runs in `float32` (kernels) and `float64` (plain Swift);
/// `bfloat16` is for storage only, `int32` for ids, labels and row numbers.
package enum DType: UInt8, Sendable, CaseIterable {
    case float32
    case float64
    case bfloat16
    case int32

    /// Bytes per element.
    package var byteSize: Int {
        switch self {
        case .float32, .int32: 4
        case .float64: 8
        case .bfloat16: 2
        }
    }

    /// Whether the differentiable operations accept this type.
    package var isArithmetic: Bool { self == .float32 || self == .float64 }
}
