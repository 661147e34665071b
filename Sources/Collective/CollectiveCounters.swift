/// What a process group has moved and dropped so far.
package struct CollectiveCounters: Sendable, Equatable {
    /// Bytes of tensor data handed to the transport, headers not counted.
    package var payloadBytesSent = 0
    package var payloadBytesReceived = 0
    package var segmentsSent = 0
    package var segmentsReceived = 0
    /// Frames that had come before.
    package var duplicatesDropped = 0
    /// Frames of another run or generation.
    package var staleDropped = 0
    /// Frames from nobody in the group.
    package var strangersDropped = 0
    /// Seconds the calling thread has waited for segments.
    package var waitedSeconds = 0.0

    package init() {}
}
