package import Wire

/// An identifier for a new run; made here so that the coordinator needs no word of the wire.
package func makeRunID() -> RunID {
    var generator = SystemRandomNumberGenerator()
    return RunID.random(using: &generator)
}
