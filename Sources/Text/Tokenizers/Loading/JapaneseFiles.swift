extension JapaneseTokenizer {
    /// The tokenizer of a directory whose settings ask for MeCab or for characters; nil if they do not.
    static func load(_ settings: TokenizerSettings) throws(TextError) -> JapaneseTokenizer? {
        let words = try settings.choice("word_tokenizer_type", of: ["basic", "mecab"]) ?? "basic"
        let subwords = try settings.choice("subword_tokenizer_type", of: ["wordpiece", "character"]) ?? "wordpiece"
        guard words == "mecab" || subwords == "character" else { return nil }

        let splitsWords = try settings.flag("do_word_tokenize") ?? true
        let usesMecab = words == "mecab" && splitsWords
        var result = Settings(subwords: subwords == "character" ? .characters : .wordPiece)
        result.composes = usesMecab || subwords == "character"
        result.lowercases = try settings.flag("do_lower_case") ?? false
        result.names = try settings.names(default: result.names)
        let path = "\(settings.directory)/vocab.txt"
        return try JapaneseTokenizer(
            vocabulary: try WordPieceVocabulary(path: path), name: path,
            splitter: usesMecab ? try mecab(settings) : WhitespaceSplitter(), settings: result,
            addedTokens: try settings.addedTokens())
    }

    /// MeCab with the dictionary that the settings name, of which Debian has IPAdic.
    private static func mecab(_ settings: TokenizerSettings) throws(TextError) -> MecabSplitter {
        if let kind = try settings.text("mecab_kwargs", "mecab_dic"), kind != "ipadic" {
            throw TextError(
                .malformedModel,
                "\(settings.directory): key 'mecab_kwargs.mecab_dic': expected ipadic, got \(kind): split the words by "
                    + "white space and set 'do_word_tokenize' to false")
        }
        return try MecabSplitter()
    }
}

extension TokenizerSettings {
    /// One of some words; nil if no file says.
    fileprivate func choice(_ key: String, of words: [String]) throws(TextError) -> String? {
        guard let word = try text(key) else { return nil }
        guard words.contains(word) else {
            throw TextError(
                .malformedModel, "\(directory): key '\(key)': expected \(words.joined(separator: " or ")), got \(word)")
        }
        return word
    }
}
