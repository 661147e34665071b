package import Wire

/// A worker offers itself to the coordinator.
package struct JoinRequest: WireCodable, Equatable {
    /// The worker; its address is where it is called back.
    package var nodeID: NodeID
    /// Its process on its host.
    package var processID: Int
    /// Its host, for people.
    package var hostName: String
    /// Where its data plane listens.
    package var dataEndpoint: String
    /// `WireLimits.protocolVersion` of its build.
    package var protocolVersion: Int
    /// How many compute threads it has.
    package var threads: Int
    /// The rank its scheduler gave it, if any.
    package var requestedRank: Int?

    package init(
        nodeID: NodeID, processID: Int, hostName: String, dataEndpoint: String,
        protocolVersion: Int = WireLimits.protocolVersion, threads: Int, requestedRank: Int? = nil
    ) {
        self.nodeID = nodeID
        self.processID = processID
        self.hostName = hostName
        self.dataEndpoint = dataEndpoint
        self.protocolVersion = protocolVersion
        self.threads = threads
        self.requestedRank = requestedRank
    }

    package func encode(into writer: inout WireWriter) {
        writer.message(version: 1, fields: 7)
        writer.encode(nodeID)
        writer.encode(processID)
        writer.encode(hostName)
        writer.encode(dataEndpoint)
        writer.encode(protocolVersion)
        writer.encode(threads)
        writer.encode(requestedRank)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        var fields = try reader.message("join request", version: 1, fields: 7)
        nodeID = try fields.decode()
        processID = try fields.decode()
        hostName = try fields.decode()
        dataEndpoint = try fields.decode()
        protocolVersion = try fields.decode()
        threads = try fields.decode()
        requestedRank = try fields.decode()
    }
}
