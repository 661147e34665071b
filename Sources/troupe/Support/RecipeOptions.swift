import Algorithms
import ArgumentParser
import Models
import Text

/// The hyper-parameters of fine-tuning: those of a recipe, and options that stand in their place.
struct RecipeOptions: ParsableArguments {
    @Option(name: .long, help: "Published hyper-parameters, which other options change; 'help' lists them.")
    var recipe: String?

    @Option(name: .long, help: ArgumentHelp("Passes over the training data (default: 3).", valueName: "n"))
    var epochs: Int?

    @Option(name: .long, help: ArgumentHelp("Steps of the run, in place of passes.", valueName: "n"))
    var steps: Int?

    @Option(name: .long, help: ArgumentHelp("Samples of a step (default: 32).", valueName: "n"))
    var batchSize: Int?

    @Option(name: .long, help: ArgumentHelp("The peak learning rate (default: 2e-5).", valueName: "x"))
    var learningRate: Double?

    @Option(
        name: .long,
        help: ArgumentHelp("Share of the steps over which the rate grows from 0 (default: 0.1).", valueName: "x"))
    var warmupRatio: Double?

    @Option(name: .long, help: ArgumentHelp("Steps over which the rate grows, in place of a share.", valueName: "n"))
    var warmupSteps: Int?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Tokens of an input at most (default: RACE 512, SQuAD 384, SWAG 80, else 128).", valueName: "n"))
    var maxLength: Int?

    func validate() throws {
        if let epochs { try requireOption("epochs", epochs, in: 1...100_000) }
        if let steps { try requireOption("steps", steps, in: 1...1_000_000_000) }
        if let batchSize { try requireOption("batch-size", batchSize, in: 1...(1 << 20)) }
        if let warmupSteps { try requireOption("warmup-steps", warmupSteps, in: 0...1_000_000_000) }
        if let warmupRatio, !(0..<1).contains(warmupRatio) {
            throw ValidationError("--warmup-ratio is \(warmupRatio), expected at least 0 and below 1")
        }
        if steps != nil, epochs != nil { throw ValidationError("expected either --steps or --epochs") }
        if warmupSteps != nil, warmupRatio != nil {
            throw ValidationError("expected either --warmup-steps or --warmup-ratio")
        }
    }

    /// What was chosen for a task; explicit options win over the recipe, and the recipe over the defaults. Lengths that
    /// nobody asked for are no longer than the model takes.
    func choice(for task: TaskDescription, model: String) throws -> Choice {
        let recipe = try self.recipe.map { try Recipe.named($0) }
        var settings = try recipe?.settings(for: task) ?? Recipe.usual(for: task)
        settings.maxLength = min(settings.maxLength, try ModelDirectory.configuration(in: model).maximumTokens)
        if let learningRate { settings.learningRate = learningRate }
        if let batchSize { settings.batchSize = batchSize }
        if let maxLength { settings.maxLength = maxLength }
        if let epochs { (settings.epochs, settings.steps, settings.saveInterval) = (epochs, nil, nil) }
        if let steps { settings.steps = steps }
        if let warmupRatio { (settings.warmupRatio, settings.warmupSteps) = (warmupRatio, nil) }
        if let warmupSteps { settings.warmupSteps = warmupSteps }
        return Choice(settings: settings, overrides: recipe?.overrides ?? Self.ownOptimizer)
    }

    private static let ownOptimizer = [
        "optimizer.name=adamw", "optimizer.form=torch", "optimizer.epsilon=1e-8", "optimizer.gradient_clip.form=torch",
        "schedule.name=linear",
    ]

    /// Settings, and keys of the run file.
    @dynamicMemberLookup struct Choice {
        let settings: Recipe.Settings
        let overrides: [String]

        subscript<Value>(dynamicMember member: KeyPath<Recipe.Settings, Value>) -> Value { settings[keyPath: member] }

        /// The keys that the size of the data decides; an epoch has `perEpoch` steps.
        func lengths(perEpoch: Int) -> [String] {
            let steps = settings.steps ?? (settings.epochs ?? 3) * perEpoch
            // A warmup of a published number of steps may be longer than a short run.
            let warmup = min(settings.warmupSteps ?? Int((settings.warmupRatio ?? 0.1) * Double(steps)), steps)
            let interval = min(settings.saveInterval ?? perEpoch, steps)
            return [
                "training.steps=\(steps)", "schedule.warmup_steps=\(warmup)", "evaluation.interval_steps=\(interval)",
                "checkpoint.interval_steps=\(interval)", "checkpoint.keep=1",
            ]
        }
    }
}
