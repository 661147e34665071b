import Foundation
import Models
import Tensor
import Text

/// What a command reads per line: plain text, or a JSON object with `text` (and `text_pair`), `question` and `context`,
/// with `tokens` (words that are cut already), with `context` and `options` (and `question`), or with `input_ids`.
struct InputLine {
    /// The text; empty where ids are given.
    var text = ""
    /// A second text.
    var pair: String?
    /// Words that were cut already.
    var words: [String]?
    /// Answers to choose from, each with its question, and `text` as their context.
    var options: [String]?
    /// Ids that were given, with their token types; what the attention mask leaves out is gone.
    var tokens: (ids: [Int32], typeIDs: [Int32])?

    /// Reads a line; `number` counts from 1 and appears in errors.
    init(_ line: String, number: Int) throws {
        guard line.first == "{" else {
            text = line
            return
        }
        func bad(_ message: String) -> CommandError { CommandError(.badData, "line \(number): \(message)") }
        guard let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] else {
            throw bad("begins with { but is no JSON object")
        }
        if let ids = object["input_ids"] {
            guard let ids = Self.numbers(ids) else { throw bad("input_ids: expected a list of whole numbers") }
            let types = try Self.list("token_type_ids", of: object, like: ids, filler: 0, bad)
            let mask = try Self.list("attention_mask", of: object, like: ids, filler: 1, bad)
            let seen = ids.indices.filter { mask[$0] != 0 }
            tokens = (seen.map { ids[$0] }, seen.map { types[$0] })
        } else if let text = object["text"] as? String {
            self.text = text
            pair = object["text_pair"] as? String
        } else if let value = object["tokens"] {
            guard let words = value as? [String], !words.isEmpty else { throw bad("tokens: expected a list of words") }
            (text, self.words) = (words.joined(separator: " "), words)
        } else if let value = object["options"] {
            guard let options = value as? [String], options.count > 1 else {
                throw bad("options: expected a list of at least two texts")
            }
            guard let context = object["context"] as? String else { throw bad("context: expected a text") }
            text = context
            let question = object["question"] as? String
            self.options = options.map { option in question.map { filled($0, with: option) } ?? option }
        } else if let question = object["question"] as? String, let context = object["context"] as? String {
            text = question
            pair = context
        } else {
            throw bad(
                "expected the key text, tokens, options or input_ids, got \(object.keys.sorted().joined(separator: ", "))"
            )
        }
    }

    private static func numbers(_ value: Any) -> [Int32]? {
        (value as? [Any])?.reduce(into: [Int32]?.some([])) { list, item in
            guard let number = item as? Int, let narrow = Int32(exactly: number) else {
                list = nil
                return
            }
            list?.append(narrow)
        }
    }

    private static func list(
        _ key: String, of object: [String: Any], like ids: [Int32], filler: Int32, _ bad: (String) -> CommandError
    ) throws -> [Int32] {
        guard let value = object[key] else { return Array(repeating: filler, count: ids.count) }
        guard let list = numbers(value), list.count == ids.count else {
            throw bad("\(key): expected \(ids.count) whole numbers, as many as input_ids")
        }
        return list
    }

    /// Calls `body` with the texts that were given as arguments, or with the lines of a file or of standard input.
    static func forEach(_ texts: [String], input: String?, _ body: (InputLine) throws -> Void) throws {
        if !texts.isEmpty {
            for (index, text) in texts.enumerated() { try body(InputLine(text, number: index + 1)) }
            return
        }
        try TextLines.forEach(input: input) { line, number in try body(InputLine(line, number: number)) }
    }
}

/// A model directory that is used: the model and, where there is one, its tokenizer.
struct ModelText {
    let model: EncoderModel
    let context: ComputeContext
    /// The parameters that the files lack: they are random.
    let missing: [String]
    private let tokenizer: Result<any Tokenizer, TextError>

    /// Opens a directory with the head it was saved with, or with `head`. What `tolerance` lets the files lack is named in
    /// a warning.
    init(
        directory: String, head: ModelHead? = nil, tolerating tolerance: LoadTolerance = .nothing,
        in context: ComputeContext
    ) throws {
        self.context = context
        let saved = try ModelDirectory.configuration(in: directory).savedHead ?? .none
        let (model, report) = try ModelDirectory.load(
            directory, head: head ?? saved, tolerating: tolerance, in: context)
        self.model = model
        missing = report.missing
        if !missing.isEmpty, tolerance == .anything {
            let unexpected = report.unexpected.isEmpty ? "" : "; unused: \(report.unexpected.joined(separator: ", "))"
            warn("\(directory) lacks \(missing.joined(separator: ", ")): they are random\(unexpected)")
        }
        do throws(TextError) {
            tokenizer = .success(try loadTokenizer(directory: directory))
        } catch {
            tokenizer = .failure(error)
        }
    }

    /// The tokens of a line. Throws `CommandError`, with both numbers, for what is longer than the model takes.
    func tokens(_ line: InputLine) throws -> (ids: [Int32], typeIDs: [Int32]) {
        if let tokens = line.tokens { return tokens }
        let encoding = try tokenizer.get().encode(line.text, pair: line.pair)[0]
        try checkLength(encoding.ids.count, of: line)
        return (encoding.ids, encoding.typeIDs)
    }

    /// The tokens of words, each cut by itself. Throws as `tokens`.
    func encoding(ofWords words: [String], in line: InputLine) throws -> WordEncoding {
        let encoding = try tokenizer.get().encode(words: words)
        try checkLength(encoding.ids.count, of: line)
        return encoding
    }

    private func checkLength(_ count: Int, of line: InputLine) throws {
        let limit = model.configuration.maximumTokens
        guard count <= limit else {
            throw CommandError(
                .badData,
                "a text of \(count) tokens is longer than the model's \(limit): \(line.text.prefix(60))...")
        }
    }

    /// The id that hides a token. Throws why there is no tokenizer.
    func maskTokenID() throws -> Int32 { try tokenizer.get().specials.mask }

    /// How the vocabulary spells ids; their numbers where there is no vocabulary.
    func spelling(_ ids: [Int32]) -> [String] {
        guard case .success(let tokenizer) = tokenizer else { return ids.map { String($0) } }
        return ids.map { $0 < tokenizer.vocabularySize ? tokenizer.piece($0) : String($0) }
    }

    /// Tokens as the model reads them, of one sequence or of several.
    func input(_ tokens: (ids: [Int32], typeIDs: [Int32])...) throws -> EncoderInput { try input(tokens) }

    /// As above.
    func input(_ tokens: [(ids: [Int32], typeIDs: [Int32])]) throws -> EncoderInput {
        try EncoderInput(tokens, for: model.configuration, in: context)
    }
}
