import ArgumentParser
import Foundation
import Text

/// `troupe bench tokenize`
struct BenchTokenizeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokenize",
        abstract: "Measure a tokenizer over the lines of a text.",
        discussion: """
            Every line becomes ids and their places in the text, or, for a SentencePiece file, ids as in data \
            preparation; reading the file is not counted. The figures are medians for one thread; --threads adds those \
            for more. Bytes are those of the lines in UTF-8, a megabyte is 10^6. JSON keys: megabytes_per_second and \
            tokens_per_second (one thread), and 'runs' for each number of threads.

            Examples:
              troupe bench tokenize --model runs/demo/model/spiece.model --input corpus.txt --threads 2
              troupe bench tokenize --model bert-base-uncased --input corpus.txt
            """)

    @Option(
        name: .long,
        help: ArgumentHelp("A model directory, a SentencePiece model, or vocab.txt.", valueName: "path"))
    var model: String

    @Option(name: .long, help: ArgumentHelp("A text.", valueName: "file"))
    var input: String

    @Option(
        name: .long, parsing: .unconditional,
        help: ArgumentHelp("Measure with so many threads too.", valueName: "n"))
    var threads = 1

    @Option(
        name: .long, parsing: .unconditional, help: ArgumentHelp("Timed passes over the text.", valueName: "n"))
    var repeats = 5

    @Flag(name: .long, help: "Print the result as one JSON object.")
    var json = false

    func validate() throws {
        try requireOption("threads", threads, in: 1...1024)
        try requireOption("repeats", repeats, in: 1...10_000)
    }

    func run() async throws {
        try await reportingErrors { try await offPool { try measure() } }
    }

    /// The speed with some number of threads.
    private struct Pass {
        let threads: Int
        let seconds: Double
        let megabytes: Double
        let tokens: Int

        var json: [String: Any] {
            [
                "threads": threads, "median_seconds": seconds, "megabytes_per_second": megabytes / seconds,
                "tokens_per_second": Double(tokens) / seconds,
            ]
        }
    }

    /// A tokenizer as it is measured: how many tokens some lines have, on some number of threads.
    private struct Subject {
        let vocabularySize: Int
        let countTokens: ([String], Int) throws -> Int
    }

    private func subject() throws -> Subject {
        if model.hasSuffix(".model") {
            let tokenizer = try SentencePieceTokenizer(path: model)
            return Subject(vocabularySize: tokenizer.vocabularySize) { lines, threads in
                try tokenizer.encode(lines, threads: threads).reduce(0) { $0 + $1.count }
            }
        }
        let tokenizer: any Tokenizer =
            model.hasSuffix(".txt")
            ? try WordPieceTokenizer(vocabularyPath: model) : try loadTokenizer(directory: model)
        return Subject(vocabularySize: tokenizer.vocabularySize) { lines, threads in
            try tokenizer.tokenize(lines, threads: threads).reduce(0) { $0 + $1.count }
        }
    }

    private func measure() throws {
        let subject = try subject()
        let file = try MappedFile(input)
        let text = unsafe file.withBytes { unsafe String(decoding: $0, as: UTF8.self) }
        let lines = text.split(whereSeparator: \.isNewline).map(String.init)
        guard !lines.isEmpty else { throw CommandError(.badData, "\(input): no text") }
        let megabytes = Double(lines.reduce(0) { $0 + $1.utf8.count }) / 1e6
        let status = StatusLine()
        let passes = try Set([1, threads]).sorted().map { threads in
            status.show("\(threads) thread\(threads == 1 ? "" : "s")", done: 0, total: nil)
            let tokens = try subject.countTokens(lines, threads)
            let seconds = try (0..<repeats).map { _ in
                try Samples.time { _ = try subject.countTokens(lines, threads) }
            }
            return Pass(
                threads: threads, seconds: Samples(seconds: seconds).median, megabytes: megabytes, tokens: tokens)
        }
        status.finish()
        try report(passes, lines: lines.count, vocabularySize: subject.vocabularySize)
    }

    private func report(_ passes: [Pass], lines: Int, vocabularySize: Int) throws {
        guard !json else {
            var object = passes[0].json
            object["runs"] = passes.map(\.json)
            object["model"] = model
            object["input"] = input
            object["vocabulary_size"] = vocabularySize
            object["lines"] = lines
            object["megabytes"] = passes[0].megabytes
            object["tokens"] = passes[0].tokens
            object["repeats"] = repeats
            return try printJSON(object)
        }
        print(
            "\(input): \(lines) lines, \(passes[0].megabytes.fixed(2)) MB, \(passes[0].tokens) tokens of "
                + "\(vocabularySize) pieces; median of \(repeats)\n")
        var table = TextTable("threads", "MB/s", "tokens/s", "seconds")
        for pass in passes {
            table.add(
                String(pass.threads), (pass.megabytes / pass.seconds).fixed(2),
                (Double(pass.tokens) / pass.seconds).fixed(0), pass.seconds.fixed(4))
        }
        print(table.text)
    }
}
