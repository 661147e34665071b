/// The plain-Swift forms of all operations, in float64: what the kernels are compared with, what finite differences
/// are taken of, and what computes float64 reference values. Written to be read: arrays in, arrays out, simple loops.
package enum Twins {
    /// The element-wise sum.
    package static func sum(_ x: [Double], _ y: [Double]) -> [Double] {
        zip(x, y).map { $0 + $1 }
    }

    /// `x` with `y` added to each of its rows of `y.count` elements.
    package static func sumOfRows(_ x: [Double], repeating y: [Double]) -> [Double] {
        x.indices.map { x[$0] + y[$0 % y.count] }
    }

    /// The sum of the rows of `width` elements of `x`.
    package static func columnSums(_ x: [Double], width: Int) -> [Double] {
        var sums = [Double](repeating: 0, count: width)
        for index in x.indices { sums[index % width] += x[index] }
        return sums
    }

    /// `a·b`, where `a` is [m, k] (stored [k, m] if transposed) and `b` is [k, n] (stored [n, k] if transposed).
    package static func product(
        _ a: [Double], _ b: [Double], leftTransposed: Bool = false, rightTransposed: Bool = false, m: Int, n: Int,
        k: Int
    ) -> [Double] {
        var result = [Double](repeating: 0, count: m * n)
        for row in 0..<m {
            for column in 0..<n {
                var sum = 0.0
                for inner in 0..<k {
                    let left = leftTransposed ? a[inner * m + row] : a[row * k + inner]
                    let right = rightTransposed ? b[column * k + inner] : b[inner * n + column]
                    sum += left * right
                }
                result[row * n + column] = sum
            }
        }
        return result
    }

    /// The rows of `table` (each `width` wide) named by `indices`.
    package static func rows(of table: [Double], width: Int, at indices: [Int32]) -> [Double] {
        indices.flatMap { table[Int($0) * width..<(Int($0) + 1) * width] }
    }

    /// The gradient of `rows(of:)` with respect to a table of `rowCount` rows: each row of `gradient` added where it
    /// came from, in the order of `indices`.
    package static func scatteredRows(
        _ gradient: [Double], width: Int, at indices: [Int32], rowCount: Int
    ) -> [Double] {
        var table = [Double](repeating: 0, count: rowCount * width)
        for (row, index) in indices.enumerated() {
            for column in 0..<width {
                table[Int(index) * width + column] += gradient[row * width + column]
            }
        }
        return table
    }
}
