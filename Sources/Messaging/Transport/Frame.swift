/// One part of a message: contiguous bytes kept alive by an owner.
///
/// The bytes do not change between creation and the release of the owner, and the owner may be released on any thread;
/// that is what makes a frame safe to hand between threads.
@safe package struct Frame: @unchecked Sendable {
    /// The frame's bytes; valid while `owner` lives.
    private let bytes: UnsafeRawBufferPointer
    private let owner: AnyObject
    /// Whether the bytes belong to a caller who waits for `owner` to be released, rather than to the frame itself.
    package let isLeased: Bool

    /// A frame that owns a copy of `bytes`.
    package init(_ bytes: [UInt8]) {
        self = unsafe bytes.withUnsafeBytes { unsafe Frame(copying: $0) }
    }

    /// A frame that owns a copy of `bytes`.
    package init(copying bytes: UnsafeRawBufferPointer) {
        let storage = unsafe FrameStorage(copying: bytes)
        unsafe self.init(bytes: UnsafeRawBufferPointer(storage.bytes), owner: storage, isLeased: false)
    }

    /// A frame over bytes that `lease`'s holder keeps in place and unchanged until the lease is released.
    package init(leasing bytes: UnsafeRawBufferPointer, lease: FrameLease) {
        unsafe self.init(bytes: bytes, owner: lease, isLeased: true)
    }

    /// A frame over bytes that live exactly as long as `owner`.
    package init(unsafeBytes bytes: UnsafeRawBufferPointer, owner: AnyObject) {
        unsafe self.init(bytes: bytes, owner: owner, isLeased: false)
    }

    private init(bytes: UnsafeRawBufferPointer, owner: AnyObject, isLeased: Bool) {
        unsafe self.bytes = bytes
        self.owner = owner
        self.isLeased = isLeased
    }

    /// Bytes of the frame.
    package var count: Int { unsafe bytes.count }

    /// Lends the bytes for the length of the call.
    package func withBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        defer { withExtendedLifetime(owner) {} }
        return try unsafe body(bytes)
    }

    /// A copy of the bytes.
    package func array() -> [UInt8] { unsafe withBytes { unsafe [UInt8]($0) } }

    /// The frame itself, or a copy when its bytes are leased: for media that keep frames beyond the sender's wait.
    package func detached() -> Frame {
        unsafe isLeased ? withBytes { unsafe Frame(copying: $0) } : self
    }

    /// The address and an owner to release when a foreign holder is done with it.
    func retainedForSending() -> (UnsafeRawBufferPointer, Unmanaged<AnyObject>) {
        unsafe (bytes, Unmanaged.passRetained(owner))
    }
}

/// Bytes on the heap, written once at creation and freed with the object.
@safe private final class FrameStorage: @unchecked Sendable {
    let bytes: UnsafeMutableRawBufferPointer

    init(copying source: UnsafeRawBufferPointer) {
        unsafe bytes = .allocate(byteCount: source.count, alignment: 16)
        unsafe bytes.copyMemory(from: source)
    }

    deinit { unsafe bytes.deallocate() }
}
