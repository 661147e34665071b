/// The extents of a row-major tensor, outermost first. A scalar has no dimensions and one element.
package struct Shape: Sendable, Hashable, ExpressibleByArrayLiteral, CustomStringConvertible {
    package let dimensions: [Int]
    /// Product of the dimensions: 1 for a scalar, 0 if any dimension is 0.
    package let count: Int

    /// Traps when a dimension is negative or the product overflows: shapes that come from files are checked before.
    package init(_ dimensions: [Int]) {
        var count = 1
        for dimension in dimensions {
            require(dimension >= 0, "shape \(dimensions) has a negative dimension")
            let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
            require(!overflow, "shape \(dimensions) has more elements than an Int can count")
            count = product
        }
        self.dimensions = dimensions
        self.count = count
    }

    package init(arrayLiteral elements: Int...) {
        self.init(elements)
    }

    /// No dimensions, one element.
    package static let scalar = Shape([])

    /// Number of dimensions.
    package var rank: Int { dimensions.count }

    /// Extent of one axis; negative axes count from the end (`-1` is the innermost).
    package subscript(axis: Int) -> Int {
        dimensions[axis < 0 ? dimensions.count + axis : axis]
    }

    /// The innermost extent: the width of one row. 1 for a scalar.
    package var width: Int { dimensions.last ?? 1 }

    /// Number of rows of `width` elements: the product of all but the innermost extent.
    package var rows: Int { dimensions.dropLast().reduce(1, *) }

    /// The shape with its innermost extent replaced.
    package func replacingWidth(_ width: Int) -> Shape {
        Shape(dimensions.dropLast() + [width])
    }

    package var description: String {
        "[" + dimensions.map(String.init).joined(separator: ", ") + "]"
    }
}
