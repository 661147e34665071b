/// Stops the program with `message` unless `condition` holds. For errors of the caller, such as shapes that do not fit:
/// release builds drop the message of a `precondition`, and a crash without the two shapes helps nobody.
@inline(__always)
func require(
    _ condition: @autoclosure () -> Bool, _ message: @autoclosure () -> String, file: StaticString = #fileID,
    line: UInt = #line
) {
    if !condition() { fatalError(message(), file: file, line: line) }
}
