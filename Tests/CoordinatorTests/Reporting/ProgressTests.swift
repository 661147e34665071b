import Coordinator
import Synchronization
import Testing

@Suite struct ProgressTests {
    private let progress = RunProgress(
        step: 120, totalSteps: 600, loss: 5.8123, accuracy: 0.2119, tokensPerSecond: 18_430, ranksAlive: 2, worldSize: 2
    )

    /// What a printer wrote.
    private final class Screen: Sendable {
        let text = Mutex("")

        func output(isTerminal: Bool, width: Int = 80) -> ProgressPrinter.Output {
            .init(isTerminal: isTerminal, width: { width }, write: { text in self.text.withLock { $0 += text } })
        }

        var content: String { text.withLock { $0 } }
    }

    @Test func theLineReadsAsDocumented() {
        #expect(
            ProgressLine.text(progress, remainingSeconds: 130)
                == "step 120/600  loss 5.812  acc 0.21  18.4k tokens/s  ranks 2/2  ETA 2m10s")
    }

    @Test func unknownNumbersAreLeftOut() {
        let text = ProgressLine.text(RunProgress(step: 1, totalSteps: 9, ranksAlive: 0, worldSize: 3))
        #expect(text == "step 1/9  ranks 0/3")
    }

    @Test func narrowLinesLoseWhatMattersLeast() {
        #expect(
            ProgressLine.text(progress, remainingSeconds: 130, width: 64)
                == "step 120/600  loss 5.812  18.4k tokens/s  ranks 2/2  ETA 2m10s")
        #expect(ProgressLine.text(progress, remainingSeconds: 130, width: 27) == "step 120/600  loss 5.812")
        for width in 0...80 {
            #expect(ProgressLine.text(progress, remainingSeconds: 130, width: width).count <= width)
        }
    }

    @Test(arguments: [
        (0, "0s"), (59.4, "59s"), (59.6, "1m00s"), (130, "2m10s"), (3_900, "1h05m"), (273_600, "3d04h"), (-5, "0s"),
    ])
    func durationsReadAsDocumented(seconds: Double, text: String) {
        #expect(Quantity.duration(seconds) == text)
    }

    @Test(arguments: [
        (0, "0"), (950, "950"), (999.96, "1.0k"), (18_430, "18.4k"), (99_960, "100k"), (999_960, "1.0M"),
        (11_683_584, "11.7M"), (0.00176, "0.00176"), (2.5e-5, "2.5e-5"), (9.99e-4, "1e-3"), (5.8123, "5.81"),
        (-12.5, "-12.5"), (.infinity, "inf"),
    ])
    func quantitiesReadAsDocumented(value: Double, text: String) {
        #expect(Quantity.short(value) == text)
    }

    @Test func aTerminalLineIsRewrittenInPlace() {
        let screen = Screen()
        let printer = ProgressPrinter(output: screen.output(isTerminal: true, width: 40))
        var now = progress
        printer.update(now, at: 0)
        now.step = 121
        printer.update(now, at: 0.05)
        now.step = 122
        printer.update(now, at: 1)
        printer.finish()
        let lines = screen.content.split(separator: "\r")
        #expect(lines.count == 2, "the second update comes too soon to be shown")
        #expect(lines.last?.hasPrefix("step 122/600  loss 5.812") == true)
        #expect(screen.content.hasSuffix("\n"))
        #expect(!screen.content.contains("\u{1B}"))
        #expect(lines.allSatisfy { $0.trimmed.count < 40 })
    }

    @Test func aNoteDoesNotMixWithTheLine() {
        let screen = Screen()
        let printer = ProgressPrinter(output: screen.output(isTerminal: true))
        printer.update(RunProgress(step: 1, totalSteps: 9, ranksAlive: 3, worldSize: 3), at: 0)
        printer.note("hello")
        #expect(screen.content == "\rstep 1/9  ranks 3/3\rhello              \n\rstep 1/9  ranks 3/3")
    }

    @Test func plainOutputHasALineNowAndThenAndNoCarriageReturn() {
        let screen = Screen()
        let printer = ProgressPrinter(output: screen.output(isTerminal: false), plainInterval: 10)
        for step in 1...100 {
            printer.update(RunProgress(step: step, totalSteps: 100, ranksAlive: 1, worldSize: 1), at: Double(step))
        }
        printer.note("done")
        printer.finish()
        let lines = screen.content.split(separator: "\n")
        #expect(lines.first == "step 1/100  ranks 1/1")
        #expect(lines.dropFirst().first == "step 11/100  ranks 1/1  ETA 1m29s")
        #expect(lines.suffix(2) == ["step 100/100  ranks 1/1  ETA 0s", "done"])
        #expect(lines.count == 12)
        #expect(!screen.content.contains("\r"))
    }
}

extension Substring {
    fileprivate var trimmed: Substring {
        var text = self
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}
