import Yams

/// One value of a run file with the place where it was written.
struct ConfigurationValue: Sendable {
    /// `FILE:LINE`, or the text of the override that put it there.
    var origin: String
    var content: Content

    enum Content: Sendable {
        case null
        case scalar(String, quoted: Bool)
        case list([ConfigurationValue])
        case mapping([Entry])
    }

    struct Entry: Sendable {
        var key: String
        /// Where the key was written.
        var origin: String
        var value: ConfigurationValue
    }

    /// What came, in words, for "expected X, got Y".
    var summary: String {
        switch content {
        case .null: "nothing"
        case .scalar(let text, quoted: true): "the text \"\(text)\""
        case .scalar(let text, quoted: false): text
        case .list(let items): "a list of \(items.count)"
        case .mapping: "a group of keys"
        }
    }

    /// The origin of the deepest part of `path` that was written.
    func origin(of path: [String]) -> String {
        guard let first = path.first, case .mapping(let entries) = content,
            let entry = entries.first(where: { $0.key == first })
        else { return origin }
        return path.count == 1 ? entry.value.origin : entry.value.origin(of: Array(path.dropFirst()))
    }
}

// MARK: - Reading YAML

extension ConfigurationValue {
    /// Nothing a run file needs nests deeper or is larger; both bounds also stop aliases that expand without end.
    private static let maximumDepth = 16
    private static let maximumValues = 10_000

    /// Parses one YAML document.
    ///
    /// - Parameter place: maps a line number to the text that names the place.
    static func parse(
        yaml: String, place: (Int) -> String
    ) throws(ConfigurationError) -> ConfigurationValue {
        let root: Node?
        do {
            root = try Yams.compose(yaml: yaml)
        } catch let error as YamlError {
            throw syntaxError(error, place: place)
        } catch {
            throw ConfigurationError(.syntax, origin: place(1), key: "", message: "not YAML: \(error)")
        }
        guard let root else { return ConfigurationValue(origin: place(1), content: .null) }
        var remaining = maximumValues
        return try convert(root, depth: 0, remaining: &remaining, place: place)
    }

    private static func convert(
        _ node: Node, depth: Int, remaining: inout Int, place: (Int) -> String
    ) throws(ConfigurationError) -> ConfigurationValue {
        let origin = place(node.mark?.line ?? 1)
        remaining -= 1
        guard depth <= maximumDepth, remaining > 0 else {
            throw ConfigurationError(
                .syntax, origin: origin, key: "",
                message: "nested deeper than \(maximumDepth) levels or more than \(maximumValues) values")
        }
        switch node {
        case .scalar(let scalar):
            let quoted = scalar.style != .plain && scalar.style != .any
            let isNull = !quoted && ["", "~", "null", "Null", "NULL"].contains(scalar.string)
            return ConfigurationValue(origin: origin, content: isNull ? .null : .scalar(scalar.string, quoted: quoted))
        case .sequence(let sequence):
            var items: [ConfigurationValue] = []
            for item in sequence {
                items.append(try convert(item, depth: depth + 1, remaining: &remaining, place: place))
            }
            return ConfigurationValue(origin: origin, content: .list(items))
        case .mapping(let mapping):
            var entries: [Entry] = []
            for (key, value) in mapping {
                let keyOrigin = place(key.mark?.line ?? 1)
                guard let name = key.scalar?.string else {
                    throw ConfigurationError(.syntax, origin: keyOrigin, key: "", message: "a key must be a plain word")
                }
                var converted = try convert(value, depth: depth + 1, remaining: &remaining, place: place)
                // An empty value carries the mark of whatever follows it.
                if case .null = converted.content { converted.origin = keyOrigin }
                entries.append(Entry(key: name, origin: keyOrigin, value: converted))
            }
            return ConfigurationValue(origin: origin, content: .mapping(entries))
        case .alias:
            throw ConfigurationError(.syntax, origin: origin, key: "", message: "aliases are not accepted")
        }
    }

    private static func syntaxError(_ error: YamlError, place: (Int) -> String) -> ConfigurationError {
        let (line, message): (Int, String)
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            (line, message) = (mark.line, [context?.text, problem].compactMap(\.self).joined(separator: ", "))
        case .duplicatedKeysInMapping(let duplicates, let context):
            (line, message) = (context.mark.line, "written more than once: \(duplicates.joined(separator: ", "))")
        case .reader(let problem, _, _, _):
            (line, message) = (1, problem)
        default:
            (line, message) = (1, "\(error)")
        }
        return ConfigurationError(.syntax, origin: place(line), key: "", message: "not valid YAML: \(message)")
    }
}
