/// A library that multiplies matrices, on the calling thread alone.
///
/// Implementations never start threads: `Matmul` splits the output into blocks and calls from the compute pool, so calls
/// arrive from several threads at once. The same arguments give the same bits.
package protocol MatmulBackend: Sendable {
    /// The library, its version and what it chose for this CPU, for reports.
    var description: String { get }

    /// Makes `product`. C must not overlap the other matrices, and is only written, never read, unless `product`
    /// accumulates. `bias`, n float32 values, is read if `product` has one. m, n or k may be 0: an empty sum is 0.
    func multiply(
        _ product: MatrixProduct, a: UnsafeRawPointer, b: UnsafeRawPointer, bias: UnsafePointer<Float>?,
        c: UnsafeMutableRawPointer)

    /// How this library wants B prepared when it makes `product` in parts, each some rows of C; nil if it takes B as it
    /// is.
    func panels(for product: MatrixProduct) -> MatrixPanels?

    /// Prepares columns of B, from the first one of a panel on, for products with `hasPackedB`; `packed` has room for them.
    func pack(_ product: MatrixProduct, b: UnsafeRawPointer, into packed: UnsafeMutableRawPointer)
}

/// Libraries take B as it is.
extension MatmulBackend {
    package func panels(for product: MatrixProduct) -> MatrixPanels? { nil }

    package func pack(_ product: MatrixProduct, b: UnsafeRawPointer, into packed: UnsafeMutableRawPointer) {
        fatalError("\(description) takes its operands as they are")
    }
}

/// The layout of a prepared B: panels of some columns each, one after the other.
package struct MatrixPanels: Sendable, Hashable {
    /// Columns of a panel.
    let width: Int
    /// Bytes of a panel.
    let byteCount: Int
}
