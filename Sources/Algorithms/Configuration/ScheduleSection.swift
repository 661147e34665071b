/// How the learning rate changes over the steps; see `LearningRateSchedule`.
package struct ScheduleSection: ConfigurationSection {
    /// The shape of the schedule.
    package var name = Name.tfLinear
    /// Steps over which the rate grows from 0.
    package var warmupSteps = 3125
    /// The step at which warming up begins, for a run that continues another.
    package var startWarmupStep = 0
    /// The step at which the decay ends; null means `training.steps`.
    package var totalSteps: Int?
    /// Exponent of the polynomial decay.
    package var power = 1.0
    /// The rate at and after `totalSteps`, for the polynomial decay.
    package var end = 0.0

    /// The shapes; see `LearningRateSchedule.Decay`.
    package enum Name: String, Sendable, CaseIterable, ConfigurationChoice {
        case tfLinear = "tf_linear"
        case linear, polynomial, constant
    }

    /// The defaults above.
    package init() {}

    private static let polynomialOnly: @Sendable (ScheduleSection) -> String? = {
        $0.name == .polynomial ? nil : "only for polynomial"
    }

    static let fields: [ConfigurationField<ScheduleSection>] = [
        .value("name", \.name),
        .value("warmup_steps", \.warmupSteps, .within(0...1_000_000_000)),
        .value("start_warmup_step", \.startWarmupStep, .within(0...1_000_000_000)),
        .value("total_steps", \.totalSteps, .orNull(.within(1...1_000_000_000))),
        .value("power", \.power, .above(0), inapplicability: polynomialOnly),
        .value("end", \.end, .atLeast(0), inapplicability: polynomialOnly),
    ]

    func checkRelations(path: String) throws(ConfigurationError) {
        guard name != .constant, let totalSteps, warmupSteps > totalSteps else { return }
        throw ConfigurationError(
            .inconsistent, key: "\(path).warmup_steps",
            message: "\(warmupSteps) is more than total_steps, \(totalSteps)")
    }
}
