/// Which tokens go when a text or a pair is longer than it may be; always from the end.
package enum Truncation: String, Sendable, Hashable, CaseIterable {
    /// None: what is too long stays so.
    case none = "do_not_truncate"
    /// From both, as the Rust `tokenizers` do: the shorter stays whole if it takes up at most half of the room, else both
    /// get half, the first the odd token only if it is the longer one.
    case longestFirst = "longest_first"
    /// One token at a time from the longer one, from the second of two equally long ones, as the original BERT program
    /// does and Hugging Face's tokenizers in Python did. Differs from `longestFirst` by one token where both are cut.
    case longestFirstByToken = "longest_first_by_token"
    /// From the first alone.
    case onlyFirst = "only_first"
    /// From the second alone.
    case onlySecond = "only_second"
}

/// How texts become encodings.
package struct EncodingOptions: Sendable, Hashable {
    /// The most tokens of an encoding, special ones included; nil for any number.
    package var maximumLength: Int?
    /// What to do about more; nothing happens without `maximumLength`.
    package var truncation: Truncation
    /// Tokens that each overflow window shares with the one before.
    package var stride: Int
    /// Make further encodings of the tokens that were cut off.
    package var keepsOverflow: Bool

    /// Nothing is cut unless asked for.
    package init(
        maximumLength: Int? = nil, truncation: Truncation = .none, stride: Int = 0, keepsOverflow: Bool = false
    ) {
        self.maximumLength = maximumLength
        self.truncation = truncation
        self.stride = stride
        self.keepsOverflow = keepsOverflow
    }
}

extension Truncation {
    /// How many tokens of each text stay when `room` is too small for both.
    ///
    /// - Throws: `invalidParameter` with both numbers if this way of cutting cannot make them fit.
    func lengths(first: Int, second: Int?, room: Int) throws(TextError) -> (first: Int, second: Int) {
        let other = second ?? 0
        switch self {
        case .none:
            return (first, other)
        case .longestFirst:
            guard second != nil else { return (room, 0) }
            let (shorter, longer) = (min(first, other), max(first, other))
            guard shorter + max(shorter, room - shorter) > room else {
                return first <= other ? (shorter, min(longer, room - shorter)) : (min(longer, room - shorter), shorter)
            }
            let (less, more) = (room / 2, room - room / 2)
            return first <= other ? (less, more) : (more, less)
        case .longestFirstByToken:
            guard second != nil else { return (room, 0) }
            // Until both are as long as the shorter one only the longer one loses tokens.
            let shorter = min(first, other)
            if room - shorter >= shorter { return first > other ? (room - other, other) : (first, room - first) }
            return (room - room / 2, room / 2)
        case .onlyFirst:
            return (try Self.cut(first, "the first text", removing: first + other - room), other)
        case .onlySecond:
            guard second != nil else {
                throw TextError(
                    .invalidParameter,
                    "cannot truncate with \(rawValue): \(first) tokens are too many for a room of \(room), and there "
                        + "is no second text")
            }
            return (first, try Self.cut(other, "the second text", removing: first + other - room))
        }
    }

    private static func cut(_ count: Int, _ name: String, removing excess: Int) throws(TextError) -> Int {
        guard excess < count else {
            throw TextError(
                .invalidParameter, "cannot truncate \(name): \(excess) tokens must go, and it has only \(count)")
        }
        return count - excess
    }
}
