extension Tokenizer {
    /// A text, or a pair, with its special tokens: first one encoding, and with `keepsOverflow` one more for every window of
    /// what was cut off.
    ///
    /// - Throws: `invalidParameter` if the text cannot be made to fit, and what `tokenize` throws.
    package func encode(
        _ text: String, pair: String? = nil, _ options: EncodingOptions = EncodingOptions()
    ) throws(TextError) -> [Encoding] {
        let first = try tokenize(text)
        guard let pair else { return try encode(tokens: first, options) }
        return try encode(tokens: first, pair: try tokenize(pair), options)
    }

    /// As above for texts that are tokens already.
    package func encode(
        tokens first: [Token], pair second: [Token]? = nil, _ options: EncodingOptions = EncodingOptions()
    ) throws(TextError) -> [Encoding] {
        let specialCount = template.specialCount(isPair: second != nil)
        let total = first.count + (second?.count ?? 0)
        guard let maximum = options.maximumLength, options.truncation != .none, total + specialCount > maximum else {
            return [template.wrap(first[...], second?[...], specials)]
        }
        guard maximum >= specialCount else {
            throw TextError(
                .invalidParameter,
                "a maximum of \(maximum) tokens leaves no room for the \(specialCount) special tokens")
        }
        let kept = try options.truncation.lengths(
            first: first.count, second: second?.count, room: maximum - specialCount)
        let firstWindows = try Self.windows(of: first, length: kept.first, options)
        func wrap(_ first: ArraySlice<Token>, _ second: ArraySlice<Token>?) -> Encoding {
            var encoding = template.wrap(first, second, specials)
            encoding.removedCount = total - first.count - (second?.count ?? 0)
            return encoding
        }
        guard let second else { return firstWindows.map { wrap($0, nil) } }
        // In the order of the Rust tokenizers: later windows of the first text with every one of the second, and at
        // the end its first window with the later ones of the second.
        let secondWindows = try Self.windows(of: second, length: kept.second, options)
        let pairs =
            [(firstWindows[0], secondWindows[0])]
            + firstWindows.dropFirst().flatMap { window in secondWindows.map { (window, $0) } }
            + secondWindows.dropFirst().map { (firstWindows[0], $0) }
        return pairs.map { wrap($0.0, $0.1) }
    }

    /// The tokens of many texts, spread over up to `threads` threads; the result does not depend on their number.
    package func tokenize(_ texts: [String], threads: Int) throws(TextError) -> [[Token]] {
        try inBlocks(texts.count, threads: threads) { (index) throws(TextError) in try self.tokenize(texts[index]) }
    }

    /// The encodings of many texts and pairs, spread over up to `threads` threads.
    package func encode(
        _ texts: [(text: String, pair: String?)], _ options: EncodingOptions = EncodingOptions(), threads: Int
    ) throws(TextError) -> [[Encoding]] {
        try inBlocks(texts.count, threads: threads) { (index) throws(TextError) in
            try self.encode(texts[index].text, pair: texts[index].pair, options)
        }
    }

    private func inBlocks<Result: Sendable>(
        _ count: Int, threads: Int, _ body: @Sendable (Int) throws(TextError) -> Result
    ) throws(TextError) -> [Result] {
        let blockSize = 256
        let blocks = try OrderedParallel.map(count: (count + blockSize - 1) / blockSize, threads: threads) {
            (block) throws(TextError) -> [Result] in
            var results: [Result] = []
            for index in block * blockSize..<min(count, (block + 1) * blockSize) { results.append(try body(index)) }
            return results
        }
        return blocks.flatMap { $0 }
    }

    /// The first `length` tokens and, if asked for, windows of that length over the rest.
    private static func windows(
        of tokens: [Token], length: Int, _ options: EncodingOptions
    ) throws(TextError) -> [ArraySlice<Token>] {
        guard options.keepsOverflow && length < tokens.count else { return [tokens.prefix(length)] }
        guard options.stride >= 0 && options.stride < length else {
            throw TextError(
                .invalidParameter,
                "a stride of \(options.stride) needs windows of more tokens, but only \(length) of a text's tokens fit")
        }
        var windows: [ArraySlice<Token>] = []
        var start = 0
        repeat {
            windows.append(tokens[start..<min(start + length, tokens.count)])
            start += length - options.stride
        } while (windows.last?.endIndex ?? tokens.count) < tokens.count
        return windows
    }
}
