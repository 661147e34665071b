import ArgumentParser
import Text

extension PlainTextSource.Layout: ExpressibleByArgument {}

/// Where text comes from, on the command line.
struct CorpusInput: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            "debian-packages (the package descriptions of this machine's archive), or text files and folders of .txt "
                + "files.", valueName: "corpus"))
    var corpus: [String]

    @Option(
        name: .long,
        help:
            "How text files are laid out: sentences (one per line) or paragraphs (running text); a blank line ends a document."
    )
    var layout: PlainTextSource.Layout = .sentences

    func validate() throws {
        if corpus.contains("debian-packages") && corpus.count > 1 {
            throw ValidationError("debian-packages cannot be mixed with files")
        }
    }

    /// The input these arguments describe.
    var input: PreparationInput {
        corpus == ["debian-packages"] ? .debianPackages : .plainText(paths: corpus, layout: layout)
    }
}
