/// What a model that chooses ends by their starts says of one window: its best starts and, for each, its best ends.
package struct SpanBeams: Sendable, Hashable {
    /// One of the best starts.
    package struct Beam: Sendable, Hashable {
        /// The position.
        package var start: Int
        /// Its log-probability.
        package var startScore: Float
        /// The best ends for this start with their log-probabilities.
        package var ends: [End]

        /// A start with its ends.
        package init(start: Int, startScore: Float, ends: [End]) {
            self.start = start
            self.startScore = startScore
            self.ends = ends
        }
    }

    /// One of the best ends for a start.
    package struct End: Sendable, Hashable {
        /// The position.
        package var position: Int
        /// Its log-probability given the start.
        package var score: Float

        /// An end.
        package init(position: Int, score: Float) {
            self.position = position
            self.score = score
        }
    }

    /// The best starts, best first.
    package var beams: [Beam]
    /// The logit of "the passage has no answer".
    package var nullLogit: Float

    /// Beams of one window.
    package init(beams: [Beam], nullLogit: Float) {
        self.beams = beams
        self.nullLogit = nullLogit
    }
}

extension QuestionFeatures {
    /// The answers of ALBERT's program for version 1.1: the log-probabilities of a span are averaged over the
    /// checkpoints that have it among their candidates; there is always an answer.
    ///
    /// - Parameter scores: of each checkpoint, for each window.
    /// - Throws: `invalidParameter` for settings out of range, or if the scores do not fit the windows.
    package func albertAnswers(
        _ examples: [QuestionExample], checkpoints scores: [[SpanScores]], settings: AnswerSettings = AnswerSettings()
    ) throws(TextError) -> [AnswerPrediction] {
        try settings.validate()
        for scores in scores { try check(examples, scoredWindows: scores.count) }
        var predictions: [AnswerPrediction] = []
        for (example, indexes) in zip(examples, windowsOfExample) {
            var spans: [SpanCandidate] = []
            for index in indexes {
                var found: [[SpanCandidate]] = []
                for scores in scores { found.append(try windows[index].spans(scores[index], settings)) }
                spans += Self.averaged(found)
            }
            var candidates = Self.candidates(spans, settings)
            if candidates.isEmpty {
                candidates = [AnswerCandidate(text: "empty", probability: 0, startScore: 0, endScore: 0)]
            }
            candidates.normalize()
            predictions.append(
                AnswerPrediction(id: example.id, text: candidates[0].text, candidates: candidates))
        }
        return predictions
    }

    /// The answers of ALBERT's program for version 2.0. `nullOdds` is the least logit of "no answer" over a question's
    /// windows, averaged over checkpoints, and is not weighed against the answers here: `answeringBelow` does that.
    ///
    /// - Parameter beams: of each checkpoint, for each window.
    /// - Throws: `invalidParameter` for settings out of range, or if the beams do not fit the windows.
    package func albertAnswers(
        _ examples: [QuestionExample], checkpoints beams: [[SpanBeams]], settings: AnswerSettings = AnswerSettings()
    ) throws(TextError) -> [AnswerPrediction] {
        try settings.validate()
        for beams in beams { try check(examples, scoredWindows: beams.count) }
        var predictions: [AnswerPrediction] = []
        for (example, indexes) in zip(examples, windowsOfExample) {
            let spans = indexes.flatMap { index in
                Self.averaged(beams.map { windows[index].spans($0[index], settings) })
            }
            var candidates = Self.candidates(spans, settings)
            if candidates.isEmpty {
                candidates = [AnswerCandidate(text: "", probability: 0, startScore: -1e6, endScore: -1e6)]
            }
            candidates.normalize()
            let logits = beams.map { beams in
                indexes.reduce(1_000_000) { min($0, Double(beams[$1].nullLogit)) }
            }
            predictions.append(
                AnswerPrediction(
                    id: example.id, text: candidates[0].text, candidates: candidates,
                    nullOdds: logits.isEmpty ? nil : logits.reduce(0, +) / Double(logits.count)))
        }
        return predictions
    }

    /// One span for all that have the same positions, with the mean of their scores; in the order in which they come.
    private static func averaged(_ found: [[SpanCandidate]]) -> [SpanCandidate] {
        var order: [ClosedRange<Int>] = []
        var groups: [ClosedRange<Int>: [SpanCandidate]] = [:]
        for span in found.joined() {
            if groups[span.positions] == nil { order.append(span.positions) }
            groups[span.positions, default: []].append(span)
        }
        return order.compactMap { positions in
            guard let group = groups[positions], let first = group.first else { return nil }
            let count = Double(group.count)
            return SpanCandidate(
                window: first.window, positions: positions,
                startScore: group.reduce(0) { $0 + $1.startScore } / count,
                endScore: group.reduce(0) { $0 + $1.endScore } / count)
        }
    }

    /// The best spans with different texts, which are slices of the raw passage.
    private static func candidates(_ spans: [SpanCandidate], _ settings: AnswerSettings) -> [AnswerCandidate] {
        var candidates: [AnswerCandidate] = []
        var seen: Set<[UInt8]> = []
        for index in ranked(spans.count, by: { spans[$0].startScore + spans[$0].endScore }) {
            if candidates.count >= settings.candidates { break }
            let span = spans[index]
            let range = span.window.passage.range(ofTokens: span.tokens)
            let text = range.map { span.window.passage.text($0) } ?? ""
            guard seen.insert(Array(text.utf8)).inserted else { continue }
            candidates.append(
                AnswerCandidate(
                    text: text, range: range, probability: 0, startScore: span.startScore, endScore: span.endScore))
        }
        return candidates
    }
}

extension QuestionWindow {
    fileprivate func spans(_ beams: SpanBeams, _ settings: AnswerSettings) -> [SpanCandidate] {
        beams.beams.flatMap { beam in
            beam.ends.filter {
                beam.startScore.isFinite && $0.score.isFinite
                    && allowsAnswer(from: beam.start, to: $0.position, maximumTokens: settings.maximumTokens)
            }.map { end in
                SpanCandidate(
                    window: self, positions: beam.start...end.position, startScore: Double(beam.startScore),
                    endScore: Double(end.score))
            }
        }
    }
}

extension AnswerPrediction {
    /// The same with the best candidate as answer where `nullOdds` is below the threshold, and without answer elsewhere.
    package func answeringBelow(_ threshold: Double) -> AnswerPrediction {
        var result = self
        result.text = (nullOdds ?? 0) < threshold ? candidates.first?.text ?? "" : ""
        return result
    }
}
