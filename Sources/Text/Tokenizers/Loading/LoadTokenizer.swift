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
    if case .string("BPE")? = pipeline.content["model"]?["type"] { return try TokenizerFamilies.byteLevelBPE(settings) }
    guard case .string("WordPiece")? = pipeline.content["model"]?["type"] else {
        throw TokenizerSettings.mismatch(
            pipeline.path, "model.type", "WordPiece or BPE, where no other vocabulary file is beside it",
            pipeline.content["model"]?["type"])
    }
    return try TokenizerFamilies.wordPiece(settings)
}

/// How each family of tokenizers is made from the files of a directory.
enum TokenizerFamilies {
    static func wordPiece(_ settings: TokenizerSettings) throws(TextError) -> any Tokenizer {
        if let tokenizer = try JapaneseTokenizer.load(settings) { return tokenizer }
        return try WordPieceTokenizer.load(settings)
    }

    static func sentencePiece(_ settings: TokenizerSettings) throws(TextError) -> any Tokenizer {
        let preprocessing = AlbertText(
            doLowerCase: try settings.flag("do_lower_case") ?? true,
            keepAccents: try settings.flag("keep_accents") ?? false,
            removeSpace: try settings.flag("remove_space") ?? true)
        return try SentencePieceTokenizer(
            path: "\(settings.directory)/spiece.model", preprocessing: preprocessing,
            addedTokens: try settings.addedTokens())
    }

    static func byteLevelBPE(_ settings: TokenizerSettings) throws(TextError) -> any Tokenizer {
        let directory = settings.directory
        let vocabulary: BytePairVocabulary
        let isSplit = Folders.contains("\(directory)/vocab.json") || Folders.contains("\(directory)/merges.txt")
        if let pipeline = settings.pipeline, !isSplit {
            vocabulary = try BytePairVocabulary(pipeline.content, path: pipeline.path)
        } else {
            vocabulary = try BytePairVocabulary(
                vocabularyPath: "\(directory)/vocab.json", mergesPath: "\(directory)/merges.txt")
        }
        return try ByteLevelBPETokenizer(
            vocabulary: vocabulary, name: directory, addsPrefixSpace: try settings.flag("add_prefix_space") ?? false,
            names: try settings.names(default: .roberta), addedTokens: try settings.addedTokens())
    }
}
