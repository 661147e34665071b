import Tensor
import Testing

/// The backends under test; OpenBLAS only where it is installed.
enum Backends {
    static let all: [any MatmulBackend] = {
        let openBLAS = try? OpenBLASBackend()
        return [OneDNNBackend()] + (openBLAS.map { [$0] } ?? [])
    }()
}

/// A matrix product with its operands in storage wider than the matrices, and its reference in double.
struct MatmulCase {
    let m: Int
    let n: Int
    let k: Int
    let transposeA: Bool
    let transposeB: Bool
    let alpha: Float
    let accumulate: Bool
    let lda: Int
    let ldb: Int
    let ldc: Int
    let a: [Float]
    let b: [Float]
    let c: [Float]

    /// `slack` more columns of storage than the matrices need.
    init(
        m: Int, n: Int, k: Int, transposeA: Bool = false, transposeB: Bool = false, alpha: Float = 1,
        accumulate: Bool = false, slack: Int = 0, seed: UInt64 = 1
    ) {
        (self.m, self.n, self.k) = (m, n, k)
        (self.transposeA, self.transposeB, self.alpha, self.accumulate) = (transposeA, transposeB, alpha, accumulate)
        lda = (transposeA ? m : k) + slack
        ldb = (transposeB ? k : n) + slack
        ldc = n + slack
        var random = PhiloxGenerator(key: RandomKey(seed: seed))
        func fill(_ count: Int) -> [Float] { (0..<count).map { _ in Float(random.nextUniform() - 0.5) } }
        a = fill((transposeA ? k : m) * lda + 1)
        b = fill((transposeB ? n : k) * ldb + 1)
        c = fill(m * ldc + 1)
    }

    var label: String {
        "\(m)x\(n)x\(k) tA \(transposeA) tB \(transposeB) alpha \(alpha) accumulate \(accumulate) ldc \(ldc)"
    }

    /// All of C's storage: what lies outside the matrix stays.
    func reference() -> [Double] {
        var result = c.map(Double.init)
        for i in 0..<m {
            for j in 0..<n {
                var sum = 0.0
                for p in 0..<k {
                    let left = a[transposeA ? p * lda + i : i * lda + p]
                    let right = b[transposeB ? j * ldb + p : p * ldb + j]
                    sum += Double(left) * Double(right)
                }
                result[i * ldc + j] = Double(alpha) * sum + (accumulate ? Double(c[i * ldc + j]) : 0)
            }
        }
        return result
    }

    func result(_ backend: any MatmulBackend) -> [Float] {
        var output = c
        unsafe backend.gemm(
            m: m, n: n, k: k, alpha: alpha, a: a, lda: lda, transposeA: transposeA, b: b, ldb: ldb,
            transposeB: transposeB, c: &output, ldc: ldc, accumulate: accumulate)
        return output
    }

    func result(_ matmul: Matmul) -> [Float] {
        var output = c
        unsafe matmul.product(
            m: m, n: n, k: k, alpha: alpha, a: a, lda: lda, transposeA: transposeA, b: b, ldb: ldb,
            transposeB: transposeB, c: &output, ldc: ldc, accumulate: accumulate)
        return output
    }

    /// Operands lie in -0.5 ..< 0.5: the error of a sum of k products stays below k * 2^-23.
    func check(_ output: [Float], _ who: String) {
        let tolerance = 1e-6 + 1.2e-7 * Double(k)
        let worst = zip(output, reference()).map { abs(Double($0) - $1) }.max() ?? 0
        #expect(worst <= tolerance, "\(who) \(label): worst difference \(worst)")
    }
}
