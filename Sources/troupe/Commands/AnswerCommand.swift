import Algorithms
import ArgumentParser
import Foundation
import Text

/// `troupe answer`: finds the answers to questions in passages.
struct AnswerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "answer",
        abstract: "Answer questions by spans of passages.",
        discussion: """
            One question with its passage comes as options, many as JSON lines with question, context and, if wanted, id, \
            from --input or standard input. Long passages are read in overlapping windows. Places in a passage count its \
            Unicode scalars, as Python's strings do.

            Examples:
              troupe answer --model runs/squad/model --question "Who ran?" --passage "A man ran." --top 3
              troupe answer --model runs/squad/model --input questions.jsonl --json
            """)

    @Option(name: .long, help: ArgumentHelp("The model directory.", valueName: "dir"))
    var model: String

    @Option(name: .long, help: ArgumentHelp("The question.", valueName: "text"))
    var question: String?

    @Option(name: .long, help: ArgumentHelp("The passage that holds the answer.", valueName: "text"))
    var passage: String?

    @Option(name: .long, help: ArgumentHelp("File of JSON lines to read.", valueName: "file"))
    var input: String?

    @Option(name: .long, help: ArgumentHelp("Answers to show per question.", valueName: "n"))
    var top = 1

    @Flag(name: .long, help: "A question may have no answer (models trained on SQuAD 2.0).")
    var allowNoAnswer = false

    @Flag(name: .long, help: "Show the tokens from the best start to the best end, each taken alone, instead.")
    var argmax = false

    @Flag(name: .long, help: "Print one JSON object per question.")
    var json = false

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Tokens of a window at most (default: 384, or fewer if the model takes fewer).", valueName: "n"))
    var maxLength: Int?

    @OptionGroup(title: "Reading")
    var options: QuestionOptions

    func validate() throws {
        if let maxLength { try requireOption("max-length", maxLength, in: 8...65_536) }
        if top < 1 { throw ValidationError("--top is \(top), expected at least 1") }
        guard (question == nil) == (passage == nil) else {
            throw ValidationError("--question and --passage belong together")
        }
        if question != nil && input != nil { throw ValidationError("give either --question or --input") }
    }

    func run() async throws {
        try await reportingErrors {
            let model = try AnsweringModel(
                directory: model, options, maximumLength: maxLength, allowsNoAnswer: allowNoAnswer)
            if let question, let passage {
                try answer(QuestionExample(id: "1", question: question, passage: passage), model)
            } else {
                try QuestionLine.forEach(input: input) { try answer($0, model) }
            }
        }
    }

    private func answer(_ example: QuestionExample, _ model: AnsweringModel) throws {
        let answers = try model.answers([example])
        guard !answers.features.windows.isEmpty else {
            throw CommandError(.badData, "question \(example.id): the passage has no tokens that could answer")
        }
        let report = AnswerReport(example, answers, tokenizer: model.reading.tokenizer, top: top)
        if json {
            try printJSON(report.json)
        } else {
            print(argmax ? report.argmaxText : report.text)
        }
    }
}
