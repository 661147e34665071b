import Glibc
import Synchronization

/// Shows the progress of a run: a line that is rewritten in place on a terminal, otherwise a plain line now and then.
///
/// No control sequence beyond the carriage return is ever written, and none at all when the output is not a terminal.
/// Time is passed in, in seconds on any steady clock. May be used from any thread.
package final class ProgressPrinter: Sendable {
    /// Where the text goes and what it can show.
    package struct Output: Sendable {
        let isTerminal: Bool
        let width: @Sendable () -> Int
        let write: @Sendable (String) -> Void

        /// Makes an output: whether it is a terminal, its width in characters now, and how to write to it.
        package init(
            isTerminal: Bool, width: @escaping @Sendable () -> Int, write: @escaping @Sendable (String) -> Void
        ) {
            self.isTerminal = isTerminal
            self.width = width
            self.write = write
        }

        /// The process's standard error, where progress belongs: standard output is for results.
        package static let standardError = Output(
            isTerminal: isatty(STDERR_FILENO) == 1,
            width: {
                var size = winsize()
                let known = unsafe ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
                return known ? Int(size.ws_col) : 80
            },
            write: { text in
                let bytes = Array(text.utf8)
                // Progress that cannot be shown, because the reader went away, is no reason to end a run.
                _ = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
            })
    }

    private struct State {
        var pace = Pace()
        var lastShown: Double?
        var shownLength = 0
        var latest: (progress: RunProgress, remaining: Double?)?
    }

    private let output: Output
    private let interval: Double
    private let state = Mutex(State())

    /// Makes a printer.
    ///
    /// - Parameter plainInterval: seconds between lines where the output is not a terminal; a terminal is refreshed at
    ///   most ten times a second.
    package init(output: Output, plainInterval: Double = 10) {
        self.output = output
        interval = output.isTerminal ? 0.1 : plainInterval
    }

    /// Shows the progress, if it is time to, at `seconds` of the steady clock; the first and the last step always.
    package func update(_ progress: RunProgress, at seconds: Double) {
        state.withLock { state in
            state.pace.reached(step: progress.step, at: seconds)
            let remaining = state.pace.secondsPerStep.map { $0 * Double(progress.totalSteps - progress.step) }
            state.latest = (progress, remaining)
            if let last = state.lastShown, seconds - last < interval, progress.step < progress.totalSteps { return }
            state.lastShown = seconds
            show(&state)
        }
    }

    /// Writes a line of its own above the progress line.
    package func note(_ line: String) {
        state.withLock { state in
            guard output.isTerminal else { return output.write(line + "\n") }
            output.write("\r" + padded(line, over: state.shownLength) + "\n")
            state.shownLength = 0
            if state.lastShown != nil { show(&state) }
        }
    }

    /// Ends the live line, so that what follows starts on a line of its own.
    package func finish() {
        state.withLock { state in
            if output.isTerminal, state.shownLength > 0 { output.write("\n") }
            state.shownLength = 0
            state.lastShown = nil
        }
    }

    private func show(_ state: inout State) {
        guard let (progress, remaining) = state.latest else { return }
        guard output.isTerminal else {
            return output.write(ProgressLine.text(progress, remainingSeconds: remaining) + "\n")
        }
        // The last column stays free: some terminals wrap as soon as it is written.
        let line = ProgressLine.text(progress, remainingSeconds: remaining, width: max(output.width() - 1, 1))
        output.write("\r" + padded(line, over: state.shownLength))
        state.shownLength = line.count
    }

    private func padded(_ line: String, over length: Int) -> String {
        line + String(repeating: " ", count: max(0, length - line.count))
    }
}

/// The time that a step takes, on average over the last twenty or so; measured from the first step reported, so that a
/// resumed run is not thought to be fast.
struct Pace: Sendable {
    private var last: (step: Int, seconds: Double)?
    private(set) var secondsPerStep: Double?

    /// Notes that `step` was done at `seconds`.
    mutating func reached(step: Int, at seconds: Double) {
        defer { last = (step, seconds) }
        guard let last, step > last.step else { return }
        let steps = Double(step - last.step)
        let fresh = (seconds - last.seconds) / steps
        guard let known = secondsPerStep else {
            secondsPerStep = fresh
            return
        }
        let weight = min(1, steps / 20)
        secondsPerStep = known + weight * (fresh - known)
    }
}
