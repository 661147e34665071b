internal import CSentencePiece

/// Carries sentences from a Swift closure to the trainer's callback: skips blank ones, keeps the bytes of the current
/// one alive, counts them, and remembers an error of the closure, which ends the feed.
@safe
final class SentenceFeed {
    private let next: () throws(TextError) -> String?
    private var current: UnsafeMutableBufferPointer<CChar>
    private(set) var count = 0
    private(set) var error: TextError?

    init(_ next: @escaping () throws(TextError) -> String?) {
        self.next = next
        unsafe current = .allocate(capacity: 1 << 12)
    }

    deinit { unsafe current.deallocate() }

    /// Whether anything of the sentence is left after normalization. The library ends the process, instead of reporting
    /// an error, when it is given nothing but blanks.
    private static func isVisible(_ sentence: String) -> Bool {
        if sentence.utf8.contains(where: { (0x21...0x7E).contains($0) }) { return true }
        return sentence.unicodeScalars.contains { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .spaceSeparator, .lineSeparator, .paragraphSeparator, .unassigned, .privateUse:
                return false
            default: return scalar != "\u{FFFD}" && scalar != "\u{2581}" && scalar != "\u{2585}"
            }
        }
    }

    /// The next sentence, valid until the next call; nil at the end or after an error.
    fileprivate func advance() -> UnsafeBufferPointer<CChar>? {
        do throws(TextError) {
            var candidate = try next()
            while let sentence = candidate, !Self.isVisible(sentence) { candidate = try next() }
            guard let sentence = candidate else { return nil }
            count += 1
            let bytes = sentence.utf8
            if unsafe bytes.count > current.count {
                unsafe current.deallocate()
                unsafe current = .allocate(capacity: bytes.count * 2)
            }
            let end = unsafe current.update(fromContentsOf: bytes.lazy.map { CChar(bitPattern: $0) })
            return unsafe UnsafeBufferPointer(rebasing: current[..<end])
        } catch {
            self.error = error
            return nil
        }
    }
}

/// The callback of `csp_train`; its context is a `SentenceFeed`.
func nextSentence(
    _ context: UnsafeMutableRawPointer?, _ text: UnsafeMutablePointer<UnsafePointer<CChar>?>?,
    _ length: UnsafeMutablePointer<Int>?
) -> Bool {
    guard let context = unsafe context else { return false }
    let feed = unsafe Unmanaged<SentenceFeed>.fromOpaque(context).takeUnretainedValue()
    guard let sentence = unsafe feed.advance() else { return false }
    unsafe text?.pointee = UnsafePointer(sentence.baseAddress)
    unsafe length?.pointee = sentence.count
    return true
}

/// Calls `body` with an array of NUL-terminated copies of `strings`.
func withCStrings<R>(
    _ strings: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> R
) -> R {
    var pointers: [UnsafePointer<CChar>?] = unsafe []
    var storage: [UnsafeMutableBufferPointer<CChar>] = unsafe []
    defer { for index in unsafe storage.indices { unsafe storage[index].deallocate() } }
    for string in strings {
        let characters = string.utf8CString
        let buffer = UnsafeMutableBufferPointer<CChar>.allocate(capacity: characters.count)
        _ = unsafe buffer.initialize(fromContentsOf: characters)
        unsafe storage.append(buffer)
        unsafe pointers.append(UnsafePointer(buffer.baseAddress))
    }
    return unsafe pointers.withUnsafeBufferPointer { unsafe body($0.baseAddress) }
}
