internal import CKernels

extension MatmulBackend {
    /// Makes `product`, which is not empty, from a float32 product without bias: for libraries and CPUs that cannot do
    /// more. bfloat16 operands are widened, so products are exact; the sum is float32 and is rounded once, with bias and
    /// old value included.
    ///
    /// - Parameter multiply: makes a float32 product without bias, as in `multiply` of the protocol.
    func emulate(
        _ product: MatrixProduct, a: UnsafeRawPointer, b: UnsafeRawPointer, bias: UnsafePointer<Float>?,
        c: UnsafeMutableRawPointer,
        by multiply: (MatrixProduct, UnsafePointer<Float>, UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void
    ) {
        var plain = product
        plain.hasBias = false
        plain.operandType = .float32
        plain.resultType = .float32
        let (rowsA, rowsB) = (product.transposesA ? product.k : product.m, product.transposesB ? product.n : product.k)
        let (columnsA, columnsB) = (
            product.transposesA ? product.m : product.k, product.transposesB ? product.k : product.n
        )
        unsafe withFloats(a, product.operandType, rows: rowsA, columns: columnsA, stride: product.lda) { a, lda in
            unsafe withFloats(b, product.operandType, rows: rowsB, columns: columnsB, stride: product.ldb) { b, ldb in
                (plain.lda, plain.ldb) = (lda, ldb)
                if product.resultType == .float32 {
                    let result = unsafe c.assumingMemoryBound(to: Float.self)
                    unsafe multiply(plain, a, b, result)
                    if let bias = unsafe bias, product.hasBias {
                        for row in 0..<product.m {
                            let start = unsafe result + row * product.ldc
                            unsafe tk_add(start, bias, start, product.n)
                        }
                    }
                    return
                }
                plain.ldc = product.n
                plain.accumulates = false
                unsafe withUnsafeTemporaryAllocation(of: Float.self, capacity: product.m * product.n) { sums in
                    guard let sums = sums.baseAddress else { return }
                    unsafe multiply(plain, a, b, sums)
                    unsafe store(sums, product, bias: bias, c: c.assumingMemoryBound(to: UInt16.self))
                }
            }
        }
    }

    /// Calls `body` with the elements as float32 and the distance of their rows, which differs if they had to be copied.
    private func withFloats(
        _ matrix: UnsafeRawPointer, _ type: DType, rows: Int, columns: Int, stride: Int,
        _ body: (UnsafePointer<Float>, _ stride: Int) -> Void
    ) {
        if type == .float32 { return unsafe body(matrix.assumingMemoryBound(to: Float.self), stride) }
        let source = unsafe matrix.assumingMemoryBound(to: UInt16.self)
        unsafe withUnsafeTemporaryAllocation(of: Float.self, capacity: rows * columns) { copy in
            guard let copy = copy.baseAddress else { return }
            for row in 0..<rows {
                unsafe tk_float_from_bfloat16(source + row * stride, copy + row * columns, columns)
            }
            unsafe body(copy, columns)
        }
    }

    /// Rounds the sums, with bias and old value added, to the bfloat16 matrix `c`.
    private func store(
        _ sums: UnsafeMutablePointer<Float>, _ product: MatrixProduct, bias: UnsafePointer<Float>?,
        c: UnsafeMutablePointer<UInt16>
    ) {
        let columns = product.n
        unsafe withUnsafeTemporaryAllocation(of: Float.self, capacity: columns) { old in
            guard let old = old.baseAddress else { return }
            for row in 0..<product.m {
                let (values, target) = unsafe (sums + row * columns, c + row * product.ldc)
                if product.accumulates {
                    unsafe tk_float_from_bfloat16(target, old, columns)
                    unsafe tk_add(values, old, values, columns)
                }
                if let bias = unsafe bias, product.hasBias { unsafe tk_add(values, bias, values, columns) }
                unsafe tk_bfloat16_from_float(values, target, columns)
            }
        }
    }

    /// Handles the products without arithmetic; returns whether nothing is left to do.
    func finishEmptyProduct(_ product: MatrixProduct, bias: UnsafePointer<Float>?, c: UnsafeMutableRawPointer) -> Bool {
        require(
            product.m >= 0 && product.n >= 0 && product.k >= 0,
            "matmul of negative size \(product.m) x \(product.n) x \(product.k)")
        if product.m == 0 || product.n == 0 { return true }
        if product.k > 0 { return false }
        let zero: Float = 0
        var empty = product
        (empty.k, empty.lda, empty.ldb, empty.transposesA, empty.transposesB) = (0, 0, 0, false, false)
        unsafe withUnsafePointer(to: zero) { zero in
            unsafe emulate(empty, a: zero, b: zero, bias: bias, c: c) { product, _, _, sums in
                if product.accumulates { return }
                for row in 0..<product.m {
                    unsafe (sums + row * product.ldc).update(repeating: 0, count: product.n)
                }
            }
        }
        return true
    }
}
