internal import CZeroMQ

/// A received part of a message; the library's memory, given back when the last frame over it is gone.
@safe final class ZeroMQMessage: @unchecked Sendable {
    let pointer: UnsafeMutablePointer<zmq_msg_t>

    init() {
        unsafe pointer = .allocate(capacity: 1)
        unsafe zmq_msg_init(pointer)
    }

    deinit {
        unsafe zmq_msg_close(pointer)
        unsafe pointer.deallocate()
    }

    /// The part as a frame that keeps it alive.
    var frame: Frame {
        unsafe Frame(
            unsafeBytes: UnsafeRawBufferPointer(start: zmq_msg_data(pointer), count: zmq_msg_size(pointer)),
            owner: self)
    }
}

extension Frame {
    /// Payloads from this size on are sent from where they lie; below, a copy is cheaper than the bookkeeping.
    private static var zeroCopyThreshold: Int { 8192 }

    /// Makes `message` carry this frame: a copy if small, otherwise the bytes themselves, whose owner the library
    /// releases when it is done with them, on a thread of its own.
    func fill(_ message: UnsafeMutablePointer<zmq_msg_t>) {
        guard count >= Self.zeroCopyThreshold else {
            unsafe zmq_msg_init_size(message, count)
            unsafe withBytes { bytes in
                guard let source = bytes.baseAddress else { return }
                unsafe zmq_msg_data(message).copyMemory(from: source, byteCount: bytes.count)
            }
            return
        }
        let (bytes, owner) = unsafe retainedForSending()
        unsafe zmq_msg_init_data(
            message, UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count,
            { _, hint in
                guard let hint = unsafe hint else { return }
                unsafe Unmanaged<AnyObject>.fromOpaque(hint).release()
            }, owner.toOpaque())
    }
}
