package import Wire

/// One life of one process of the cluster.
package struct NodeID: Hashable, WireCodable, CustomStringConvertible {
    /// Its control endpoint, where others call it back.
    package var address: String
    /// Drawn at random when the process starts: a process that is started again at the same address is another node.
    package var incarnation: UInt64

    package init(address: String, incarnation: UInt64) {
        self.address = address
        self.incarnation = incarnation
    }

    package func encode(into writer: inout WireWriter) {
        writer.array(count: 2)
        writer.encode(address)
        writer.encode(incarnation)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var fields = try reader.array("node id")
        address = try fields.decode()
        incarnation = try fields.decode()
        try fields.finish()
    }

    package var description: String { "\(address)#\(String(incarnation, radix: 16))" }
}
