import Transport
import Wire

/// Which segment of which collective is sent or awaited.
struct SegmentAddress {
    let step: Int
    let bucket: UInt32
    let phase: DataPhase
    let hop: Int
    let segment: Int

    /// The same segment in another round.
    func at(_ phase: DataPhase, hop: Int) -> SegmentAddress {
        SegmentAddress(step: step, bucket: bucket, phase: phase, hop: hop, segment: segment)
    }
}

extension ProcessGroup {
    /// Sends bytes that stay in place and unchanged until the ledger has them back.
    /// - Parameter checksum: that of `bytes` if it is known already.
    func send(
        _ bytes: UnsafeRawBufferPointer, as type: WireElementType, to peer: Int, _ address: SegmentAddress,
        checksum: UInt32? = nil
    ) throws(CollectiveError) {
        let header = DataFrameHeader(
            phase: address.phase, elementType: type, runID: runID, step: UInt64(address.step),
            generation: UInt32(generation), bucket: address.bucket, hop: UInt32(address.hop),
            segment: UInt32(address.segment), sender: UInt32(rank), elementCount: UInt32(bytes.count / type.byteSize),
            payloadChecksum: unsafe checksum ?? Checksum.crc32c(bytes))
        let payload = unsafe bytes.isEmpty ? Frame([]) : Frame(leasing: bytes, lease: ledger.lease())
        do {
            try transport.send([Frame(header.encoded()), payload], to: peers[peer])
        } catch {
            throw CollectiveError(
                .transport, "\(error)", rank: rank, generation: generation, place: place(address, peer))
        }
        mailbox.count {
            $0.segmentsSent += 1
            $0.payloadBytesSent += bytes.count
        }
    }

    /// Waits for a segment of exactly `count` elements, checks it, and lends its bytes to `body` with their checksum.
    func receive(
        _ count: Int, of type: WireElementType, from peer: Int, _ address: SegmentAddress,
        _ body: (UnsafeRawBufferPointer, UInt32) -> Void
    ) throws(CollectiveError) {
        let place = place(address, peer)
        let key = FrameKey(
            bucket: address.bucket, phase: address.phase, hop: address.hop, segment: address.segment, sender: peer)
        let arrival = try mailbox.take(key, place)
        let header = arrival.header
        guard header.step == UInt64(address.step), header.elementType == type, header.elementCount == UInt32(count)
        else {
            throw CollectiveError(
                .mismatch,
                "expected step \(address.step) with \(count) of \(type), "
                    + "got step \(header.step) with \(header.elementCount) of \(header.elementType)",
                rank: rank, generation: generation, place: place)
        }
        try unsafe arrival.payload.withBytes { (bytes) throws(CollectiveError) in
            guard unsafe Checksum.crc32c(bytes) == header.payloadChecksum else {
                throw CollectiveError(
                    .corrupt, "the segment does not fit its checksum", rank: rank, generation: generation, place: place)
            }
            unsafe body(bytes, header.payloadChecksum)
        }
    }

    private func place(_ address: SegmentAddress, _ peer: Int) -> CollectiveError.Place {
        CollectiveError.Place(
            peer: peer, step: address.step, phase: address.phase, hop: address.hop, segment: address.segment)
    }
}
