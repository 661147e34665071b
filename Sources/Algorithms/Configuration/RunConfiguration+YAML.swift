import Yams

extension RunConfiguration {
    /// Reads and checks a run file.
    ///
    /// - Parameter overrides: `key=value` texts that replace what the file says, in order.
    /// - Throws: `ConfigurationError` naming the file and line, or the override.
    package static func load(path: String, overrides: [String] = []) throws(ConfigurationError) -> RunConfiguration {
        let bytes: [UInt8]
        do {
            bytes = try FileSystem.content(of: path)
        } catch {
            throw ConfigurationError(.unreadableFile, origin: path, key: "", message: error.message)
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ConfigurationError(.syntax, origin: path, key: "", message: "is not UTF-8 text")
        }
        return try parse(yaml: text, file: path, overrides: overrides)
    }

    /// Reads and checks the text of a run file. `schedule.total_steps`, if absent, becomes `training.steps`.
    package static func parse(
        yaml: String, file: String, overrides: [String] = []
    ) throws(ConfigurationError) -> RunConfiguration {
        var root = try ConfigurationValue.parse(yaml: yaml) { "\(file):\($0)" }
        for text in overrides { try ConfigurationOverride(text).apply(to: &root) }
        var configuration = RunConfiguration()
        try configuration.read(root, path: "")
        do {
            // First as it was written, so that an error names the key that was.
            try configuration.validate()
            configuration.schedule.totalSteps = configuration.schedule.totalSteps ?? configuration.training.steps
            try configuration.validate()
        } catch {
            throw error.located(at: root.origin(of: error.key.split(separator: ".").map(String.init)))
        }
        return configuration
    }

    /// The whole configuration, every key written, in a fixed order; parsing it gives an equal value.
    package func resolvedYAML() -> String {
        do {
            return try Yams.serialize(node: Self.node(content(onlyTraining: false)), width: -1, allowUnicode: true)
        } catch {
            preconditionFailure("a configuration is always valid YAML: \(error)")
        }
    }

    /// SHA-256, in hexadecimal, of the keys that determine what the run computes, with their values.
    package var digest: String {
        var digest = SHA256Digest()
        for (key, value) in flattened() {
            digest.update(text: key)
            digest.update(text: value)
        }
        return digest.finalize()
    }

    /// The keys that determine what a run computes and that differ, with both values; "absent" where a key has no
    /// meaning.
    package func differences(to other: RunConfiguration) -> [ConfigurationDifference] {
        let (mine, theirs) = (flattened(), other.flattened())
        let theirValues = Dictionary(uniqueKeysWithValues: theirs.map { ($0.key, $0.value) })
        let myKeys = Set(mine.map(\.key))
        let changed = mine.compactMap { key, value in
            let theirValue = theirValues[key] ?? "absent"
            return theirValue == value ? nil : ConfigurationDifference(key: key, mine: value, theirs: theirValue)
        }
        let added = theirs.filter { !myKeys.contains($0.key) }.map {
            ConfigurationDifference(key: $0.key, mine: "absent", theirs: $0.value)
        }
        return changed + added
    }

    /// Every key that determines training, dotted, with its value as text.
    private func flattened() -> [(key: String, value: String)] {
        var pairs: [(key: String, value: String)] = []
        Self.flatten(content(onlyTraining: true), path: "", into: &pairs)
        return pairs
    }

    private static func flatten(
        _ content: ConfigurationValue.Content, path: String, into pairs: inout [(key: String, value: String)]
    ) {
        switch content {
        case .mapping(let entries):
            for entry in entries { flatten(entry.value.content, path: dotted(path, entry.key), into: &pairs) }
        case .null: pairs.append((path, "null"))
        case .scalar(let text, _): pairs.append((path, text))
        case .list(let items):
            let texts = items.map { if case .scalar(let text, _) = $0.content { text } else { "null" } }
            pairs.append((path, "[\(texts.joined(separator: ", "))]"))
        }
    }

    private static func node(_ content: ConfigurationValue.Content) -> Node {
        switch content {
        case .null: Node("null", Tag(.null), .plain)
        case .scalar(let text, let quoted): Node(text, Tag(.implicit), quoted ? .doubleQuoted : .plain)
        case .list(let items): Node(items.map { node($0.content) }, Tag(.implicit), .flow)
        case .mapping(let entries):
            Node(
                entries.map { (Node($0.key, Tag(.implicit), .plain), node($0.value.content)) }, Tag(.implicit), .block)
        }
    }
}

/// One key on which two configurations differ.
package struct ConfigurationDifference: Sendable, Equatable, CustomStringConvertible {
    /// The dotted key.
    package let key: String
    /// Its value in the configuration that was asked.
    package let mine: String
    /// Its value in the other one.
    package let theirs: String

    package var description: String { "\(key): \(mine) here, \(theirs) there" }
}
