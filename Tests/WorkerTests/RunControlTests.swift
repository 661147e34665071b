import Testing
import Worker

@Suite struct RunControlTests {
    @Test func firstReasonToAbortWins() {
        let control = RunControl()
        #expect(control.abortReason == nil)
        let isFirst = control.abort("rank 2 lost")
        let isFirstAgain = control.abort("the coordinator is silent")
        #expect(isFirst && !isFirstAgain)
        #expect(control.abortReason == "rank 2 lost")
    }

    @Test func stopStaysAskedForAndIsNoAbort() {
        let control = RunControl()
        #expect(!control.stopRequested)
        control.requestStop()
        control.enter("training", step: 4)
        #expect(control.stopRequested && control.abortReason == nil)
        #expect(control.position.step == 4 && control.position.phase == "training")
    }
}
