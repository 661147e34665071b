/// What a run looked like: the content of `report.html`, a page that needs nothing but itself.
///
/// Every number on the page is one that was handed in; a chart or table without data is left out, never drawn empty.
package struct RunReport: Sendable {
    /// A line of the summary that says whether something aimed at was reached.
    package struct Verdict: Sendable {
        let text: String
        let holds: Bool

        /// Makes a verdict, for instance "held-out masked-LM loss 5.10 < unigram cross-entropy 6.30".
        package init(_ text: String, holds: Bool) {
            self.text = text
            self.holds = holds
        }
    }

    /// A labelled text of the summary.
    package struct Fact: Sendable {
        let label: String
        let value: String

        /// Makes a fact, for instance "Parameters" and "11,683,584".
        package init(_ label: String, _ value: String) {
            self.label = label
            self.value = value
        }
    }

    /// The run's name.
    package var title: String
    /// How it ended, when it has.
    package var status: RunResult.Status?
    /// The few numbers that matter most, shown large.
    package var highlights: [Fact]
    /// What was trained on what: model, data, workers, seed.
    package var facts: [Fact]
    /// What was reached and what was not.
    package var verdicts: [Verdict]
    /// The numbers of every training step, by step.
    package var metrics: [MetricRecord]
    /// Held-out metrics, by step.
    package var evaluations: [MetricRecord]
    /// What happened, in order.
    package var events: [LoggedEvent]
    /// Cross-entropy, in nats, of guessing masked tokens by their frequency alone: the line that training has to pass.
    package var unigramCrossEntropy: Double?

    /// Makes a report.
    package init(
        title: String, status: RunResult.Status? = nil, highlights: [Fact] = [], facts: [Fact] = [],
        verdicts: [Verdict] = [], metrics: [MetricRecord], evaluations: [MetricRecord] = [], events: [LoggedEvent] = [],
        unigramCrossEntropy: Double? = nil
    ) {
        self.title = title
        self.status = status
        self.highlights = highlights
        self.facts = facts
        self.verdicts = verdicts
        self.metrics = metrics
        self.evaluations = evaluations
        self.events = events
        self.unigramCrossEntropy = unigramCrossEntropy
    }

    /// Writes the page; a reader finds the old one or the new one. Throws `CoordinatorError` with code `storage`.
    package func write(to path: String) throws {
        try OutputFile.replace(path, with: Array(html().utf8))
    }

    /// The charts; the page leaves out those without data.
    var charts: [LineChart] {
        [
            LineChart(
                title: "Masked-LM loss", unit: "nats per masked token", series: both("masked_lm_loss"),
                levels: unigramCrossEntropy.map { [LineChart.Level("unigram", $0)] } ?? []),
            LineChart(
                title: "Masked-LM accuracy", unit: "share of masked tokens", series: both("masked_lm_accuracy"),
                isShare: true),
            LineChart(
                title: "Sentence-order loss", unit: "nats per pair", series: both("sentence_order_loss"),
                levels: [LineChart.Level("chance", 0.693147)]),
            LineChart(
                title: "Sentence-order accuracy", unit: "share of pairs", series: both("sentence_order_accuracy"),
                levels: [LineChart.Level("chance", 0.5)], isShare: true),
            LineChart(title: "Total loss", unit: "nats", series: both("loss")),
            LineChart(
                title: "Learning rate", unit: "per step", series: [training("learning_rate", isSmoothed: false)],
                startsAtZero: true),
            LineChart(
                title: "Gradient norm", unit: "before clipping", series: [training("gradient_norm")],
                startsAtZero: true),
            LineChart(
                title: "Throughput", unit: "tokens per second, all ranks", series: [training("tokens_per_second")],
                startsAtZero: true),
        ]
    }

    private func both(_ key: String) -> [LineChart.Series] {
        [training(key), heldOut(key)]
    }

    private func training(_ key: String, isSmoothed: Bool = true) -> LineChart.Series {
        LineChart.Series(
            label: "training", style: .training, isSmoothed: isSmoothed, points: Self.points(of: key, in: metrics))
    }

    private func heldOut(_ key: String) -> LineChart.Series {
        LineChart.Series(label: "held-out", style: .heldOut, points: Self.points(of: key, in: evaluations))
    }

    private static func points(of key: String, in records: [MetricRecord]) -> [LineChart.Point] {
        records.compactMap { record in
            guard let value = record.values[key], value.isFinite else { return nil }
            return LineChart.Point(x: Double(record.step), y: value)
        }
    }
}
