/// What can go wrong before the first product.
package struct MatmulError: Error, CustomStringConvertible {
    /// The kinds of failure.
    package enum Code: Sendable {
        /// The library is not installed, or not the one expected.
        case libraryUnavailable
    }

    /// The kind of failure, by which a caller decides.
    package let code: Code
    /// Says which library and why.
    package let message: String

    package var description: String { message }
}
