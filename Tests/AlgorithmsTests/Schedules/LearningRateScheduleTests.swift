import Algorithms
import Testing

@Suite struct LearningRateScheduleTests {
    private static func albert(_ decay: LearningRateSchedule.Decay, start: Int = 0) -> LearningRateSchedule {
        LearningRateSchedule(
            peak: 0.00176, warmupSteps: 3125, startWarmupStep: start, totalSteps: 125_000, decay: decay)
    }

    /// Agreement to the digits printed for the published ALBERT recipe.
    private static func agrees(_ value: Double, _ expected: Double) -> Bool {
        abs(value - expected) <= 1e-11 * max(abs(expected), 1e-3)
    }

    @Test(arguments: [
        (0, 0), (1, 5.632e-7), (1562, 8.797184e-4), (3124, 0.0017594368), (3125, 0.001716), (3126, 0.00171598592),
        (62500, 0.00088), (124_999, 1.408e-8), (125_000, 0), (200_000, 0),
    ])
    func tfLinearDropsWhereTheWarmupEnds(step: Int, rate: Double) {
        let schedule = Self.albert(.polynomial(power: 1, end: 0))
        #expect(Self.agrees(schedule.rate(at: step), rate), "step \(step): \(schedule.rate(at: step))")
    }

    @Test(arguments: [
        (0, 0), (1, 5.632e-7), (3124, 0.0017594368), (3125, 0.00176), (3126, 0.00175998555897),
        (62500, 0.000902564102564), (124_999, 1.4441025641e-8), (125_000, 0),
    ])
    func linearReachesTheFullRate(step: Int, rate: Double) {
        let schedule = Self.albert(.linearFromWarmup)
        #expect(Self.agrees(schedule.rate(at: step), rate), "step \(step): \(schedule.rate(at: step))")
    }

    @Test func linearWithoutWarmupStartsAtTheFullRate() {
        let schedule = LearningRateSchedule(peak: 0.5, warmupSteps: 0, totalSteps: 10, decay: .linearFromWarmup)
        #expect(schedule.rate(at: 0) == 0.5)
        #expect(schedule.rate(at: 10) == 0)
    }

    @Test func shiftedWarmupMovesTheCountButNotTheDecay() {
        let schedule = Self.albert(.polynomial(power: 1, end: 0), start: 10_000)
        #expect(schedule.rate(at: 9_999) == 0)
        #expect(schedule.rate(at: 10_000) == 0)
        #expect(Self.agrees(schedule.rate(at: 10_001), 5.632e-7))
        #expect(Self.agrees(schedule.rate(at: 11_562), 8.797184e-4))
        #expect(Self.agrees(schedule.rate(at: 13_124), 0.0017594368))
        // 0.00176 · (1 − 13125/125000)
        #expect(Self.agrees(schedule.rate(at: 13_125), 0.0015752))
        #expect(Self.agrees(schedule.rate(at: 62_500), 0.00088))
    }

    @Test func polynomialDecayFallsToItsEnd() {
        let schedule = LearningRateSchedule(
            peak: 6e-3, warmupSteps: 0, totalSteps: 100, decay: .polynomial(power: 0.5, end: 1e-3))
        #expect(Self.agrees(schedule.rate(at: 0), 6e-3))
        #expect(Self.agrees(schedule.rate(at: 75), 5e-3 * 0.5 + 1e-3))
        #expect(Self.agrees(schedule.rate(at: 100), 1e-3))
        #expect(Self.agrees(schedule.rate(at: 1_000), 1e-3))
    }

    @Test func constantWarmsUpAndStays() {
        let schedule = LearningRateSchedule(peak: 1, warmupSteps: 4, totalSteps: 8, decay: .none)
        #expect([0, 1, 3, 4, 100].map(schedule.rate) == [0, 0.25, 0.75, 1, 1])
    }

    @Test func theRunFilePicksTheSchedule() {
        var configuration = RunConfiguration()
        configuration.optimizer.learningRate = 0.00176
        configuration.training.steps = 125_000
        configuration.schedule.warmupSteps = 3125
        #expect(LearningRateSchedule(configuration) == Self.albert(.polynomial(power: 1, end: 0)))
        configuration.schedule.name = .linear
        configuration.schedule.startWarmupStep = 7
        #expect(LearningRateSchedule(configuration) == Self.albert(.linearFromWarmup, start: 7))
        configuration.schedule.name = .polynomial
        configuration.schedule.power = 0.5
        configuration.schedule.totalSteps = 7038
        #expect(LearningRateSchedule(configuration).rate(at: 7038) == 0)
        #expect(LearningRateSchedule(configuration).decay == .polynomial(power: 0.5, end: 0))
    }
}
