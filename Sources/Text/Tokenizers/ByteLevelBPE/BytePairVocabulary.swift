/// The tokens of a byte-level vocabulary and the merges that make them.
struct BytePairVocabulary: Sendable {
    /// How the vocabulary spells each token.
    let spellings: [String]
    /// The id of each byte alone; -1 if the vocabulary has none.
    let byteIDs: [Int32]
    /// By the ids of two neighbours: the rank of their merge and the id that it makes.
    let merges: PairTable
    private let ids: [[UInt8]: Int32]

    /// A vocabulary of tokens with ids 0, 1, 2, ... in any order, and merges by rank. `name` appears in errors;
    /// `mergeName` says which merge is meant.
    init(
        tokens: [(spelling: String, id: Int32)], merges: [(left: Substring, right: Substring)], name: String,
        mergeName: (Int) -> String
    ) throws(TextError) {
        var spellings = [String?](repeating: nil, count: tokens.count)
        var ids: [[UInt8]: Int32] = [:]
        for (spelling, id) in tokens {
            guard spellings.indices.contains(Int(id)), spellings[Int(id)] == nil else {
                throw TextError(
                    .malformedModel,
                    "\(name): token \(spelling): expected an id of its own from 0 to \(tokens.count - 1), got \(id)")
            }
            spellings[Int(id)] = spelling
            ids[Array(spelling.utf8)] = id
        }
        self.spellings = spellings.compactMap { $0 }
        self.ids = ids
        byteIDs = ByteAlphabet.characters.map { ids[Array(String($0).utf8)] ?? -1 }

        var table = PairTable(capacity: merges.count)
        for (rank, merge) in merges.enumerated() {
            let parts = [Array(merge.left.utf8), Array(merge.right.utf8)]
            let found = (parts + [parts[0] + parts[1]]).map { ids[$0] }
            guard let left = found[0], let right = found[1], let result = found[2] else {
                let missing = found[0] == nil ? parts[0] : found[1] == nil ? parts[1] : parts[0] + parts[1]
                throw TextError(
                    .malformedModel,
                    "\(mergeName(rank)): the vocabulary has no token \(String(decoding: missing, as: UTF8.self))")
            }
            table.insert(left, right, rank: Int32(rank), result: result)
        }
        self.merges = table
    }

    /// The id of a token as the vocabulary spells it.
    func id(_ spelling: String) -> Int32? { ids[Array(spelling.utf8)] }
}

extension BytePairVocabulary {
    /// Reads `vocab.json` (an object of tokens and ids) and `merges.txt` (a line with a version, then two tokens with a
    /// space between them per line, the first merge first); throws `unreadable` or `malformedModel` naming the place.
    init(vocabularyPath: String, mergesPath: String) throws(TextError) {
        let tokens = try Self.tokens(try JSONText.read(vocabularyPath), path: vocabularyPath, key: "")
        let file = try MappedFile(mergesPath)
        let text = unsafe file.withBytes { unsafe String(validating: $0, as: UTF8.self) }
        guard let text else { throw TextError(.malformedModel, "\(mergesPath): not UTF-8") }
        var merges: [(left: Substring, right: Substring)] = []
        var lines: [Int] = []
        for (index, line) in text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .enumerated()
        {
            let line = Substring(line)
            if line.isEmpty || line.utf8.starts(with: "#version".utf8) { continue }
            guard let merge = Self.pair(line) else {
                throw TextError(
                    .malformedModel,
                    "\(mergesPath):\(index + 1): expected two tokens with a space between them, got '\(line.prefix(40))'"
                )
            }
            merges.append(merge)
            lines.append(index + 1)
        }
        try self.init(tokens: tokens, merges: merges, name: vocabularyPath) { "\(mergesPath):\(lines[$0])" }
    }

    /// Reads the `BPE` model of a `tokenizer.json`.
    init(_ pipeline: JSONText, path: String) throws(TextError) {
        guard let model = pipeline["model"], case .object? = model["vocab"], case .array(let list)? = model["merges"]
        else {
            throw TextError(.malformedModel, "\(path): key 'model': expected 'vocab' and 'merges' of a BPE model")
        }
        let tokens = try Self.tokens(model["vocab"] ?? .null, path: path, key: "model.vocab.")
        var merges: [(left: Substring, right: Substring)] = []
        for (index, entry) in list.enumerated() {
            switch entry {
            case .string(let line):
                if let merge = Self.pair(line[...]) { merges.append(merge) }
            case .array(let pair):
                if pair.count == 2, case .string(let left) = pair[0], case .string(let right) = pair[1] {
                    merges.append((left[...], right[...]))
                }
            default: break
            }
            guard merges.count == index + 1 else {
                throw TextError(.malformedModel, "\(path): key 'model.merges[\(index)]': expected two tokens")
            }
        }
        try self.init(tokens: tokens, merges: merges, name: path) { "\(path): key 'model.merges[\($0)]'" }
    }

    private static func tokens(
        _ object: JSONText, path: String, key: String
    ) throws(TextError) -> [(spelling: String, id: Int32)] {
        guard case .object(let members) = object else {
            throw TextError(.malformedModel, "\(path): expected an object of tokens and ids, got \(object.kind)")
        }
        return try members.map { (spelling, value) throws(TextError) in
            guard case .number(let number) = value, let id = Int32(exactly: number) else {
                throw TextError(.malformedModel, "\(path): key '\(key)\(spelling)': expected an id, got \(value.kind)")
            }
            return (spelling, id)
        }
    }

    private static func pair(_ line: Substring) -> (left: Substring, right: Substring)? {
        let parts = line.utf8.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else { return nil }
        return (Substring(parts[0]), Substring(parts[1]))
    }
}
