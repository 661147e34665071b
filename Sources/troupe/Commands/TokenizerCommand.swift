import Algorithms
import ArgumentParser
import Foundation
import Text

/// `troupe tokenizer`: vocabularies.
struct TokenizerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokenizer", abstract: "Make vocabularies.", subcommands: [Train.self])

    /// `troupe tokenizer train`
    struct Train: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Train a SentencePiece unigram vocabulary with ALBERT's settings.",
            discussion: """
                Writes spiece.model and spiece.vocab. Ids 0 to 4 are <pad> <unk> [CLS] [SEP] [MASK]. The same corpus and \
                options give the same files.

                Example:
                  troupe tokenizer train corpus.txt --vocabulary-size 30000 --output data/tokenizer
                """)

        @OptionGroup var corpus: CorpusInput

        @Option(name: .long, help: ArgumentHelp("Number of pieces.", valueName: "n"))
        var vocabularySize = 30_000

        @Option(name: .long, help: ArgumentHelp("Sentences to train on at most, drawn at random.", valueName: "n"))
        var sentences = 10_000_000

        @Option(
            name: .long,
            help: ArgumentHelp(
                "Pieces of their own, separated by commas.", valueName: "list"))
        var userSymbols: String?

        @Option(name: .long, help: ArgumentHelp("Folder for the two files.", valueName: "dir"))
        var output: String

        @Flag(name: .long, help: "Print the result as JSON.")
        var json = false

        func run() async throws {
            try await reportingErrors {
                var training = SentencePieceTraining()
                training.vocabularySize = vocabularySize
                training.inputSentenceSize = sentences
                if let userSymbols {
                    training.userDefinedSymbols = SentencePieceTraining.symbols(fromList: userSymbols)
                }
                let summary = try await offPool { [training] in
                    try TokenizerPreparation.run(input: corpus.input, training: training, directory: output)
                }
                if json {
                    try printJSON([
                        "model": summary.modelPath, "vocabulary_size": summary.vocabularySize,
                        "sentences": summary.sentences,
                    ])
                } else {
                    print("read \(summary.report)")
                    print(
                        "wrote \(summary.modelPath): \(summary.vocabularySize) pieces from \(summary.sentences) sentences"
                    )
                }
            }
        }
    }
}
