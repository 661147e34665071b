internal import CProducts

/// Our own kernels for AVX-512, the default; what they are not made for goes to oneDNN: other CPUs, and bfloat16 where
/// the CPU multiplies matrix tiles.
package struct KernelBackend: MatmulBackend {
    private let other = OneDNNBackend()
    private let hasFloat32 = tp_is_available(false)
    private let hasBFloat16 = tp_is_available(true)

    package init() {}

    package var description: String {
        switch (hasFloat32, hasBFloat16) {
        case (true, true): "own AVX-512 products"
        case (true, false): "own AVX-512 products for fp32, \(other.description) for bf16"
        case (false, _): other.description
        }
    }

    package func multiply(
        _ product: MatrixProduct, a: UnsafeRawPointer, b: UnsafeRawPointer, bias: UnsafePointer<Float>?,
        c: UnsafeMutableRawPointer
    ) {
        guard makes(product.operandType) else { return unsafe other.multiply(product, a: a, b: b, bias: bias, c: c) }
        if unsafe finishEmptyProduct(product, bias: bias, c: c) { return }
        var native = product.native
        let isDone = unsafe tp_multiply(&native, a, b, product.hasBias ? bias : nil, c)
        require(isDone, "no memory for a block of the product \(product)")
    }

    package func panels(for product: MatrixProduct) -> MatrixPanels? {
        guard makes(product.operandType) else { return nil }
        let byteCount = tp_panel_bytes(product.operandType == .bfloat16, product.k)
        return MatrixPanels(width: Int(tp_panel), byteCount: byteCount)
    }

    package func pack(_ product: MatrixProduct, b: UnsafeRawPointer, into packed: UnsafeMutableRawPointer) {
        var native = product.native
        unsafe tp_pack(&native, b, packed)
    }

    /// Whether our own kernels make products of such operands on this CPU.
    package func makes(_ operandType: DType) -> Bool {
        operandType == .bfloat16 ? hasBFloat16 : hasFloat32
    }
}

extension MatrixProduct {
    /// As the kernels take it.
    fileprivate var native: tp_product {
        tp_product(
            m: m, n: n, k: k, lda: lda, ldb: ldb, ldc: ldc, transpose_a: transposesA, transpose_b: transposesB,
            accumulate: accumulates, bfloat16_operands: operandType == .bfloat16,
            bfloat16_result: resultType == .bfloat16, packed_b: hasPackedB)
    }
}
