/// What is cut when a text, or two, have more tokens than there is room for.
package enum Truncation: String, Sendable, CaseIterable {
    /// Nothing: too long is an error.
    case none = "do_not_truncate"
    /// The end of the longer text until both fit; of two of the same length, of the second first.
    case longestFirst = "longest_first"
    /// The end of the first text.
    case onlyFirst = "only_first"
    /// The end of the second text.
    case onlySecond = "only_second"
}

/// One text, or two, as a model reads them: ids with the special tokens around them. No padding.
package struct Encoding: Sendable, Equatable {
    /// Token ids.
    package var ids: [Int32] = []
    /// Token types: 0, and 1 for the second text where the template has them.
    package var typeIDs: [Int32] = []
    /// Where each token stands in its text; nil for special tokens that were added.
    package var ranges: [Range<Int>?] = []
    /// Which text a token is of, 0 or 1; nil for special tokens that were added.
    package var texts: [Int?] = []
    /// Tokens that were cut away.
    package var removedCount = 0
}

extension Tokenizer {
    /// The special tokens that are added around one text, or two.
    package func addedCount(pair: Bool) -> Int { pair ? (template == .bert ? 3 : 4) : 2 }

    /// A text, or two, with special tokens, cut to `maximumLength` tokens if there is one.
    ///
    /// - Throws: `invalidParameter`, with both numbers, where `truncation` cannot make the texts fit.
    package func encode(
        _ text: String, pair: String? = nil, maximumLength: Int? = nil, truncation: Truncation = .longestFirst
    ) throws(TextError) -> Encoding {
        let second = try pair.map { (text) throws(TextError) in try tokenize(text) }
        return try encode(
            tokens: try tokenize(text), pair: second, maximumLength: maximumLength, truncation: truncation)
    }

    /// The same of texts that are tokens already.
    package func encode(
        tokens first: [Token], pair second: [Token]? = nil, maximumLength: Int? = nil,
        truncation: Truncation = .longestFirst
    ) throws(TextError) -> Encoding {
        var lengths = (first.count, second?.count ?? 0)
        let added = addedCount(pair: second != nil)
        if let maximumLength {
            let excess = lengths.0 + lengths.1 + added - maximumLength
            if excess > 0 {
                guard let cut = Self.cut(lengths, by: excess, truncation, hasPair: second != nil) else {
                    throw TextError(
                        .invalidParameter,
                        "a text of \(lengths.0 + lengths.1 + added) tokens is longer than \(maximumLength), and "
                            + "\(truncation.rawValue) cannot cut it")
                }
                lengths = cut
            }
        }
        var result = Encoding()
        func special(_ id: Int32, type: Int32) {
            result.ids.append(id)
            result.typeIDs.append(type)
            result.ranges.append(nil)
            result.texts.append(nil)
        }
        func append(_ tokens: ArraySlice<Token>, text: Int, type: Int32) {
            for token in tokens {
                result.ids.append(token.id)
                result.typeIDs.append(type)
                result.ranges.append(token.range)
                result.texts.append(text)
            }
        }
        special(specials.classification, type: 0)
        append(first.prefix(lengths.0), text: 0, type: 0)
        special(specials.separator, type: 0)
        if let second {
            let type: Int32 = template == .bert ? 1 : 0
            if template == .roberta { special(specials.separator, type: 0) }
            append(second.prefix(lengths.1), text: 1, type: type)
            special(specials.separator, type: type)
        }
        result.removedCount = first.count - lengths.0 + (second?.count ?? 0) - lengths.1
        return result
    }

    /// What is left of two texts of `lengths` tokens when `excess` of them go; nil where that is not possible. As the
    /// `tokenizers` of Hugging Face, longest first makes the longer as long as the other and then cuts both alike, the
    /// odd token from the second.
    private static func cut(
        _ lengths: (Int, Int), by excess: Int, _ truncation: Truncation, hasPair: Bool
    ) -> (Int, Int)? {
        switch truncation {
        case .none: return nil
        case .onlyFirst: return lengths.0 > excess ? (lengths.0 - excess, lengths.1) : nil
        case .onlySecond: return hasPair && lengths.1 > excess ? (lengths.0, lengths.1 - excess) : nil
        case .longestFirst:
            guard lengths.0 + lengths.1 >= excess else { return nil }
            let (shorter, longer) = (min(lengths.0, lengths.1), max(lengths.0, lengths.1))
            let first = min(excess, longer - shorter)
            let rest = excess - first
            let (fromFirst, fromSecond) = (rest / 2, rest - rest / 2)
            return lengths.0 > lengths.1
                ? (lengths.0 - first - fromFirst, lengths.1 - fromSecond)
                : (lengths.0 - fromFirst, lengths.1 - first - fromSecond)
        }
    }
}
