/// Bounds that hold before anything is allocated for bytes from the network.
package enum WireLimits {
    /// The version of everything on the wire: control envelopes and data frames. Bumped by any change of layout.
    package static let protocolVersion = 1
    /// The largest control message, bytes. Tensors never travel in control messages.
    package static let controlBytes = 4 << 20
    /// The deepest nesting of arrays and maps.
    package static let depth = 32
}
