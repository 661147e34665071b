import Tensor
import Testing

/// The backends under test; OpenBLAS only where it is installed.
enum Backends {
    static let all: [any MatmulBackend] = {
        let openBLAS = try? OpenBLASBackend()
        return [KernelBackend(), OneDNNBackend()] + (openBLAS.map { [$0] } ?? [])
    }()
}

/// A matrix product with its operands in storage wider than the matrices, and its reference in double.
struct MatmulCase {
    let product: MatrixProduct
    private let context = ComputeContext()
    private let a: Tensor
    private let b: Tensor
    private let bias: Tensor
    private let c: Tensor

    /// `slack` more columns of storage than the matrices need.
    init(
        m: Int, n: Int, k: Int, transposeA: Bool = false, transposeB: Bool = false, accumulate: Bool = false,
        bias hasBias: Bool = false, slack: Int = 0, operands: DType = .float32, result: DType = .float32,
        seed: UInt64 = 1
    ) {
        var product = MatrixProduct(
            m: m, n: n, k: k, lda: (transposeA ? m : k) + slack, ldb: (transposeB ? k : n) + slack, ldc: n + slack)
        (product.transposesA, product.transposesB, product.accumulates) = (transposeA, transposeB, accumulate)
        (product.operandType, product.resultType, product.hasBias) = (operands, result, hasBias)
        self.product = product
        var random = PhiloxGenerator(key: RandomKey(seed: seed))
        func fill(_ count: Int, _ dtype: DType, _ context: ComputeContext) -> Tensor {
            let values = (0..<count).map { _ in random.nextUniform() - 0.5 }
            return Tensor(values, shape: [count], dtype: dtype, in: context)
        }
        a = fill((transposeA ? k : m) * product.lda + 1, operands, context)
        b = fill((transposeB ? n : k) * product.ldb + 1, operands, context)
        bias = fill(n, .float32, context)
        c = fill(m * product.ldc + 1, result, context)
    }

    /// All of C's storage: what lies outside the matrix stays.
    func reference() -> [Double] {
        let (a, b, bias) = (a.doubles(), b.doubles(), bias.doubles())
        var result = c.doubles()
        for i in 0..<product.m {
            for j in 0..<product.n {
                var sum = product.hasBias ? bias[j] : 0
                for p in 0..<product.k {
                    let left = a[product.transposesA ? p * product.lda + i : i * product.lda + p]
                    let right = b[product.transposesB ? j * product.ldb + p : p * product.ldb + j]
                    sum += left * right
                }
                result[i * product.ldc + j] = sum + (product.accumulates ? result[i * product.ldc + j] : 0)
            }
        }
        return result
    }

    func result(_ backend: any MatmulBackend) -> [Double] {
        let output = c.copied()
        unsafe backend.multiply(
            product, a: a.address, b: b.address, bias: bias.address.assumingMemoryBound(to: Float.self),
            c: output.address)
        return output.doubles()
    }

    func result(_ matmul: Matmul) -> [Double] {
        let output = c.copied()
        unsafe matmul.multiply(
            product, a: a.address, b: b.address, bias: bias.address.assumingMemoryBound(to: Float.self),
            c: output.address)
        return output.doubles()
    }

    /// Operands lie in -0.5 ..< 0.5: the error of a float32 sum of k products stays below k·2^-23; a bfloat16 result is
    /// rounded to 2^-9 of its value, the old value and the bias included.
    func check(_ output: [Double], _ who: String) {
        let reference = reference()
        let worst =
            zip(output, reference).map { found, expected in
                let rounding = product.resultType == .bfloat16 ? abs(expected) / 256 : 0
                return abs(found - expected) - rounding
            }.max() ?? 0
        let tolerance = 1e-6 + 1.2e-7 * Double(product.k + 2)
        #expect(worst <= tolerance, "\(who) \(product): worst difference \(worst)")
    }
}
