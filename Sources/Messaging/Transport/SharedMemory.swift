private import CLinux
private import Glibc

/// Memory that processes of one host share, with words in it that they wait on.
@safe package final class SharedMemory: @unchecked Sendable {
    /// Bytes between two words that are waited on, so that they lie in different cache lines.
    package static let wordStride = 64

    /// The memory, at the start of a page.
    package let bytes: UnsafeMutableRawBufferPointer
    private let name: String

    private init(name: String, bytes: UnsafeMutableRawBufferPointer) {
        self.name = name
        unsafe self.bytes = bytes
    }

    deinit { unsafe troupe_shared_unmap(bytes.baseAddress, bytes.count) }

    /// New memory of `count` zeros called `name`, with its pages reserved.
    ///
    /// - Throws: `TransportError` (`addressInUse` if the name is taken, `system` with the system's words).
    package static func create(name: String, count: Int) throws(TransportError) -> SharedMemory {
        var address: UnsafeMutableRawPointer?
        let code = unsafe troupe_shared_create(name, count, &address)
        guard code == 0 else {
            throw TransportError(
                code == EEXIST ? .addressInUse : .system, "shared memory of \(count) bytes: \(words(code))",
                endpoint: name)
        }
        return unsafe SharedMemory(name: name, bytes: UnsafeMutableRawBufferPointer(start: address, count: count))
    }

    /// The memory called `name` if it is there with `count` bytes, else nil.
    ///
    /// - Throws: `TransportError` (`system`).
    package static func open(name: String, count: Int) throws(TransportError) -> SharedMemory? {
        var address: UnsafeMutableRawPointer?
        let code = unsafe troupe_shared_open(name, count, &address)
        if code == ENOENT || code == EAGAIN { return nil }
        guard code == 0 else {
            throw TransportError(.system, "shared memory of \(count) bytes: \(words(code))", endpoint: name)
        }
        return unsafe SharedMemory(name: name, bytes: UnsafeMutableRawBufferPointer(start: address, count: count))
    }

    /// Takes the name away; the memory lives as long as somebody has it open.
    package func unlink() { _ = unsafe troupe_shared_unlink(name) }

    private static func words(_ code: Int32) -> String { unsafe String(cString: strerror(code)) }

    // MARK: Words

    // A word is a number and, beside it, how many wait for it.

    /// Sets word `index` after everything that this process has written, and wakes who waits for it.
    package func publish(_ index: Int, _ value: UInt32) {
        let word = unsafe word(index)
        unsafe troupe_word_store(word, value)
        if unsafe troupe_word_load(word + 1) > 0 { unsafe troupe_word_wake(word) }
    }

    /// Adds 1 to word `index` and wakes who waits for it.
    package func increment(_ index: Int) {
        let word = unsafe word(index)
        _ = unsafe troupe_word_add(word, 1)
        if unsafe troupe_word_load(word + 1) > 0 { unsafe troupe_word_wake(word) }
    }

    /// Waits until word `index` has reached `value` (or passed it, within half its range): spins a little, then sleeps at
    /// most `limit`. Returns whether it has.
    package func wait(_ index: Int, for value: UInt32, limit: Duration) -> Bool {
        let word = unsafe word(index)
        func hasCome(_ present: UInt32) -> Bool { Int32(bitPattern: present &- value) >= 0 }
        for _ in 0..<Self.spins {
            if unsafe hasCome(troupe_word_load(word)) { return true }
            troupe_cpu_pause()
        }
        let deadline = MonotonicInstant.now().advanced(by: limit)
        _ = unsafe troupe_word_add(word + 1, 1)
        defer { _ = unsafe troupe_word_add(word + 1, UInt32.max) }
        while true {
            let present = unsafe troupe_word_load(word)
            if hasCome(present) { return true }
            let rest = deadline.nanoseconds - MonotonicInstant.now().nanoseconds
            guard rest > 0 else { return false }
            unsafe troupe_word_wait(word, present, rest)
        }
    }

    /// Rounds of spinning before a sleep, some tens of microseconds: a sleep costs about as much.
    private static let spins = 1000

    private func word(_ index: Int) -> UnsafeMutablePointer<UInt32> {
        unsafe bytes.baseAddress.unsafelyUnwrapped.advanced(by: index * Self.wordStride)
            .assumingMemoryBound(to: UInt32.self)
    }
}
