internal import CSentencePiece
internal import Foundation

/// Trains SentencePiece unigram models with ALBERT's symbol layout: `<pad>` 0, `<unk>` 1, no sentence marks, then the
/// control symbols, then the user-defined symbols, then what was learned.
package enum SentencePieceTrainer {
    static let fixedPieces = ["<pad>", "<unk>"]

    /// A trained model.
    package struct Result: Sendable {
        /// The serialized model (`spiece.model`).
        package let model: [UInt8]
        /// One line per piece: the piece, a tab, its score (`spiece.vocab`).
        package let vocabulary: String
        /// Sentences that were offered to the library.
        package let sentences: Int
    }

    /// Trains on the sentences that `next` returns one by one until nil. The text should be preprocessed as it will be
    /// when encoding. Throws `invalidParameter`, `emptyCorpus`, `tokenizer`, or what `next` throws.
    package static func train(
        _ training: SentencePieceTraining, next: @escaping () throws(TextError) -> String?
    ) throws(TextError) -> Result {
        try training.validate()
        let feed = SentenceFeed(next)
        let context = unsafe Unmanaged.passUnretained(feed).toOpaque()
        let flags = flags(training).sorted { $0.key < $1.key }
        var message: UnsafeMutablePointer<CChar>?
        var length = 0
        let trained = unsafe withCStrings(flags.map(\.key)) { keys in
            unsafe withCStrings(flags.map(\.value)) { values in
                unsafe csp_train(keys, values, flags.count, nextSentence, context, &length, &message)
            }
        }
        if let error = feed.error { throw error }
        guard feed.count > 0 else { throw TextError(.emptyCorpus, "there is no sentence to train a vocabulary on") }
        guard let trained = unsafe trained else {
            throw TextError(
                .tokenizer,
                "training a vocabulary of \(training.vocabularySize) pieces on \(feed.count) sentences failed: "
                    + (unsafe takeMessage(message)))
        }
        defer { unsafe csp_string_free(trained) }
        let bytes = unsafe Array(UnsafeRawBufferPointer(start: trained, count: length))
        let model = try SentencePieceModel(bytes: bytes, name: "the trained model")
        let lines = (0..<Int32(model.vocabularySize)).map { "\(model.piece($0))\t\(format(model.score($0)))\n" }
        return Result(model: bytes, vocabulary: lines.joined(), sentences: feed.count)
    }

    /// The flags of the library's trainer. Lists are CSV with quotes there: a symbol `"` must be written `""""`, or it
    /// swallows the symbols after it.
    static func flags(_ training: SentencePieceTraining) -> [String: String] {
        let list = { (symbols: [String]) in
            symbols.map { symbol in
                guard symbol.contains("\"") || symbol.contains(",") else { return symbol }
                return "\"" + symbol.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
                    + "\""
            }.joined(separator: ",")
        }
        return [
            "model_type": "unigram", "vocab_size": "\(training.vocabularySize)",
            "character_coverage": "\(training.characterCoverage)",
            "input_sentence_size": "\(training.inputSentenceSize)", "shuffle_input_sentence": "true",
            "max_sentence_length": "\(training.maximumSentenceBytes)", "num_threads": "\(training.threads)",
            "pad_id": "0", "unk_id": "1", "bos_id": "-1", "eos_id": "-1",
            "control_symbols": list(training.controlSymbols),
            "user_defined_symbols": list(training.userDefinedSymbols), "minloglevel": "2",
        ]
    }

    /// A score as C++ streams print it by default: six significant digits, no trailing zeros.
    private static func format(_ score: Float) -> String {
        String(format: "%g", Double(score))
    }
}
