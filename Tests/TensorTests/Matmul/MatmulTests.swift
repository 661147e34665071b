import Glibc
import Tensor
import Testing

@Suite struct MatmulTests {
    static let sizes = [
        (1, 1, 1), (1, 17, 3), (5, 7, 9), (16, 16, 16), (33, 65, 31), (64, 1, 100), (70, 130, 257), (128, 64, 192),
    ]

    @Test(arguments: Backends.all.indices, sizes.indices) func productsEqualTheReference(backend: Int, size: Int) {
        let backend = Backends.all[backend]
        let (m, n, k) = Self.sizes[size]
        let types: [(DType, DType)] = [(.float32, .float32), (.bfloat16, .float32), (.bfloat16, .bfloat16)]
        for transposeA in [false, true] {
            for transposeB in [false, true] {
                for accumulate in [false, true] {
                    for (bias, slack) in [(false, 0), (true, 5)] {
                        for (operands, result) in types {
                            let product = MatmulCase(
                                m: m, n: n, k: k, transposeA: transposeA, transposeB: transposeB,
                                accumulate: accumulate, bias: bias, slack: slack, operands: operands, result: result)
                            product.check(product.result(backend), backend.description)
                        }
                    }
                }
            }
        }
    }

    /// Products with rows enough for packed operands: regular ones, tiles and panels that are not full, odd extents, and
    /// rows of B that collide in the cache.
    @Test(.timeLimit(.minutes(1)), arguments: Backends.all.indices)
    func tiledProductsEqualTheReference(backend: Int) {
        let matmul = Matmul(backend: Backends.all[backend], pool: ComputePool(threads: 2))
        let types: [(DType, DType)] = [(.float32, .float32), (.bfloat16, .float32), (.bfloat16, .bfloat16)]
        for (m, n, k, slack) in [
            (576, 128, 64, 0), (581, 64, 128, 0), (512, 64, 64, 3), (530, 70, 64, 0), (515, 200, 65, 1),
            (512, 64, 1024, 0),
        ] {
            for (operands, result) in types {
                for (transposeA, transposeB) in [(false, false), (false, true), (true, false)] {
                    for (accumulate, bias) in [(false, false), (true, false), (false, true)] {
                        let product = MatmulCase(
                            m: m, n: n, k: k, transposeA: transposeA, transposeB: transposeB, accumulate: accumulate,
                            bias: bias, slack: slack, operands: operands, result: result)
                        product.check(product.result(matmul), matmul.backend.description)
                    }
                }
            }
        }
    }

    @Test func packedTilesCoverTheOutputOnce() {
        for m in [1, 64, 127, 128, 129, 512, 581, 2048] {
            let tiles = MatmulTiles(packedRows: m, n: 192)
            var next = 0
            for tile in 0..<tiles.count {
                let (rows, columns) = tiles[tile]
                #expect(rows.lowerBound == next && !rows.isEmpty && columns == 0..<192, "tile \(tile) of \(m) rows")
                next = rows.upperBound
            }
            #expect(next == m && (m < 512 || tiles.count % 4 == 0))
        }
    }

    @Test(arguments: Backends.all.indices) func emptySumsAreZeroAndEmptyOutputsUntouched(backend: Int) {
        let backend = Backends.all[backend]
        for (m, n, k) in [(3, 4, 0), (0, 4, 5), (3, 0, 5), (0, 0, 0)] {
            for accumulate in [false, true] {
                for bias in [false, true] {
                    let product = MatmulCase(m: m, n: n, k: k, accumulate: accumulate, bias: bias, slack: 2)
                    product.check(product.result(backend), backend.description)
                }
            }
        }
    }

    @Test(arguments: Backends.all.indices) func theOutputIsNotReadUnlessAccumulating(backend: Int) {
        for result in [DType.float32, .bfloat16] {
            let context = ComputeContext()
            let output = Tensor([Double](repeating: .nan, count: 4), shape: [2, 2], dtype: result, in: context)
            let a = Tensor([1.0, 2, 3, 4], shape: [2, 2], dtype: result, in: context)
            let b = Tensor([1.0, 0, 0, 1], shape: [2, 2], dtype: result, in: context)
            var product = MatrixProduct(m: 2, n: 2, k: 2, lda: 2, ldb: 2, ldc: 2)
            (product.operandType, product.resultType) = (result, result)
            unsafe Backends.all[backend].multiply(
                product, a: a.address, b: b.address, bias: nil, c: output.address)
            #expect(output.doubles() == [1, 2, 3, 4])
        }
    }

    @Test(.timeLimit(.minutes(1)), arguments: Backends.all.indices)
    func bitsDoNotDependOnTheNumberOfThreads(backend: Int) {
        let backend = Backends.all[backend]
        let cases = [
            MatmulCase(m: 600, n: 200, k: 96, transposeB: true),
            MatmulCase(m: 100, n: 900, k: 130, transposeA: true, accumulate: true, slack: 3),
            MatmulCase(m: 1, n: 300, k: 40), MatmulCase(m: 300, n: 1, k: 40), MatmulCase(m: 0, n: 5, k: 3),
            MatmulCase(m: 600, n: 500, k: 128, bias: true, operands: .bfloat16, result: .bfloat16),
            MatmulCase(m: 640, n: 128, k: 128, transposeA: true, accumulate: true, operands: .bfloat16),
            MatmulCase(m: 700, n: 192, k: 128, transposeB: true),
        ]
        for product in cases {
            let single = product.result(Matmul(backend: backend, pool: ComputePool(threads: 1)))
            product.check(single, backend.description)
            for threads in [2, 3, 5] {
                let several = product.result(Matmul(backend: backend, pool: ComputePool(threads: threads)))
                #expect(single == several, "\(backend.description), \(threads) threads, \(product.product)")
            }
        }
    }

    /// Each element of C is one sum in the order of k, so our own kernels give the same bits however C is cut.
    @Test(arguments: [DType.float32, .bfloat16]) func bitsDoNotDependOnTheCut(operands: DType) {
        for (transposeA, transposeB) in [(false, false), (false, true), (true, false)] {
            let product = MatmulCase(
                m: 530, n: 150, k: 77, transposeA: transposeA, transposeB: transposeB, accumulate: true, bias: true,
                operands: operands)
            let whole = product.result(KernelBackend())
            let tiled = product.result(Matmul(backend: KernelBackend(), pool: ComputePool(threads: 2)))
            #expect(whole == tiled || !KernelBackend().makes(operands), "\(product.product)")
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
                    #expect(rows.count <= 448 && columns.count <= 384, "tile of \(rows.count) rows of \(m)x\(n)")
                    starts.insert([rows.lowerBound, columns.lowerBound])
                    area += rows.count * columns.count
                }
                #expect(starts.count == tiles.count && area == m * n, "tiles of \(m)x\(n)")
            }
        }
    }
}
