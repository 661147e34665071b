internal import COneDNN

/// oneDNN's JIT-compiled kernels.
package struct OneDNNBackend: MatmulBackend {
    package init() {}

    package var description: String {
        var (major, minor, patch): (Int32, Int32, Int32) = (0, 0, 0)
        unsafe troupe_dnnl_version(&major, &minor, &patch)
        return "oneDNN \(major).\(minor).\(patch), "
            + "instruction set mask 0x\(String(troupe_dnnl_instruction_sets(), radix: 16))"
    }

    package func multiply(
        _ product: MatrixProduct, a: UnsafeRawPointer, b: UnsafeRawPointer, bias: UnsafePointer<Float>?,
        c: UnsafeMutableRawPointer
    ) {
        if unsafe finishEmptyProduct(product, bias: bias, c: c) { return }
        let status = unsafe multiply(product.native, a, b, bias, c)
        if status == 0 { return }
        // The library has no such kernel for this CPU, or no memory for one; float32 it multiplies everywhere.
        unsafe emulate(product, a: a, b: b, bias: bias, c: c) { plain, a, b, c in
            let status = unsafe multiply(plain.native, a, b, nil, c)
            require(status == 0, "oneDNN cannot make the product \(plain): status \(status)")
        }
    }

    private func multiply(
        _ product: troupe_dnnl_product, _ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ bias: UnsafePointer<Float>?,
        _ c: UnsafeMutableRawPointer
    ) -> Int32 {
        var product = product
        return unsafe troupe_dnnl_multiply(&product, a, b, bias, c)
    }
}

extension MatrixProduct {
    /// As the library's wrapper takes it.
    fileprivate var native: troupe_dnnl_product {
        troupe_dnnl_product(
            m: Int64(m), n: Int64(n), k: Int64(k), lda: Int64(lda), ldb: Int64(ldb), ldc: Int64(ldc),
            transpose_a: transposesA, transpose_b: transposesB, accumulate: accumulates, has_bias: hasBias,
            bfloat16_operands: operandType == .bfloat16, bfloat16_result: resultType == .bfloat16)
    }
}

/// What this CPU does with bfloat16.
package enum BFloat16Support {
    /// Whether products run on instructions made for bfloat16; elsewhere they are made from float32 ones, correct but
    /// slower.
    package static var isNative: Bool { troupe_dnnl_has_native_bfloat16() }
}
