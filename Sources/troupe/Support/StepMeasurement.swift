/// How long one training step took, and for what.
struct StepMeasurement: Sendable {
    /// The parts of a step, which follow each other without gaps.
    enum Phase: String, CaseIterable {
        case forward, backward, optimizer, other
    }

    /// Wall time of the whole step.
    let seconds: Double
    /// Seconds of each phase.
    let phases: [Phase: Double]
    /// Seconds of each kind of operation, where they are counted.
    let operations: [String: Double]

    /// The step of median length; of an even number, the mean of the two in the middle.
    static func median(of steps: [StepMeasurement]) -> StepMeasurement {
        let sorted = steps.sorted { $0.seconds < $1.seconds }
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : sorted[middle - 1].mean(with: sorted[middle])
    }

    private func mean(with other: StepMeasurement) -> StepMeasurement {
        StepMeasurement(
            seconds: (seconds + other.seconds) / 2,
            phases: phases.merging(other.phases) { ($0 + $1) / 2 },
            operations: operations.merging(other.operations) { ($0 + $1) / 2 })
    }
}

/// A clock that books the time since it was last read to a phase.
struct PhaseClock {
    private let start = ContinuousClock.now
    private var last: ContinuousClock.Instant
    private(set) var phases: [StepMeasurement.Phase: Double] = [:]

    init() {
        last = start
    }

    /// Ends a stretch of `phase` now.
    mutating func book(_ phase: StepMeasurement.Phase) {
        let now = ContinuousClock.now
        phases[phase, default: 0] += (now - last).seconds
        last = now
    }

    /// Seconds from the start until now.
    var elapsed: Double { (ContinuousClock.now - start).seconds }
}
