/// What a file of tensors holds.
package struct StateDictSummary {
    private let source: any StateDictSource
    private let tensors: [(name: String, tensor: StoredTensor)]

    /// Summarises `source`.
    package init(_ source: any StateDictSource) {
        self.source = source
        tensors = source.names.compactMap { name in source.tensor(name).map { (name, $0) } }
    }

    /// Element types and how many tensors have them, the most frequent first.
    private var types: [(type: String, count: Int)] {
        Dictionary(grouping: tensors, by: \.tensor.dtype.rawValue).map { (type: $0.key, count: $0.value.count) }
            .sorted { ($1.count, $0.type) < ($0.count, $1.type) }
    }

    private var elementCount: Int { tensors.reduce(0) { $0 + $1.tensor.count } }

    /// Path, format, number and types of the tensors, one line each.
    package var text: String {
        """
        file     \(source.path)
        format   \(source.format.rawValue)
        tensors  \(tensors.count) with \(ModelSummary.grouped(elementCount)) numbers: \
        \(types.map { "\($0.count) \($0.type)" }.joined(separator: ", "))

        """
    }

    /// A line per tensor: name, type, shape.
    package var list: String {
        let width = tensors.map(\.name.count).max() ?? 0
        return tensors.map { name, tensor in
            "\(name)\(String(repeating: " ", count: width - name.count))  \(tensor.dtype.rawValue)  \(tensor.shape)\n"
        }.joined()
    }

    /// The same as JSON.
    package var json: JSONValue {
        .object([
            "file": .string(source.path), "format": .string(source.format.rawValue),
            "dtypes": .object(Dictionary(uniqueKeysWithValues: types.map { ($0.type, .integer($0.count)) })),
            "numbers": .integer(elementCount),
            "tensors": .array(
                tensors.map { name, tensor in
                    .object([
                        "name": .string(name), "dtype": .string(tensor.dtype.rawValue),
                        "shape": .array(tensor.shape.map { .integer($0) }),
                    ])
                }),
        ])
    }
}

extension LoadReport {
    /// How many parameters were found, and the names of those that were not and of what found no place, one line each.
    package var text: String {
        func line(_ word: String, _ names: [String]) -> String {
            "\(word)\(names.count)" + (names.isEmpty ? "\n" : ": \(NameList(names))\n")
        }
        return "found    \(loaded.count)\n" + line("missing  ", missing) + line("unused   ", unexpected)
    }

    /// The names as JSON.
    package var json: JSONValue {
        func names(_ list: [String]) -> JSONValue { .array(list.map { .string($0) }) }
        return .object(["missing": names(missing), "unexpected": names(unexpected), "found": .integer(loaded.count)])
    }
}
