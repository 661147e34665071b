import Algorithms
import ArgumentParser
import Foundation
import Models
import Tensor

/// `troupe fill-mask`: what a masked language model puts in the place of [MASK].
struct FillMaskCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fill-mask",
        abstract: "Predict the tokens hidden by [MASK].",
        discussion: """
            Texts come as arguments, or one per line from --input or standard input; a line may also be a JSON object with \
            text, or with input_ids. The mask is written as the vocabulary spells it: [MASK], or <mask> for RoBERTa.

            Examples:
              troupe fill-mask --model runs/demo/model "a library for the python programming [MASK]."
              troupe fill-mask --model models/bert --mask-token-id 4 '{"input_ids": [2, 1325, 9, 4, 14, 3596, 8, 3]}'
            """)

    @Option(name: .long, help: ArgumentHelp("The model directory.", valueName: "dir"))
    var model: String

    @Option(name: .long, help: ArgumentHelp("Tokens to show per mask.", valueName: "n"))
    var top = 5

    @Option(name: .long, help: ArgumentHelp("File of lines to read.", valueName: "file"))
    var input: String?

    @Option(
        name: .long, help: ArgumentHelp("The mask's id, for a model that has no vocabulary with it.", valueName: "id"))
    var maskTokenID: Int32?

    @Flag(name: .long, help: "Print one JSON object per mask.")
    var json = false

    @Argument(help: ArgumentHelp("Texts with masks in them.", valueName: "text"))
    var texts: [String] = []

    func validate() throws {
        if top < 1 { throw ValidationError("--top is \(top), expected at least 1") }
    }

    func run() async throws {
        try await reportingErrors {
            let context = ComputeContext(threads: ProcessInfo.processInfo.activeProcessorCount)
            let text = try ModelText(directory: model, head: .maskedLM, tolerating: .nothing, in: context)
            let mask = try maskTokenID ?? text.maskTokenID()
            try InputLine.forEach(texts, input: input) { line in
                let tokens = try text.tokens(line)
                let places = tokens.ids.indices.filter { tokens.ids[$0] == mask }
                guard !places.isEmpty else {
                    throw CommandError(
                        .badData,
                        "expected at least one mask (\(text.spelling([mask])[0]), id \(mask)), got none in "
                            + (line.tokens == nil ? "the text '\(line.text.prefix(60))'" : "\(tokens.ids)"))
                }
                let input = try text.input(tokens)
                let logits = Tensor.withoutGradient { text.model.maskedLMLogits(input, rows: places.map(Int32.init)) }
                    .doubles()
                let width = logits.count / places.count
                for (index, place) in places.enumerated() {
                    let row = Array(logits[index * width..<(index + 1) * width])
                    try show(line, mask: index, of: places.count, at: place, row, text)
                }
            }
        }
    }

    /// Prints the best tokens for a mask, `logits` being those of its row.
    private func show(
        _ line: InputLine, mask: Int, of count: Int, at place: Int, _ logits: [Double], _ text: ModelText
    ) throws {
        let best = logits.indices.sorted { logits[$0] > logits[$1] }.prefix(top)
        let tokens = text.spelling(best.map(Int32.init))
        let probabilities = Prediction.softmax(logits)
        if json {
            try printJSON([
                "text": line.text, "mask": mask, "position": place,
                "candidates": zip(best, tokens).map { id, token in
                    ["token": token, "id": id, "logit": logits[id], "probability": probabilities[id]] as [String: Any]
                },
            ])
        } else {
            let words = zip(best, tokens).map { id, token in
                "\(token.trimmingPrefix { Self.spaces.contains($0) }) " + String(format: "(%.3f)", probabilities[id])
            }
            let label = count > 1 ? " [\(mask + 1)]" : ""
            print("\(line.text)\(label)\n    \(words.joined(separator: ", "))")
        }
    }

    /// How SentencePiece and byte-level vocabularies write a space.
    private static let spaces: Set<Character> = ["\u{2581}", "\u{120}"]
}
