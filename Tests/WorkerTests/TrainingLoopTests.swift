import Algorithms
import Testing
import Worker

/// The loop of a single rank.
@Suite(.timeLimit(.minutes(1))) struct TrainingLoopTests {
    @Test func evaluatesAndSavesWhenDueAndAtTheEnd() throws {
        let run = LoopRun(evaluationInterval: 3, checkpointInterval: 2)
        let record = try run.run(over: LocalExchange())
        #expect(record.trained == [0, 1, 2, 3, 4, 5, 6])
        #expect(record.evaluated == [3, 6, 7])
        #expect(run.store.saved == [2, 4, 6, 7])
        #expect(record.steps == [1, 2, 3, 4, 5, 6, 7])
        #expect(record.evaluations == [3, 6, 7])
        #expect(record.events("training_started") == [0])
        // Before each checkpoint: the start, the steps so far and the evaluations so far.
        #expect(record.settled == [3, 6, 9, 11])
        #expect(record.events("model_written") == [7])
        #expect(record.exported == ["run/model"])
        #expect(record.outcome.completed && record.outcome.step == 7)
        #expect(record.outcome.evaluation == ["ranks": 1, "step": 7])
        #expect(record.outcome.trainedTokens == 70 && record.outcome.parameterCount == 15)
    }

    @Test func intervalZeroMeansAtTheEndOnly() throws {
        let run = LoopRun()
        let record = try run.run(over: LocalExchange())
        #expect(record.evaluated == [7])
        #expect(run.store.saved == [7])
    }

    @Test func intervalThatDividesTheLengthDoesTheLastStepOnce() throws {
        let run = LoopRun(totalSteps: 6, evaluationInterval: 3, checkpointInterval: 2)
        let record = try run.run(over: LocalExchange())
        #expect(record.evaluated == [3, 6])
        #expect(run.store.saved == [2, 4, 6])
    }

    @Test func stopSavesAtOnceAndDoesNotEvaluateOrExport() throws {
        // Asked during step 3 (from 1); the step after it carries the word to all ranks and is the last.
        let run = LoopRun(evaluationInterval: 2, checkpointInterval: 3) { _, step, control in
            if step == 2 { control.requestStop() }
        }
        let record = try run.run(over: LocalExchange())
        #expect(record.trained == [0, 1, 2, 3])
        #expect(!record.outcome.completed && record.outcome.step == 4)
        #expect(record.evaluated == [2])
        #expect(run.store.saved == [3, 4])
        #expect(record.exported.isEmpty && record.events("model_written").isEmpty)
    }

    @Test func stopInTheLastStepIsACompletedRun() throws {
        let run = LoopRun { _, step, control in if step == 5 { control.requestStop() } }
        let record = try run.run(over: LocalExchange())
        #expect(record.outcome.completed && record.outcome.step == 7)
        #expect(record.evaluated == [7] && record.exported == ["run/model"])
    }

    @Test func resumedRunGoesOnWithTheNextStepAndEndsWithTheSameBits() throws {
        let whole = LoopRun(checkpointInterval: 4)
        let unbroken = try whole.run(over: LocalExchange())
        let resumed = LoopRun(resume: try whole.store.load(step: 4))
        let record = try resumed.run(over: LocalExchange())
        #expect(record.trained == [4, 5, 6])
        #expect(record.steps == [5, 6, 7])
        #expect(record.events("training_started") == [4])
        #expect(record.outcome.digests == unbroken.outcome.digests)
        #expect(record.outcome.trainedTokens == 30)
        #expect(Set(record.outcome.digests.keys) == ["weights_sha256", "optimizer_sha256"])
    }

    @Test func resumeAfterTheLastStepStillEvaluatesTellsAndExports() throws {
        let whole = LoopRun()
        let unbroken = try whole.run(over: LocalExchange())
        let resumed = LoopRun(resume: try whole.store.load(step: 7))
        let record = try resumed.run(over: LocalExchange())
        #expect(record.trained.isEmpty && resumed.store.saved.isEmpty)
        #expect(record.evaluated == [7] && record.evaluations == [7] && record.exported == ["run/model"])
        #expect(record.outcome.completed && record.outcome.digests == unbroken.outcome.digests)
    }

    @Test(arguments: [1, 4, 7]) func failedSaveEndsTheRunWithTheStoresError(step: Int) throws {
        let run = LoopRun(checkpointInterval: 1, store: CountingStore(failsFrom: step))
        let error = #expect(throws: AlgorithmsError.self) { try run.run(over: LocalExchange()) }
        #expect(error?.code == .noSpace && error?.subject == "/disk/step-\(step)")
        #expect(run.store.saved == Array(1..<step))
    }

    @Test func positionShowsWhereTheLoopIs() throws {
        let control = RunControl()
        #expect(control.position.step == 0 && control.position.phase == "starting")
        let run = LoopRun(totalSteps: 3) { _, step, control in
            #expect(control.position.step == step && control.position.phase == "training")
        }
        _ = try run.run(over: LocalExchange(), control: control)
        #expect(control.position.step == 3 && control.position.phase == "finishing")
    }

    @Test func programsErrorPassesUnchanged() throws {
        let run = LoopRun { _, step, _ in
            if step == 2 { throw AlgorithmsError(.notFinite, subject: "step 3", "diverged") }
        }
        let error = #expect(throws: AlgorithmsError.self) { try run.run(over: LocalExchange()) }
        #expect(error == AlgorithmsError(.notFinite, subject: "step 3", "diverged"))
    }
}
