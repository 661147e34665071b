extension QuestionFeatures {
    /// The candidate that stands where a question has no other.
    private static let nothing = AnswerCandidate(text: "empty", probability: 0, startScore: 0, endScore: 0)
    /// The null score of a question without windows.
    private static let largeNullScore = 1_000_000.0

    /// The answers of a model whose scores of starts and ends do not depend on each other, in the order of the
    /// questions: what BERT's program for SQuAD writes.
    ///
    /// Ties go to the first window, start and end. Scores that are no finite numbers make no candidates.
    ///
    /// - Parameters:
    ///   - examples: the questions from which these windows were made.
    ///   - scores: of each window.
    ///   - wording: how texts are made.
    /// - Throws: `invalidParameter` for settings out of range, or if the scores do not fit the windows.
    package func answers(
        _ examples: [QuestionExample], _ scores: [SpanScores], tokenizer: any Tokenizer, wording: AnswerWording,
        settings: AnswerSettings = AnswerSettings(), threads: Int = 1
    ) throws(TextError) -> [AnswerPrediction] {
        try settings.validate()
        try check(examples, scoredWindows: scores.count)
        return try OrderedParallel.map(count: examples.count, threads: threads) {
            (index) throws(TextError) -> AnswerPrediction in
            try answer(
                id: examples[index].id, windowsOfExample[index], scores, settings
            ) { wording.answer($0.tokens, of: $0.window.passage, tokenizer: tokenizer) }
        }
    }

    func check(_ examples: [QuestionExample], scoredWindows: Int) throws(TextError) {
        guard examples.count == windowsOfExample.count, scoredWindows == windows.count else {
            throw TextError(
                .invalidParameter,
                "expected \(windowsOfExample.count) questions and scores of \(windows.count) windows, got "
                    + "\(examples.count) and \(scoredWindows)")
        }
    }

    private func answer(
        id: String, _ indexes: Range<Int>, _ scores: [SpanScores], _ settings: AnswerSettings,
        text: (SpanCandidate) -> (text: String, range: Range<Int>?)
    ) throws(TextError) -> AnswerPrediction {
        var spans: [SpanCandidate?] = []
        var null = AnswerCandidate(text: "", probability: 0, startScore: 0, endScore: 0)
        var nullScore = Self.largeNullScore
        for index in indexes {
            spans += try windows[index].spans(scores[index], settings)
            guard let start = scores[index].start.first, let end = scores[index].end.first else { continue }
            if Double(start) + Double(end) < nullScore {
                (null.startScore, null.endScore) = (Double(start), Double(end))
                nullScore = null.total
            }
        }
        // "No answer" takes part in the ranking, and comes at the end if it is not among the best.
        if settings.allowsNoAnswer { spans.append(nil) }
        var candidates: [AnswerCandidate] = []
        var seen: Set<[UInt8]> = []
        for index in ranked(spans.count, by: { spans[$0].map { $0.startScore + $0.endScore } ?? null.total }) {
            if candidates.count >= settings.candidates { break }
            guard let span = spans[index] else {
                candidates.append(null)
                seen.insert([])
                continue
            }
            let (answer, range) = text(span)
            guard seen.insert(Array(answer.utf8)).inserted else { continue }
            candidates.append(
                AnswerCandidate(
                    text: answer, range: range, probability: 0, startScore: span.startScore, endScore: span.endScore))
        }
        if settings.allowsNoAnswer {
            if !seen.contains([]) { candidates.append(null) }
            if candidates.count == 1 { candidates.insert(Self.nothing, at: 0) }
        }
        if candidates.isEmpty { candidates = [Self.nothing] }
        candidates.normalize()
        guard settings.allowsNoAnswer else {
            return AnswerPrediction(id: id, text: candidates[0].text, candidates: candidates)
        }
        let best = candidates.first { !$0.text.isEmpty } ?? Self.nothing
        let odds = nullScore - best.startScore - best.endScore
        return AnswerPrediction(
            id: id, text: odds > settings.nullThreshold ? "" : best.text, candidates: candidates, nullOdds: odds)
    }
}
