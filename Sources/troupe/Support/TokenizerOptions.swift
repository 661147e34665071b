import ArgumentParser
import Text

/// Which tokenizer, on the command line.
struct TokenizerOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("A model directory with its tokenizer's files.", valueName: "dir"))
    var model: String?

    @Option(name: .long, help: ArgumentHelp("Instead: a WordPiece vocabulary, one token per line.", valueName: "file"))
    var vocab: String?

    @Flag(name: .long, help: "With --vocab: tell capitals and accents apart.")
    var cased = false

    @Flag(name: .long, help: "With --vocab: the texts are split into words already, by spaces.")
    var splitByWhitespace = false

    func validate() throws {
        if (model == nil) == (vocab == nil) { throw ValidationError("give either --model or --vocab") }
        if model != nil && (cased || splitByWhitespace) {
            throw ValidationError("--cased and --split-by-whitespace go with --vocab; a model directory says itself")
        }
    }

    /// Opens the tokenizer.
    func load() throws -> any Tokenizer {
        if let vocab {
            let settings = WordPieceSettings(lowercases: !cased, isSplitByWhitespace: splitByWhitespace)
            return try WordPieceTokenizer(vocabularyPath: vocab, settings: settings)
        }
        return try loadTokenizer(directory: model ?? "")
    }
}
