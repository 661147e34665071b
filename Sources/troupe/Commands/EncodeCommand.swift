import ArgumentParser
import Foundation
import Models
import Tensor

/// `troupe encode`: the hidden states of texts, as features for something else.
struct EncodeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "encode",
        abstract: "Print what an encoder computes for texts: hidden states and the pooled first token.",
        discussion: """
            Texts come as arguments, or one per line from --input or standard input; a line may also be a JSON object with \
            text and text_pair, or with input_ids (and token_type_ids, attention_mask). One JSON object per text.

            Example:
              troupe encode --model bert-base-uncased "features of a sentence" --hidden-states
            """)

    @Option(name: .long, help: ArgumentHelp("The model directory.", valueName: "dir"))
    var model: String

    @Option(name: .long, help: ArgumentHelp("File of lines to read.", valueName: "file"))
    var input: String?

    @Flag(name: .long, help: "Add the embedding output and the output of every layer.")
    var hiddenStates = false

    @Flag(name: .long, help: "Add the attention probabilities of every layer: heads by queries by keys.")
    var attentions = false

    @Argument(help: ArgumentHelp("Texts.", valueName: "text"))
    var texts: [String] = []

    func run() async throws {
        try await reportingErrors {
            let context = ComputeContext(threads: ProcessInfo.processInfo.activeProcessorCount)
            let text = try ModelText(directory: model, head: ModelHead.none, tolerating: .newHead, in: context)
            let options = ForwardOptions(keepingHiddenStates: hiddenStates, keepingAttentions: attentions)
            try InputLine.forEach(texts, input: input) { line in
                let tokens = try text.tokens(line)
                let input = try text.input(tokens)
                try Tensor.withoutGradient {
                    let output = text.model.encode(input, options)
                    var object: [String: Any] = [
                        "input_ids": tokens.ids, "tokens": text.spelling(tokens.ids),
                        "last_hidden_state": Self.rows(output.lastHidden),
                    ]
                    // A pooler that the files of masked-LM models lack would give noise.
                    if text.missing.isEmpty {
                        object["pooler_output"] = text.model.pooled(of: output, input)?.doubles()
                    }
                    if hiddenStates { object["hidden_states"] = output.hiddenStates.map(Self.rows) }
                    if attentions {
                        object["attentions"] = output.attentions.map { layer in
                            let (squares, length) = (layer[0].doubles(), tokens.ids.count)
                            return stride(from: 0, to: squares.count, by: length * length).map { start in
                                (0..<length).map { row in
                                    Array(squares[start + row * length..<start + (row + 1) * length])
                                }
                            }
                        }
                    }
                    try printJSON(object)
                }
            }
        }
    }

    private static func rows(_ tensor: Tensor) -> [[Double]] {
        let (values, width) = (tensor.doubles(), tensor.shape.width)
        return stride(from: 0, to: values.count, by: width).map { Array(values[$0..<$0 + width]) }
    }
}
