package import Models
package import Text

/// Which class each logit of a model stands for: the order that the model's own configuration has, where it names the
/// classes of the task; else the task's order, which for RoBERTa and natural language inference is that of `transformers`.
package struct LabelOrder {
    private let model: ModelConfiguration

    /// The order that a model of this configuration has.
    package init(_ model: ModelConfiguration) { self.model = model }

    /// The model's own names; nil where it has none but `LABEL_0`, `LABEL_1`, ...
    private var named: [String]? {
        guard let labels = model.encoder.task.labels else { return nil }
        return labels == labels.indices.map { "LABEL_\($0)" } ? nil : labels
    }

    /// The classes of a task that a model is trained for, in the order of its logits.
    package func trained(_ labels: [String], of task: TaskDescription) -> [String] {
        if let named, let ordered = spelled(named, as: labels) { return ordered }
        // `transformers` swaps the last two labels of MNLI for RoBERTa, as the models that its authors published do.
        if case .roberta = model, task.labels == ["contradiction", "entailment", "neutral"] {
            return ["contradiction", "neutral", "entailment"]
        }
        return labels
    }

    /// The classes of a model that was trained, in the order of its logits; `labels` are those of the task, empty where the
    /// task leaves them to the data.
    ///
    /// - Throws: `ConfigurationError` if the model does not name its classes and has not as many as the task.
    package func evaluated(_ labels: [String], of task: TaskDescription) throws(ConfigurationError) -> [String] {
        if task.kind == .regression || task.kind == .multipleChoice { return [] }
        if let named { return spelled(named, as: labels) ?? named }
        let count = model.encoder.task.labels?.count ?? 2
        if labels.isEmpty { return model.encoder.task.labels ?? (0..<count).map { "LABEL_\($0)" } }
        guard labels.count == count else {
            throw ConfigurationError(
                .inconsistent, key: "model.directory",
                message: "the model has \(count) labels without names, task \(task.name) has \(labels.count) "
                    + "(\(labels.joined(separator: ", ")))")
        }
        return trained(labels, of: task)
    }

    /// The names as the task spells them; nil if they are not the same classes. Published models have `ENTAILMENT` where
    /// the data have `entailment`.
    private func spelled(_ names: [String], as labels: [String]) -> [String]? {
        func plain(_ label: String) -> String {
            String(label.lowercased().map { $0 == "-" || $0 == " " ? "_" : $0 })
        }
        guard Set(names) != Set(labels) else { return names }
        let spellings = Dictionary(labels.map { (plain($0), $0) }) { first, _ in first }
        let ordered = names.compactMap { spellings[plain($0)] }
        return names.count == labels.count && Set(ordered).count == labels.count ? ordered : nil
    }
}
