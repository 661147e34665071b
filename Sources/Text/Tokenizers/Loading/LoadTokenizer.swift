/// The tokenizer of a model's directory as `transformers` saves it: WordPiece (`vocab.txt`, or `tokenizer.json` alone),
/// SentencePiece (`spiece.model`) or byte-level BPE (`vocab.json` and `merges.txt`), with the settings of
/// `tokenizer_config.json`, `special_tokens_map.json` and `tokenizer.json`.
///
/// - Throws: `unreadable` if there is no tokenizer, `malformedModel` naming the file and the line or key.
package func loadTokenizer(directory: String) throws(TextError) -> any Tokenizer {
    guard Folders.contains(directory) else { throw TextError(.unreadable, "\(directory): no such directory") }
    let settings = try TokenizerSettings(directory: directory)
    func has(_ name: String) -> Bool { Folders.contains("\(directory)/\(name)") }
    if has("spiece.model") { return try TokenizerFamilies.sentencePiece(settings) }
    if has("vocab.json") || has("merges.txt") { return try TokenizerFamilies.byteLevelBPE(settings) }
    if has("vocab.txt") { return try TokenizerFamilies.wordPiece(settings) }
    guard let pipeline = settings.pipeline else {
        throw TextError(
            .unreadable,
            "\(directory): no tokenizer: expected vocab.txt, spiece.model, vocab.json with merges.txt, or tokenizer.json"
        )
    }
    guard case .string("WordPiece")? = pipeline.content["model"]?["type"] else {
        throw TokenizerSettings.mismatch(
            pipeline.path, "model.type", "WordPiece, where no other vocabulary file is beside it",
            pipeline.content["model"]?["type"])
    }
    return try TokenizerFamilies.wordPiece(settings)
}

/// How each family of tokenizers is made from the files of a directory.
enum TokenizerFamilies {
    static func wordPiece(_ settings: TokenizerSettings) throws(TextError) -> any Tokenizer {
        if let kind = try settings.text("word_tokenizer_type"), kind != "basic" {
            throw TextError(
                .malformedModel, "\(settings.directory): key 'word_tokenizer_type': expected basic, got \(kind)")
        }
        return try WordPieceTokenizer.load(settings)
    }

    static func sentencePiece(_ settings: TokenizerSettings) throws(TextError) -> any Tokenizer {
        var preprocessing = AlbertText.huggingFace
        preprocessing.removesSpace = try settings.flag("remove_space") ?? true
        preprocessing.keepsAccents = try settings.flag("keep_accents") ?? false
        preprocessing.lowercases = try settings.flag("do_lower_case") ?? true
        let made = try SentencePieceTokenizer(path: "\(settings.directory)/spiece.model", preprocessing: preprocessing)
        guard let tokenizer = made as Any as? any Tokenizer else {
            throw TextError(.tokenizer, "\(settings.directory): places in the text are not known for SentencePiece yet")
        }
        return tokenizer
    }

    static func byteLevelBPE(_ settings: TokenizerSettings) throws(TextError) -> any Tokenizer {
        throw TextError(.tokenizer, "\(settings.directory): byte-level BPE (vocab.json, merges.txt) is not there yet")
    }
}
