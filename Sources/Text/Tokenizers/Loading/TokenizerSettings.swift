/// What the JSON files of a tokenizer's directory say. A setting is looked for in `tokenizer_config.json`, then in
/// `special_tokens_map.json`, then in `tokenizer.json`.
struct TokenizerSettings {
    /// The directory.
    let directory: String
    private let files: [(path: String, content: JSONText)]
    /// `tokenizer.json`, if there is one.
    let pipeline: (path: String, content: JSONText)?

    /// Reads those of the files that exist; throws `malformedModel` naming the file.
    init(directory: String) throws(TextError) {
        self.directory = directory
        var files: [(path: String, content: JSONText)] = []
        for name in ["tokenizer_config.json", "special_tokens_map.json"] {
            if let file = try Self.read("\(directory)/\(name)") { files.append(file) }
        }
        self.files = files
        pipeline = try Self.read("\(directory)/tokenizer.json")
    }

    private static func read(_ path: String) throws(TextError) -> (path: String, content: JSONText)? {
        guard Folders.contains(path) else { return nil }
        let content = try JSONText.read(path)
        guard case .object = content else {
            throw TextError(.malformedModel, "\(path): expected a JSON object, got \(content.kind)")
        }
        return (path, content)
    }

    /// True or false; nil if no file says.
    func flag(_ key: String) throws(TextError) -> Bool? {
        for file in files {
            guard let value = file.content[key] else { continue }
            guard case .bool(let flag) = value else { throw Self.mismatch(file.path, key, "true or false", value) }
            return flag
        }
        return nil
    }

    /// A string, or one in an object; nil if no file says.
    func text(_ key: String, _ member: String? = nil) throws(TextError) -> String? {
        for file in files {
            var found = file.content[key]
            if let member { found = found?[member] }
            guard let value = found else { continue }
            guard case .string(let text) = value else {
                throw Self.mismatch(file.path, member.map { "\(key).\($0)" } ?? key, "a string", value)
            }
            return text
        }
        return nil
    }

    /// How a special token is spelled, written as a string or as an object with `content`; nil if no file says.
    func spelling(_ key: String) throws(TextError) -> String? {
        for file in files {
            guard let value = file.content[key] else { continue }
            if case .string(let text) = value { return text }
            if case .string(let text)? = value["content"] { return text }
            throw Self.mismatch(file.path, key, "a token", value)
        }
        return nil
    }

    /// How the five special tokens are spelled, where the files say; else as `names` has it.
    func names(default names: SpecialTokenNames) throws(TextError) -> SpecialTokenNames {
        let keys: [(key: String, name: WritableKeyPath<SpecialTokenNames, String>)] = [
            ("pad_token", \.padding), ("unk_token", \.unknown), ("cls_token", \.classification),
            ("sep_token", \.separator), ("mask_token", \.mask),
        ]
        var names = names
        for (key, name) in keys {
            if let spelling = try spelling(key) { names[keyPath: name] = spelling }
        }
        return names
    }

    /// The error for a value that is not what was expected.
    static func mismatch(_ path: String, _ key: String, _ expected: String, _ value: JSONText?) -> TextError {
        TextError(
            .malformedModel, "\(path): key '\(key)': expected \(expected), got \(value.map(\.kind) ?? "nothing")")
    }

    /// The tokens that the files add to a vocabulary, by id: `added_tokens` of `tokenizer.json`, overridden by
    /// `added_tokens_decoder` of `tokenizer_config.json`.
    func addedTokens() throws(TextError) -> [AddedToken] {
        var tokens: [Int32: AddedToken] = [:]
        if let pipeline, let value = pipeline.content["added_tokens"] {
            guard case .array(let list) = value else {
                throw Self.mismatch(pipeline.path, "added_tokens", "an array", value)
            }
            for (index, entry) in list.enumerated() {
                let key = "added_tokens[\(index)]"
                guard case .number(let number)? = entry["id"], let id = Int32(exactly: number), id >= 0 else {
                    throw Self.mismatch(pipeline.path, "\(key).id", "a token's id", entry["id"])
                }
                tokens[id] = try Self.addedToken(entry, id: id, pipeline.path, key)
            }
        }
        for file in files {
            guard let value = file.content["added_tokens_decoder"] else { continue }
            guard case .object(let members) = value else {
                throw Self.mismatch(file.path, "added_tokens_decoder", "an object", value)
            }
            for (number, entry) in members {
                let key = "added_tokens_decoder.\(number)"
                guard let id = Int32(number), id >= 0 else {
                    throw TextError(.malformedModel, "\(file.path): key '\(key)': expected a token's id as key")
                }
                tokens[id] = try Self.addedToken(entry, id: id, file.path, key)
            }
        }
        return tokens.values.sorted { $0.id < $1.id }
    }

    private static func addedToken(
        _ entry: JSONText, id: Int32, _ path: String, _ key: String
    ) throws(TextError) -> AddedToken {
        guard case .string(let content)? = entry["content"], !content.isEmpty else {
            throw mismatch(path, "\(key).content", "a string", entry["content"])
        }
        func flag(_ name: String, default fallback: Bool) throws(TextError) -> Bool {
            guard let value = entry[name] else { return fallback }
            guard case .bool(let flag) = value else { throw mismatch(path, "\(key).\(name)", "true or false", value) }
            return flag
        }
        let isSpecial = try flag("special", default: false)
        return AddedToken(
            id: id, content: content, isSingleWord: try flag("single_word", default: false),
            takesSpaceBefore: try flag("lstrip", default: false), takesSpaceAfter: try flag("rstrip", default: false),
            isNormalized: try flag("normalized", default: !isSpecial), isSpecial: isSpecial)
    }
}
