import Text

extension ConfigurationSection {
    /// Fills this group from `value`; keys that are absent keep their defaults.
    ///
    /// - Throws: `ConfigurationError` naming the place, the key, what was expected and what came.
    mutating func read(_ value: ConfigurationValue, path: String) throws(ConfigurationError) {
        let entries: [ConfigurationValue.Entry]
        switch value.content {
        case .mapping(let written): entries = written
        case .null: entries = []
        case .scalar, .list:
            throw ConfigurationError(
                .wrongType, origin: value.origin, key: path,
                message: "expected a group of keys (\(Self.fields.map(\.key).joined(separator: ", "))), "
                    + "got \(value.summary)")
        }
        for entry in entries where !Self.fields.contains(where: { $0.key == entry.key }) {
            throw Self.unknownKey(entry, path: path)
        }
        // In the order of the table, so that a choice is known before the keys that depend on it.
        for field in Self.fields {
            let key = Self.dotted(path, field.key)
            guard let entry = entries.first(where: { $0.key == field.key }) else {
                // An absent group still says which of its keys must be given.
                if !field.nestedKeys().isEmpty, field.inapplicability(self) == nil {
                    try field.read(ConfigurationValue(origin: value.origin, content: .null), key, &self)
                }
                continue
            }
            if let reason = field.inapplicability(self) {
                throw ConfigurationError(
                    .inconsistent, origin: entry.origin, key: key, message: "has no meaning here: \(reason)")
            }
            try field.read(entry.value, key, &self)
        }
        if let missing = missingKeys(written: Set(entries.map(\.key))).first {
            throw ConfigurationError(
                .missingKey, origin: value.origin, key: Self.dotted(path, missing), message: "must be given")
        }
    }

    /// Checks every value and then the relations between them.
    func check(path: String) throws(ConfigurationError) {
        for field in Self.fields where field.inapplicability(self) == nil {
            try field.check(self, Self.dotted(path, field.key))
        }
        try checkRelations(path: path)
    }

    /// The keys that have a meaning, in the order of the table.
    func content(onlyTraining: Bool) -> ConfigurationValue.Content {
        var entries: [ConfigurationValue.Entry] = []
        for field in Self.fields where field.inapplicability(self) == nil {
            guard field.determinesTraining || !onlyTraining else { continue }
            let value = ConfigurationValue(origin: "", content: field.write(self, onlyTraining))
            entries.append(.init(key: field.key, origin: "", value: value))
        }
        return .mapping(entries)
    }

    /// Every dotted key at and below this group.
    static func dottedKeys(prefix: String) -> [String] {
        fields.flatMap { field in
            let nested = field.nestedKeys()
            return nested.isEmpty ? [dotted(prefix, field.key)] : nested.map { dotted(prefix, $0) }
        }
    }

    static func dotted(_ path: String, _ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    private static func unknownKey(_ entry: ConfigurationValue.Entry, path: String) -> ConfigurationError {
        let keys = fields.map(\.key)
        var message = "unknown key"
        if let nearest = NearestKey.suggestion(for: entry.key, among: keys) {
            message += "; did you mean \(dotted(path, nearest))?"
        } else if let elsewhere = RunConfiguration.dottedKeys(prefix: "").first(where: {
            $0.split(separator: ".").last.map(String.init) == entry.key
        }) {
            message += "; did you mean \(elsewhere)?"
        } else {
            message += "; the keys here are \(keys.joined(separator: ", "))"
        }
        return ConfigurationError(.unknownKey, origin: entry.origin, key: dotted(path, entry.key), message: message)
    }
}
