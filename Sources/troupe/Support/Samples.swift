/// Durations of repetitions of one piece of work, in seconds.
struct Samples: Sendable {
    /// In the order they were taken; at least one.
    let seconds: [Double]

    /// Durations that were measured elsewhere.
    init(seconds: [Double]) {
        self.seconds = seconds
    }

    /// Calls `body` `warmUps` times, then `repeats` times under the clock. What `prepare` makes for each call is made
    /// outside of it.
    init<Input>(warmUps: Int = 2, repeats: Int, prepare: () -> Input, _ body: (Input) -> Void) {
        for _ in 0..<warmUps { body(prepare()) }
        seconds = (0..<repeats).map { _ in
            let input = prepare()
            return Self.time { body(input) }
        }
    }

    /// As above with nothing to prepare.
    init(warmUps: Int = 2, repeats: Int, _ body: () -> Void) {
        self.init(warmUps: warmUps, repeats: repeats, prepare: {}, body)
    }

    /// The middle one, or the mean of the two in the middle.
    var median: Double {
        let sorted = seconds.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }

    /// The smallest that at least a share `q` of all do not exceed, 0 < q <= 1.
    func quantile(_ q: Double) -> Double {
        seconds.sorted()[max(0, Int((q * Double(seconds.count)).rounded(.up)) - 1)]
    }

    /// Seconds that one call of `body` takes.
    static func time(_ body: () throws -> Void) rethrows -> Double {
        let clock = ContinuousClock()
        return try clock.measure(body).seconds
    }
}

extension Duration {
    /// As a number of seconds.
    var seconds: Double { self / .seconds(1) }
}
