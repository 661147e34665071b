import ArgumentParser
import Foundation
import Models
import Tensor
import Text

/// `troupe fill-mask`: what a masked language model puts in the place of [MASK].
struct FillMaskCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fill-mask",
        abstract: "Predict the tokens hidden by [MASK].",
        discussion: """
            Texts come as arguments, or one per line on standard input.

            Example:
              troupe fill-mask --model runs/demo/model "a library for the python programming [MASK]."
            """)

    @Option(name: .long, help: ArgumentHelp("The model directory.", valueName: "dir"))
    var model: String

    @Option(name: .long, help: ArgumentHelp("Tokens to show per mask.", valueName: "n"))
    var top = 5

    @Flag(name: .long, help: "Print one JSON object per mask.")
    var json = false

    @Argument(help: ArgumentHelp("Texts with [MASK] in them.", valueName: "text"))
    var texts: [String] = []

    func validate() throws {
        if top < 1 { throw ValidationError("--top is \(top), expected at least 1") }
    }

    func run() async throws {
        try await reportingErrors {
            let context = ComputeContext(threads: ProcessInfo.processInfo.activeProcessorCount)
            let filler = try MaskFiller(directory: model, in: context)
            if texts.isEmpty {
                while let line = readLine() { try show(line, filler) }
            } else {
                for text in texts { try show(text, filler) }
            }
        }
    }

    private func show(_ text: String, _ filler: MaskFiller) throws {
        let masks = try filler.fill(text, top: top)
        for (index, candidates) in masks.enumerated() {
            if json {
                try printJSON([
                    "text": text, "mask": index,
                    "candidates": candidates.map {
                        ["token": $0.token, "id": $0.id, "logit": $0.logit, "probability": $0.probability]
                            as [String: Any]
                    },
                ])
            } else {
                let words = candidates.map {
                    "\($0.token.replacing("\u{2581}", with: " ").trimmingCharacters(in: .whitespaces)) "
                        + String(format: "(%.3f)", $0.probability)
                }
                let label = masks.count > 1 ? " [\(index + 1)]" : ""
                print("\(text)\(label)\n    \(words.joined(separator: ", "))")
            }
        }
    }
}

/// A masked language model with its vocabulary.
struct MaskFiller {
    /// A token that may stand in a mask's place.
    struct Candidate {
        let token: String
        let id: Int
        let logit: Double
        let probability: Double
    }

    private let model: EncoderModel
    private let tokenizer: SentencePieceTokenizer
    private let context: ComputeContext

    /// Opens a model directory. Throws `ModelsError` or `TextError`.
    init(directory: String, in context: ComputeContext) throws {
        self.context = context
        model = try ModelDirectory.load(directory, head: .maskedLM, tolerating: .nothing, in: context).model
        tokenizer = try SentencePieceTokenizer(path: "\(directory)/spiece.model")
        let size = model.configuration.encoder.vocabularySize
        guard size == tokenizer.vocabularySize else {
            throw CommandError(
                .badData, "\(directory): the model has \(size) tokens, its spiece.model \(tokenizer.vocabularySize)")
        }
    }

    /// The `top` best tokens for each mask of `text`, best first.
    func fill(_ text: String, top: Int) throws -> [[Candidate]] {
        let specials = tokenizer.specials
        let ids = [specials.classification] + (try tokenizer.encodeRecognisingSpecials(text)) + [specials.separator]
        let limit = model.configuration.maximumTokens
        guard ids.count <= limit else {
            throw CommandError(
                .badData, "a text of \(ids.count) tokens is longer than the model's \(limit): \(text.prefix(60))...")
        }
        let rows = ids.indices.filter { ids[$0] == specials.mask }
        guard !rows.isEmpty else { throw CommandError(.badData, "no [MASK] in the text '\(text.prefix(60))'") }
        let input = try EncoderInput(
            [(ids: ids, typeIDs: [Int32](repeating: 0, count: ids.count))], for: model.configuration, in: context)
        let logits = Tensor.withoutGradient { model.maskedLMLogits(input, rows: rows.map(Int32.init)) }.doubles()
        let width = tokenizer.vocabularySize
        return rows.indices.map { best(Array(logits[$0 * width..<($0 + 1) * width]), top: top) }
    }

    private func best(_ logits: [Double], top: Int) -> [Candidate] {
        let highest = logits.max() ?? 0
        let total = logits.reduce(0) { $0 + exp($1 - highest) }
        return logits.indices.sorted { logits[$0] > logits[$1] }.prefix(top).map {
            Candidate(
                token: tokenizer.piece(Int32($0)), id: $0, logit: logits[$0],
                probability: exp(logits[$0] - highest) / total)
        }
    }
}
