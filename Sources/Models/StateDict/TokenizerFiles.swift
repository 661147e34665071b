import FoundationEssentials

/// The tokenizer that belongs to a model, as files which `transformers` finds in the model's directory.
package enum TokenizerFiles: Sendable, Hashable {
    /// ALBERT's: a SentencePiece model at `path`.
    case sentencePiece(path: String, lowercase: Bool)
    /// BERT's: a vocabulary of one WordPiece token per line at `path`.
    case wordPiece(path: String, lowercase: Bool)
    /// Those that another model's directory holds.
    case copied(from: String)

    /// Every file name that can occur.
    static let names: Set<String> = [
        "spiece.model", "vocab.txt", "vocab.json", "merges.txt", "tokenizer_config.json", "special_tokens_map.json",
        "added_tokens.json", "tokenizer.json",
    ]

    /// Copies the vocabulary and writes the two JSON files beside it, or copies what there is.
    func write(to directory: String, maximumLength: Int) throws(ModelsError) {
        let common: [String: JSONValue] = ["model_max_length": .integer(maximumLength)]
        let special: [String: JSONValue]
        let settings: [String: JSONValue]
        switch self {
        case .copied(let source):
            for name in Self.names.sorted() where FileManager.default.fileExists(atPath: "\(source)/\(name)") {
                try Self.copy("\(source)/\(name)", to: "\(directory)/\(name)")
            }
            return
        case .sentencePiece(let path, let lowercase):
            try Self.copy(path, to: "\(directory)/spiece.model")
            special = [
                "bos_token": "[CLS]", "eos_token": "[SEP]", "unk_token": "<unk>", "sep_token": "[SEP]",
                "pad_token": "<pad>", "cls_token": "[CLS]", "mask_token": "[MASK]",
            ].mapValues { .string($0) }
            settings = [
                "tokenizer_class": .string("AlbertTokenizer"), "do_lower_case": .bool(lowercase),
                "keep_accents": .bool(!lowercase), "remove_space": .bool(true),
            ]
        case .wordPiece(let path, let lowercase):
            try Self.copy(path, to: "\(directory)/vocab.txt")
            special = [
                "unk_token": "[UNK]", "sep_token": "[SEP]", "pad_token": "[PAD]", "cls_token": "[CLS]",
                "mask_token": "[MASK]",
            ].mapValues { .string($0) }
            settings = ["tokenizer_class": .string("BertTokenizer"), "do_lower_case": .bool(lowercase)]
        }
        try ModelDirectory.write(
            common.merging(special) { $1 }.merging(settings) { $1 }, to: "\(directory)/tokenizer_config.json")
        try ModelDirectory.write(special, to: "\(directory)/special_tokens_map.json")
    }

    private static func copy(_ source: String, to destination: String) throws(ModelsError) {
        let data: Data
        do {
            data = try Data(contentsOf: URL(filePath: source))
        } catch {
            throw ModelsError(.fileSystem, source: source, "cannot read")
        }
        var file = try AtomicFile(path: destination)
        try file.write(Array(data))
        try file.commit()
    }
}
