import Glibc

/// The learning rate of every step, a pure function of the number of steps taken before it.
package struct LearningRateSchedule: Sendable, Equatable {
    /// How the rate falls after warming up.
    package enum Decay: Sendable, Equatable {
        /// (peak − end)·(1 − s/N)^power + end, counted from step 0 and not from the end of the warm-up, so that the
        /// rate drops where the two meet (the schedule of the BERT and ALBERT programs; power 1 and end 0 there).
        case polynomial(power: Double, end: Double)
        /// Linear to 0 from the end of the warm-up, without a drop (Hugging Face's linear schedule).
        case linearFromWarmup
        /// No decay.
        case none
    }

    /// The rate at the end of the warm-up, but for the drop of a decay counted from 0.
    package let peak: Double
    /// Steps over which the rate grows linearly from 0; the first update has rate 0.
    package let warmupSteps: Int
    /// Moves the warm-up test and its count, not the decay. Before it the rate is 0.
    package let startWarmupStep: Int
    /// The step N at which the decay ends.
    package let totalSteps: Int
    /// How the rate falls.
    package let decay: Decay

    /// - Precondition: `warmupSteps >= 0`, `totalSteps >= 1`.
    package init(peak: Double, warmupSteps: Int, startWarmupStep: Int = 0, totalSteps: Int, decay: Decay) {
        precondition(warmupSteps >= 0 && totalSteps >= 1, "warmup \(warmupSteps), total \(totalSteps)")
        self.peak = peak
        self.warmupSteps = warmupSteps
        self.startWarmupStep = startWarmupStep
        self.totalSteps = totalSteps
        self.decay = decay
    }

    /// The schedule a run file asks for.
    package init(_ configuration: RunConfiguration) {
        let schedule = configuration.schedule
        let decay: Decay =
            switch schedule.name {
            case .tfLinear: .polynomial(power: 1, end: 0)
            case .polynomial: .polynomial(power: schedule.power, end: schedule.end)
            case .linear: .linearFromWarmup
            case .constant: .none
            }
        self.init(
            peak: configuration.optimizer.learningRate, warmupSteps: schedule.warmupSteps,
            startWarmupStep: schedule.startWarmupStep,
            totalSteps: schedule.totalSteps ?? configuration.training.steps, decay: decay)
    }

    /// The rate of the update that follows `step` completed steps.
    package func rate(at step: Int) -> Double {
        let warmed = step - startWarmupStep
        if warmed < warmupSteps { return peak * Double(max(warmed, 0)) / Double(warmupSteps) }
        switch decay {
        case .polynomial(let power, let end):
            let remaining = 1 - Double(min(step, totalSteps)) / Double(totalSteps)
            return (peak - end) * (power == 1 ? remaining : pow(remaining, power)) + end
        case .linearFromWarmup:
            let warmupEnd = startWarmupStep + warmupSteps
            guard step < totalSteps, warmupEnd < totalSteps else { return 0 }
            return peak * Double(totalSteps - step) / Double(totalSteps - warmupEnd)
        case .none:
            return peak
        }
    }
}
