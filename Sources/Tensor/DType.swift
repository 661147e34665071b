internal import CKernels

/// The element types a tensor can hold. Arithmetic runs in `float32` and `bfloat16` (kernels, which compute in float32
/// and round what they store) and in `float64` (plain Swift); `int32` is for ids, labels and row numbers.
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
    package var isArithmetic: Bool { self != .int32 }

    /// The type of biases, normalisation weights and statistics beside activations of this type.
    package var parameterType: DType { self == .bfloat16 ? .float32 : self }

    /// What kernels call this type; traps for types that no kernel takes.
    var kernelType: tk_type {
        require(self == .float32 || self == .bfloat16, "a kernel was given \(self)")
        return self == .float32 ? TK_FLOAT32 : TK_BFLOAT16
    }
}
