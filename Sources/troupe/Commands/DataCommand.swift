import Algorithms
import ArgumentParser
import Foundation
import Text

/// `troupe data`: corpora and records.
struct DataCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "data", abstract: "Make training data.", subcommands: [Prepare.self])

    /// `troupe data prepare`
    struct Prepare: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Turn text into pretraining records, and train their vocabulary if there is none.",
            discussion: """
                Reads data.preparation of the run file and writes to its data.directory: tokenizer/, train/, heldout/ and, \
                for debian-packages, the labelled set sections/. What is there already, made the same way from the same \
                text, is kept.

                Example:
                  troupe data prepare debian-packages --config configs/demo.yaml
                """)

        @OptionGroup var corpus: CorpusInput

        @Option(name: .long, help: ArgumentHelp("The run file (YAML).", valueName: "file"))
        var config: String

        @Option(
            name: .customLong("set"), parsing: .singleValue,
            help: ArgumentHelp("Override a key of the run file.", valueName: "k=v"))
        var overrides: [String] = []

        @Option(
            name: .long,
            help: ArgumentHelp("A spiece.model to use instead of training one on the corpus.", valueName: "file"))
        var tokenizer: String?

        @Option(
            name: .long,
            help: ArgumentHelp("Sentences to train the vocabulary on at most, drawn at random.", valueName: "n"))
        var sentences = 10_000_000

        @Option(name: .long, help: ArgumentHelp("Folder instead of the run file's data.directory.", valueName: "dir"))
        var output: String?

        @Flag(name: .long, help: "Print the result as JSON.")
        var json = false

        func run() async throws {
            try await reportingErrors {
                let run = try RunConfiguration.load(path: config, overrides: overrides)
                var training = SentencePieceTraining()
                training.vocabularySize = run.model.vocabSize
                training.inputSentenceSize = sentences
                var preparation = DataPreparation(
                    input: corpus.input, vocabulary: tokenizer.map { .model(path: $0) } ?? .trained(training))
                preparation.parameters = run.data.preparation.records
                preparation.heldoutShare = run.data.preparation.heldoutShare
                preparation.threads = ProcessInfo.processInfo.activeProcessorCount
                let directory = output ?? run.data.directory
                let summary = try await offPool { [preparation] in
                    let line = StatusLine()
                    defer { line.finish() }
                    return try preparation.run(directory: directory) {
                        line.show($0.phase, done: $0.done, total: $0.total)
                    }
                }
                if json {
                    print(String(decoding: try JSONEncoder().encode(summary), as: UTF8.self))
                } else {
                    describe(summary, directory: directory)
                }
            }
        }

        private func describe(_ summary: PreparationSummary, directory: String) {
            print(summary.isReused ? "\(directory) is up to date" : "read \(summary.report)")
            for (name, split) in [("train", summary.train), ("heldout", summary.heldout)] {
                guard let split else { continue }
                print(
                    "\(name): \(split.records) records, \(split.tokens) tokens, \(split.predictions) masked; unigram "
                        + "cross-entropy \(String(format: "%.4f", split.unigramCrossEntropy)) nats")
            }
        }
    }
}
