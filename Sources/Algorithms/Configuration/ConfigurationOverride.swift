/// One `--set a.b=value`: a dotted key and a YAML value that replaces what the run file says.
struct ConfigurationOverride {
    private let path: [String]
    private let origin: String
    private let value: ConfigurationValue

    /// - Throws: `invalidOverride` if the text is not `key=value`, `syntax` if the value is not YAML.
    init(_ text: String) throws(ConfigurationError) {
        let origin = "--set \(text)"
        guard let equals = text.firstIndex(of: "=") else {
            throw ConfigurationError(.invalidOverride, origin: origin, key: "", message: "expected KEY=VALUE")
        }
        let path = text[..<equals].split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard path.allSatisfy({ !$0.isEmpty }) else {
            throw ConfigurationError(
                .invalidOverride, origin: origin, key: "", message: "expected a dotted key such as optimizer.beta1")
        }
        self.path = path
        self.origin = origin
        value = try ConfigurationValue.parse(yaml: String(text[text.index(after: equals)...])) { _ in origin }
    }

    /// Puts the value into `root`, making the groups on the way. A later override of the same key wins.
    func apply(to root: inout ConfigurationValue) throws(ConfigurationError) {
        try apply(to: &root, path: path[...])
    }

    private func apply(to target: inout ConfigurationValue, path: ArraySlice<String>) throws(ConfigurationError) {
        guard let key = path.first else {
            target = value
            return
        }
        var entries: [ConfigurationValue.Entry]
        switch target.content {
        case .mapping(let existing): entries = existing
        case .null: entries = []
        case .scalar, .list:
            let group = self.path.prefix(self.path.count - path.count).joined(separator: ".")
            throw ConfigurationError(
                .invalidOverride, origin: origin, key: group, message: "is not a group of keys, got \(target.summary)")
        }
        let index: Int
        if let existing = entries.firstIndex(where: { $0.key == key }) {
            index = existing
        } else {
            index = entries.endIndex
            entries.append(
                .init(key: key, origin: origin, value: ConfigurationValue(origin: origin, content: .null)))
        }
        try apply(to: &entries[index].value, path: path.dropFirst())
        target.content = .mapping(entries)
    }
}
