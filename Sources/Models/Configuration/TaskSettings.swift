/// What a model was trained for, in the keys of `config.json` that say so.
package struct TaskSettings: Sendable, Hashable {
    /// What the numbers of a sequence classifier mean.
    package enum ProblemType: String, Sendable, CaseIterable {
        /// Scores; the loss is the squared error.
        case regression
        /// One class per sequence; softmax.
        case singleLabelClassification = "single_label_classification"
        /// Any number of classes per sequence; a sigmoid for each.
        case multiLabelClassification = "multi_label_classification"
    }

    /// The names of the classes in the order of the logits; nil if the file does not say.
    package var labels: [String]?
    /// nil if the file does not say: then one label means regression, several mean one class per sequence.
    package var problemType: ProblemType?
    /// The class of `transformers` that saved the file.
    package var architecture: String?

    /// Nothing is known.
    package init() {}

    /// More classes than any task has, so that a hostile file cannot ask for more.
    static let labelLimit = 1 << 16

    /// Reads `id2label` (or `num_labels`, which old files have instead), `problem_type` and `architectures`.
    init(_ reader: inout ConfigurationReader) throws(ModelsError) {
        let problems = ProblemType.allCases.map { (word: $0.rawValue, value: ProblemType?.some($0)) }
        problemType = try reader.choice("problem_type", default: nil, among: problems)
        if case .array(let names)? = reader.take("architectures"), case .string(let name)? = names.first {
            architecture = name
        }
        // The inverse of `id2label`, written anew.
        reader.ignore("label2id")
        let count = try reader.integer("num_labels", default: 0, in: 1...Self.labelLimit)
        if count > 0 { labels = (0..<count).map { "LABEL_\($0)" } }
        guard let value = reader.take("id2label") else { return }
        guard case .object(let members) = value else {
            throw reader.mismatch("id2label", expected: "an object", got: value)
        }
        var names: [String] = []
        for id in 0..<members.count {
            guard case .string(let name)? = members[String(id)], names.count < Self.labelLimit else {
                throw reader.mismatch(
                    "id2label", expected: "a name for each of \"0\" to \"\(members.count - 1)\"", got: value)
            }
            names.append(name)
        }
        labels = names.isEmpty ? nil : names
    }

    /// The keys as written, without `architectures`.
    var keys: [String: JSONValue] {
        var keys: [String: JSONValue] = [:]
        if let problemType { keys["problem_type"] = .string(problemType.rawValue) }
        if let labels {
            let pairs = labels.enumerated().map { (id: $0, name: $1) }
            keys["id2label"] = .object(
                Dictionary(uniqueKeysWithValues: pairs.map { (String($0.id), .string($0.name)) }))
            keys["label2id"] = .object(
                Dictionary(pairs.map { ($0.name, JSONValue.integer($0.id)) }) { first, _ in first })
        }
        return keys
    }
}
