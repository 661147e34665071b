package import Text

/// A published set of hyper-parameters for fine-tuning, per task where its authors give them per task.
package struct Recipe: Sendable {
    /// What a recipe says for one task. Nil leaves a value to the command's own default.
    package struct Settings: Sendable, Hashable {
        /// The peak learning rate.
        package var learningRate: Double
        /// Samples of a step.
        package var batchSize: Int
        /// Tokens of an input at most.
        package var maxLength: Int
        /// Steps of the run, or passes over the training data.
        package var steps: Int?
        package var epochs: Int?
        /// Steps over which the rate grows from 0, or their share of the run.
        package var warmupSteps: Int?
        package var warmupRatio: Double?
        /// Steps between evaluations, each of which is also saved.
        package var saveInterval: Int?
        /// Dropout in the encoder and before the head.
        package var encoderDropout: Double?
        package var headDropout: Double?
    }

    /// How it is called.
    package let name: String
    /// Where it comes from, in a few words.
    package let source: String
    /// What it says of optimizer and schedule, as keys of a run file with their values.
    package let overrides: [String]
    /// By the names of tasks; `defaults` for the others.
    private let tasks: [String: Settings]
    private let defaults: Settings?

    init(_ name: String, source: String, overrides: [String], _ tasks: [String: Settings], others: Settings? = nil) {
        self.name = name
        self.source = source
        self.overrides = overrides
        self.tasks = tasks
        defaults = others
    }

    /// What holds for a task where no recipe is asked for.
    package static func usual(for task: TaskDescription) -> Settings {
        Settings(learningRate: 2e-5, batchSize: 32, maxLength: task.defaultMaximumLength, epochs: 3, warmupRatio: 0.1)
    }

    /// The names of all recipes, each with its source.
    package static var list: [(name: String, source: String)] { all.map { ($0.name, $0.source) } }

    /// The recipe of this name.
    ///
    /// - Throws: `ConfigurationError` naming those there are.
    package static func named(_ name: String) throws(ConfigurationError) -> Recipe {
        if let recipe = all.first(where: { $0.name == name }) { return recipe }
        let names = all.map(\.name)
        throw ConfigurationError(
            .outOfRange, key: "--recipe",
            message: "expected one of \(names.joined(separator: ", ")), got '\(name)'"
                + NearestKey.hint(for: name, among: names))
    }

    /// What it says for a task.
    ///
    /// - Throws: `ConfigurationError` naming the tasks that it has.
    package func settings(for task: TaskDescription) throws(ConfigurationError) -> Settings {
        // Both test files of MNLI belong to one run, and AX has no training data.
        let key = task.name == "mnli-mm" ? "mnli" : task.name
        if let settings = tasks[key] ?? defaults { return settings }
        throw ConfigurationError(
            .unsupported, key: "--recipe",
            message: "\(name) says nothing of task \(task.name), only of \(tasks.keys.sorted().joined(separator: ", "))"
        )
    }
}
