extension WordPieceTokenizer {
    /// The tokenizer of a directory: `vocab.txt`, else the WordPiece model in `tokenizer.json`.
    static func load(_ settings: TokenizerSettings) throws(TextError) -> WordPieceTokenizer {
        var result = WordPieceSettings()
        if let pipeline = settings.pipeline { try result.apply(pipeline.content, pipeline.path) }
        if let flag = try settings.flag("do_lower_case") { result.lowercases = flag }
        if let flag = try settings.flag("strip_accents") { result.stripsAccents = flag }
        if let flag = try settings.flag("tokenize_chinese_chars") { result.splitsChinese = flag }
        if let flag = try settings.flag("do_basic_tokenize") { result.isSplitByWhitespace = !flag }
        result.names = try settings.names(default: result.names)
        let path = "\(settings.directory)/vocab.txt"
        let added = try settings.addedTokens()
        if Folders.contains(path) {
            return try WordPieceTokenizer(
                vocabulary: try WordPieceVocabulary(path: path), name: path, settings: result, addedTokens: added)
        }
        guard let pipeline = settings.pipeline else { throw TextError(.unreadable, "cannot open \(path)") }
        let vocabulary = try WordPieceVocabulary(pipeline.content, path: pipeline.path)
        return try WordPieceTokenizer(
            vocabulary: vocabulary, name: pipeline.path, settings: result, addedTokens: added)
    }
}

extension WordPieceSettings {
    /// Takes what `tokenizer.json` says of its normalizer and its model.
    fileprivate mutating func apply(_ pipeline: JSONText, _ path: String) throws(TextError) {
        if let normalizer = pipeline["normalizer"] {
            guard case .string("BertNormalizer")? = normalizer["type"] else {
                throw TokenizerSettings.mismatch(path, "normalizer.type", "BertNormalizer", normalizer["type"])
            }
            func flag(_ key: String) throws(TextError) -> Bool? {
                guard let value = normalizer[key] else { return nil }
                guard case .bool(let flag) = value else {
                    throw TokenizerSettings.mismatch(path, "normalizer.\(key)", "true or false", value)
                }
                return flag
            }
            if try flag("clean_text") == false {
                throw TokenizerSettings.mismatch(path, "normalizer.clean_text", "true", .bool(false))
            }
            lowercases = try flag("lowercase") ?? lowercases
            stripsAccents = try flag("strip_accents")
            splitsChinese = try flag("handle_chinese_chars") ?? splitsChinese
        }
        if let splitter = pipeline["pre_tokenizer"] {
            guard case .string("BertPreTokenizer")? = splitter["type"] else {
                throw TokenizerSettings.mismatch(path, "pre_tokenizer.type", "BertPreTokenizer", splitter["type"])
            }
        }
        let model = pipeline["model"]
        if let value = model?["max_input_chars_per_word"] {
            guard case .number(let number) = value, let limit = Int(exactly: number), limit > 0 else {
                throw TokenizerSettings.mismatch(path, "model.max_input_chars_per_word", "a number above 0", value)
            }
            wordLimit = limit
        }
        if let value = model?["continuing_subword_prefix"] {
            guard case .string(let prefix) = value else {
                throw TokenizerSettings.mismatch(path, "model.continuing_subword_prefix", "a string", value)
            }
            continuationPrefix = prefix
        }
        if let value = model?["unk_token"] {
            guard case .string(let name) = value else {
                throw TokenizerSettings.mismatch(path, "model.unk_token", "a string", value)
            }
            names.unknown = name
        }
    }
}

extension WordPieceVocabulary {
    /// The vocabulary of the model in `tokenizer.json`, whose ids must be 0, 1, 2, ... in any order.
    fileprivate init(_ pipeline: JSONText, path: String) throws(TextError) {
        guard case .object(let members)? = pipeline["model"]?["vocab"] else {
            throw TokenizerSettings.mismatch(path, "model.vocab", "an object", pipeline["model"]?["vocab"])
        }
        var tokens = [[UInt8]?](repeating: nil, count: members.count)
        for (token, value) in members {
            guard case .number(let number) = value, let id = Int(exactly: number), tokens.indices.contains(id),
                tokens[id] == nil
            else {
                throw TokenizerSettings.mismatch(
                    path, "model.vocab.\(token)", "an id of its own from 0 to \(members.count - 1)", value)
            }
            tokens[id] = Array(token.utf8)
        }
        try self.init(tokens: tokens.compactMap { $0 }, name: path)
    }
}
