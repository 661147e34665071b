import Glibc
import Tensor
import Testing

@Suite struct MatmulTests {
    static let sizes = [(1, 1, 1), (1, 17, 3), (5, 7, 9), (16, 16, 16), (33, 65, 31), (64, 1, 100), (70, 130, 257)]

    @Test(arguments: Backends.all.indices, sizes.indices) func productsEqualTheReference(backend: Int, size: Int) {
        let backend = Backends.all[backend]
        let (m, n, k) = Self.sizes[size]
        for transposeA in [false, true] {
            for transposeB in [false, true] {
                for accumulate in [false, true] {
                    for (alpha, slack) in [(Float(1), 0), (0.125, 5)] {
                        let product = MatmulCase(
                            m: m, n: n, k: k, transposeA: transposeA, transposeB: transposeB, alpha: alpha,
                            accumulate: accumulate, slack: slack)
                        product.check(product.result(backend), backend.description)
                    }
                }
            }
        }
    }

    @Test(arguments: Backends.all.indices) func emptySumsAreZeroAndEmptyOutputsUntouched(backend: Int) {
        let backend = Backends.all[backend]
        for (m, n, k) in [(3, 4, 0), (0, 4, 5), (3, 0, 5), (0, 0, 0)] {
            for accumulate in [false, true] {
                let product = MatmulCase(m: m, n: n, k: k, accumulate: accumulate, slack: 2)
                product.check(product.result(backend), backend.description)
            }
        }
    }

    @Test(arguments: Backends.all.indices) func theOutputIsNotReadUnlessAccumulating(backend: Int) {
        var output = [Float](repeating: .nan, count: 4)
        unsafe Backends.all[backend].gemm(
            m: 2, n: 2, k: 2, alpha: 1, a: [1, 2, 3, 4], lda: 2, transposeA: false, b: [1, 0, 0, 1], ldb: 2,
            transposeB: false, c: &output, ldc: 2, accumulate: false)
        #expect(output == [1, 2, 3, 4])
    }

    @Test(.timeLimit(.minutes(1)), arguments: Backends.all.indices)
    func bitsDoNotDependOnTheNumberOfThreads(backend: Int) {
        let backend = Backends.all[backend]
        let cases = [
            MatmulCase(m: 600, n: 200, k: 96, transposeB: true),
            MatmulCase(m: 100, n: 900, k: 130, transposeA: true, accumulate: true, slack: 3),
            MatmulCase(m: 1, n: 300, k: 40), MatmulCase(m: 300, n: 1, k: 40), MatmulCase(m: 0, n: 5, k: 3),
        ]
        for product in cases {
            let single = product.result(Matmul(backend: backend, pool: ComputePool(threads: 1)))
            product.check(single, backend.description)
            for threads in [2, 3, 5] {
                let several = product.result(Matmul(backend: backend, pool: ComputePool(threads: threads)))
                #expect(single == several, "\(backend.description), \(threads) threads, \(product.label)")
            }
        }
    }

    /// In a process of its own, since other tests start threads.
    @Test(.timeLimit(.minutes(1))) func librariesStartNoThreads() async {
        await #expect(processExitsWith: .success) {
            let product = MatmulCase(m: 1024, n: 512, k: 256)
            let pool = ComputePool(threads: 2)
            for backend in Backends.all {
                let before = Self.threadCount()
                _ = product.result(backend)
                _ = product.result(Matmul(backend: backend, pool: pool))
                let started = Self.threadCount() - before
                precondition(started <= 0, "\(backend.description) started \(started) threads")
            }
        }
    }

    private static func threadCount() -> Int {
        guard let directory = unsafe opendir("/proc/self/task") else { return -1 }
        defer { unsafe closedir(directory) }
        var count = 0
        while unsafe readdir(directory) != nil { count += 1 }
        return count
    }

    @Test func tilesCoverTheOutputOnce() {
        for m in [0, 1, 15, 16, 17, 127, 128, 129, 255, 256, 257, 320, 384, 768, 1000, 4096] {
            for n in [0, 1, 63, 64, 65, 128, 129, 768, 3000] {
                let tiles = MatmulTiles(m: m, n: n)
                var area = 0
                var starts: Set<[Int]> = []
                for tile in 0..<tiles.count {
                    let (rows, columns) = tiles[tile]
                    #expect(!rows.isEmpty && !columns.isEmpty, "empty tile of \(m)x\(n)")
                    #expect(rows.upperBound <= m && columns.upperBound <= n, "tile outside \(m)x\(n)")
                    #expect(rows.count <= 384, "tile of \(rows.count) rows of \(m)x\(n)")
                    starts.insert([rows.lowerBound, columns.lowerBound])
                    area += rows.count * columns.count
                }
                #expect(starts.count == tiles.count && area == m * n, "tiles of \(m)x\(n)")
            }
        }
    }
}
