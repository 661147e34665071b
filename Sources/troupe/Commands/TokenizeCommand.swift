import ArgumentParser
import Foundation
import Text

extension Truncation: ExpressibleByArgument {}

/// `troupe tokenize`: what a model reads for a text.
struct TokenizeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokenize",
        abstract: "Show the tokens of texts.",
        discussion: """
            Texts come as arguments, as lines of --input, or as lines on standard input: plain text, or JSON objects \
            with "text" and, for a pair, "text_pair". With --json each text gives one object with input_ids, \
            token_type_ids, attention_mask, tokens and offsets; offsets count Unicode characters of the text, and are \
            [0,0] for tokens that stand for none of it. With --stride what was cut off follows in further windows, one \
            object each, and overflow_to_sample_mapping tells to which text they belong, from 0.

            Examples:
              troupe tokenize --model bert-base-uncased "unaffable, isn't it?"
              troupe tokenize --vocab vocab.txt --cased --json --input texts.txt --max-length 128
            """)

    @OptionGroup var source: TokenizerOptions

    @Option(name: .long, help: ArgumentHelp("A file with one text or JSON object per line.", valueName: "file"))
    var input: String?

    @Option(
        name: .long, parsing: .unconditional,
        help: ArgumentHelp("Cut to so many tokens, special ones included.", valueName: "n"))
    var maxLength: Int?

    @Option(
        name: .long,
        help:
            "How to cut: longest_first (default), longest_first_by_token (as the original BERT), only_first, only_second or do_not_truncate."
    )
    var truncation: Truncation = .longestFirst

    @Option(
        name: .long, parsing: .unconditional,
        help: ArgumentHelp("Show windows of what is cut off that share n tokens.", valueName: "n"))
    var stride: Int?

    @Flag(name: .long, help: "Pad to --max-length.")
    var pad = false

    @Option(name: .long, parsing: .unconditional, help: ArgumentHelp("Threads.", valueName: "n"))
    var threads = ProcessInfo.processInfo.activeProcessorCount

    @Flag(name: .long, help: "Print one JSON object per text.")
    var json = false

    @Argument(help: ArgumentHelp("Texts.", valueName: "text"))
    var texts: [String] = []

    func validate() throws {
        if let maxLength { try requireOption("max-length", maxLength, in: 1...1_000_000) }
        if let stride { try requireOption("stride", stride, in: 0...1_000_000) }
        try requireOption("threads", threads, in: 1...1024)
        if (stride != nil || pad) && maxLength == nil {
            throw ValidationError("--stride and --pad need --max-length")
        }
        if input != nil && !texts.isEmpty { throw ValidationError("give texts as arguments or by --input, not both") }
    }

    func run() async throws {
        try await reportingErrors { try await offPool { try tokenize() } }
    }

    /// In waves, so that many lines keep all threads busy; line by line for somebody who types.
    private func tokenize() throws {
        let tokenizer = try source.load()
        let isTyped = texts.isEmpty && input == nil && isatty(STDIN_FILENO) == 1
        var wave: [InputLine] = []
        var count = 0
        try InputLine.forEach(texts, input: input) { line in
            guard line.tokens == nil else {
                throw CommandError(.badData, "text \(count + 1): expected text, got input_ids")
            }
            wave.append(line)
            count += 1
            if isTyped || wave.count == 4096 {
                try show(wave, first: count - wave.count, tokenizer)
                wave = []
            }
        }
        try show(wave, first: count - wave.count, tokenizer)
    }

    private func show(_ texts: [InputLine], first: Int, _ tokenizer: any Tokenizer) throws {
        let options = EncodingOptions(
            maximumLength: maxLength, truncation: truncation, stride: stride ?? 0, keepsOverflow: stride != nil)
        let encodings = try tokenizer.encode(texts.map { ($0.text, $0.pair) }, options, threads: threads)
        for (index, windows) in encodings.enumerated() {
            for window in windows { try show(window, sample: first + index, tokenizer) }
        }
    }

    private func show(_ encoding: Encoding, sample: Int, _ tokenizer: any Tokenizer) throws {
        let missing = pad ? max(0, (maxLength ?? 0) - encoding.ids.count) : 0
        let ids = encoding.ids + Array(repeating: tokenizer.specials.padding, count: missing)
        let pieces = ids.map(tokenizer.piece)
        guard json else {
            print("\(pieces.joined(separator: " "))\n    \(ids.map(String.init).joined(separator: " "))")
            return
        }
        let padding = Array(repeating: 0, count: missing)
        let places = encoding.tokens.map { [$0?.lowerBound ?? 0, $0?.upperBound ?? 0] }
        var object: [String: Any] = [
            "input_ids": ids.map(Int.init), "token_type_ids": encoding.typeIDs.map(Int.init) + padding,
            "attention_mask": Array(repeating: 1, count: encoding.ids.count) + padding, "tokens": pieces,
            "offsets": places + padding.map { [$0, $0] },
        ]
        if stride != nil { object["overflow_to_sample_mapping"] = sample }
        try printJSON(object)
    }
}
