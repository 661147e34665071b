internal import Foundation

/// Opens the tokenizer in a model directory, as Hugging Face lays it out: `vocab.txt` for BERT and DistilBERT, with the
/// settings of `tokenizer_config.json`.
///
/// - Throws: `unreadable` if there is no vocabulary, `malformedModel` for one that is damaged or of a kind that is not
///   supported here.
package func loadTokenizer(directory: String) throws(TextError) -> any Tokenizer {
    let present = { (name: String) in FileManager.default.fileExists(atPath: "\(directory)/\(name)") }
    guard present("vocab.txt") else {
        let other = ["spiece.model", "vocab.json", "tokenizer.json"].first(where: present)
        throw TextError(
            .unreadable,
            "\(directory): expected vocab.txt, a WordPiece vocabulary, got "
                + (other.map { "\($0), which this command cannot use yet" } ?? "no vocabulary"))
    }
    var settings = WordPieceTokenizer.Settings()
    let path = "\(directory)/tokenizer_config.json"
    if present("tokenizer_config.json") {
        let keys = try WordPieceKeys(path: path)
        settings.lowercases = keys.doLowerCase ?? settings.lowercases
        settings.stripsAccents = keys.stripAccents
        settings.splitsChinese = keys.tokenizeChineseChars ?? settings.splitsChinese
        settings.takesWordsAsTheyAre = keys.doBasicTokenize == false
    }
    return try WordPieceTokenizer(path: "\(directory)/vocab.txt", settings: settings)
}

/// The keys of `tokenizer_config.json` that change what a WordPiece tokenizer does.
private struct WordPieceKeys: Decodable {
    let doLowerCase: Bool?
    let stripAccents: Bool?
    let tokenizeChineseChars: Bool?
    let doBasicTokenize: Bool?

    init(path: String) throws(TextError) { self = try JSONFile.read(path) }
}
