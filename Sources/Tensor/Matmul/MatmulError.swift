/// What can go wrong before the first product.
package struct MatmulError: Error, CustomStringConvertible {
    package enum Code: Sendable {
        /// The library is not installed, or not the one expected.
        case libraryUnavailable
    }

    package let code: Code
    /// Says which library and why.
    package let message: String

    package var description: String { message }
}
