import CKernels
import Tensor
import Testing

@Suite struct RowsKernelTests {
    typealias Harness = KernelHarness

    @Test(arguments: [0, 1, 3, 4, 5, 31], [0, 1, 16, 63]) func biasGradientAddsTheColumnSums(rows: Int, cols: Int) {
        let (gradient, start) = (Harness.coarse(rows * cols, seed: 5), Harness.normal(cols, seed: 6))
        let sums = Twins.columnSums(gradient.wide, width: max(cols, 1)).prefix(cols)
        let expected = zip(start.wide, sums).map { $0 + $1 }
        for type in KernelElement.allCases {
            // The sums are float32 whatever the type of the rows.
            Harness.expect("bias gradient \(type) \(rows)x\(cols)", expected, absolute: 1e-5) {
                unsafe Harness.output(start) { sums in
                    _ = unsafe Harness.arrays(type, [gradient]) {
                        unsafe tk_bias_gradient(type.code, $0[0], rows, cols, sums)
                    }
                }
            }
        }
    }

    @Test(arguments: Harness.sizes) func arraysAreAddedUp(n: Int) {
        let (source, target) = (Harness.coarse(n, seed: 9), Harness.coarse(n, seed: 10))
        for type in KernelElement.allCases {
            // One addition, one rounding: exactly the nearest number.
            let expected = type.rounded(zip(source, target).map { $0 + $1 }).wide
            Harness.expect("accumulate \(type) \(n)", expected, absolute: 0, relative: 0) {
                unsafe Harness.arrays(type, [source, target]) {
                    unsafe tk_accumulate(type.code, $0[0], $0[1], n)
                }[1]
            }
        }
    }

    /// Rounding to bfloat16 is exact there too, also where one instruction would give 0, and NaN stays NaN.
    @Test func sumsBelowTheNormalNumbersSurvive() {
        let tiny: [Float] = [0x1.8p-130, -0x1.fp-127, 0x1p-133, 0x1.2345p-131, 0x1p-126, -0.0, 1, .nan, -0x1.8p-134]
        let (source, target) = (tiny + tiny, tiny.reversed() + tiny)
        for type in KernelElement.allCases {
            let expected = type.rounded(zip(source, target).map { type.rounded($0) + type.rounded($1) }).wide
            Harness.expect("tiny sums \(type)", expected, absolute: 0, relative: 0) {
                unsafe Harness.arrays(type, [source, target]) {
                    unsafe tk_accumulate(type.code, $0[0], $0[1], source.count)
                }[1]
            }
        }
    }

    @Test(arguments: [0, 1, 15, 17, 48]) func rowsAreGatheredByIndex(cols: Int) {
        let ids: [Int32] = [2, 0, 2, 4, 2]
        let (stride, rows) = (cols + 3, 5)
        let table = Harness.coarse(rows * stride, seed: 7)
        let expected = ids.flatMap { table.wide[Int($0) * stride..<Int($0) * stride + cols] }
        for type in KernelElement.allCases {
            Harness.expect("gather \(type) \(cols)", expected, absolute: 0, relative: 0) {
                unsafe Harness.arrays(type, [table, Harness.blank(ids.count * cols)]) {
                    unsafe tk_gather_rows(type.code, $0[0], stride, ids, ids.count, cols, $0[1])
                }[1]
            }
        }
    }

    @Test(arguments: [0, 1, 15, 17, 48]) func rowsAreAddedWhereTheyCameFrom(cols: Int) {
        let ids: [Int32] = [2, 0, 2, 4, 2]
        let (stride, rows) = (cols + 3, 5)
        let table = Harness.coarse(rows * stride, seed: 7)
        let source = Harness.coarse(ids.count * stride, seed: 8)
        for type in KernelElement.allCases {
            // Every single sum is rounded, in the order of the ids.
            var expected = table
            for (row, id) in ids.enumerated() {
                for column in 0..<cols {
                    let sum = expected[Int(id) * stride + column] + source[row * stride + column]
                    expected[Int(id) * stride + column] = type.rounded(sum)
                }
            }
            Harness.expect("scatter \(type) \(cols)", expected.wide, absolute: 0, relative: 0) {
                unsafe Harness.arrays(type, [table, source]) {
                    unsafe tk_scatter_add_rows(type.code, $0[1], stride, ids, ids.count, cols, $0[0], stride)
                }[0]
            }
        }
    }

    @Test func theFirstIndexOutsideIsFound() {
        Harness.forEachVariant { variant in
            #expect(unsafe tk_first_outside([0, 4, 2], 3, 5) == 3, "\(variant)")
            #expect(unsafe tk_first_outside([0, 5, -1], 3, 5) == 1, "\(variant)")
            #expect(unsafe tk_first_outside([3, -1, 7], 3, 5) == 1, "\(variant)")
            #expect(unsafe tk_first_outside([], 0, 5) == 0, "\(variant)")
        }
    }
}
