/// Questions as windows, and which questions got none.
package struct QuestionFeatures: Sendable {
    /// What the windows are for.
    package enum Purpose: Sendable, Hashable {
        /// Windows know their answers; questions whose answer cannot be found in the passage are dropped.
        case training
        /// Windows know no answers.
        case prediction
    }

    /// The windows of all questions, in their order.
    package let windows: [QuestionWindow]
    /// For each question the indexes of its windows.
    package let windowsOfExample: [Range<Int>]
    /// The indexes of questions left out because their answer or, for ALBERT, their passage has no tokens to match.
    package let dropped: [Int]

    /// Windows as BERT's program for SQuAD makes them: words first, then the tokens of each.
    ///
    /// - Throws: `invalidParameter` if the settings leave no room for a passage, `malformedDataset` if an answerable
    ///   question for training has no answer.
    package init(
        _ examples: [QuestionExample], tokenizer: any Tokenizer, purpose: Purpose,
        windowing: QuestionWindowing = QuestionWindowing(), threads: Int = 1
    ) throws(TextError) {
        let assembly = WindowAssembly(
            windowing: windowing, purpose: purpose, specials: tokenizer.specials, template: tokenizer.template)
        try self.init(examples, assembly, threads: threads) { (group) throws(TextError) -> [WindowAssembly.Parts?] in
            guard let first = group.first else { return [] }
            let passage = try QuestionPassage(first.passage, tokenizer: tokenizer)
            var result: [WindowAssembly.Parts?] = []
            for example in group {
                let question = try tokenizer.tokenize(example.question).map(\.id)
                guard let answer = try assembly.answer(of: example) else {
                    result.append(WindowAssembly.Parts(question: question, passage: passage, answer: nil))
                    continue
                }
                result.append(
                    try passage.tokens(of: answer, tokenizer: tokenizer).map {
                        WindowAssembly.Parts(question: question, passage: passage, answer: $0)
                    })
            }
            return result
        }
    }

    /// Windows as ALBERT's programs make them: the passage as a whole, its pieces aligned with the raw text.
    ///
    /// - Throws: as the other initializer.
    package init(
        _ examples: [QuestionExample], aligning tokenizer: SentencePieceTokenizer, purpose: Purpose,
        windowing: QuestionWindowing = QuestionWindowing(), threads: Int = 1
    ) throws(TextError) {
        let assembly = WindowAssembly(
            windowing: windowing, purpose: purpose, specials: tokenizer.specials, template: .bert)
        try self.init(examples, assembly, threads: threads) { (group) throws(TextError) -> [WindowAssembly.Parts?] in
            guard let first = group.first else { return [] }
            let aligned = try AlignedPassage(first.passage, tokenizer: tokenizer)
            var result: [WindowAssembly.Parts?] = []
            for example in group {
                let known = try assembly.answer(of: example)
                let tokens = known.flatMap { aligned?.tokens(of: $0) }
                guard let aligned, known == nil || tokens != nil else {
                    result.append(nil)
                    continue
                }
                let question = try tokenizer.encode(example.question)
                result.append(
                    WindowAssembly.Parts(question: question, passage: aligned.passage, answer: tokens))
            }
            return result
        }
    }

    /// Makes the parts of each run of questions over one passage, on several threads, and then their windows.
    private init(
        _ examples: [QuestionExample], _ assembly: WindowAssembly, threads: Int,
        parts: @Sendable (ArraySlice<QuestionExample>) throws(TextError) -> [WindowAssembly.Parts?]
    ) throws(TextError) {
        try assembly.windowing.validate()
        let groups = Self.groupsByPassage(examples)
        let made = try OrderedParallel.map(count: groups.count, threads: threads) {
            (index) throws(TextError) -> [WindowAssembly.Parts?] in try parts(examples[groups[index]])
        }
        var windows: [QuestionWindow] = []
        var windowsOfExample: [Range<Int>] = []
        var dropped: [Int] = []
        for (index, parts) in made.joined().enumerated() {
            let first = windows.count
            if let parts {
                windows += try assembly.windows(of: parts, examples[index], index: index, firstWindow: first)
            } else {
                dropped.append(index)
            }
            windowsOfExample.append(first..<windows.count)
        }
        self.windows = windows
        self.windowsOfExample = windowsOfExample
        self.dropped = dropped
    }

    /// Runs of examples over the same passage. Compared by bytes: `String` takes composed and decomposed for equal.
    private static func groupsByPassage(_ examples: [QuestionExample]) -> [Range<Int>] {
        var groups: [Range<Int>] = []
        var start = 0
        for index in examples.indices.dropFirst()
        where !examples[index].passage.utf8.elementsEqual(examples[start].passage.utf8) {
            groups.append(start..<index)
            start = index
        }
        if start < examples.count { groups.append(start..<examples.count) }
        return groups
    }
}

/// Puts windows together from the tokens of a question and its passage.
struct WindowAssembly: Sendable {
    /// What the windows of one question are made of.
    struct Parts: Sendable {
        let question: [Int32]
        let passage: QuestionPassage
        /// The passage's tokens that answer; nil if none do or nobody knows.
        let answer: ClosedRange<Int>?
    }

    private static let firstUniqueID = 1_000_000_000

    let windowing: QuestionWindowing
    let purpose: QuestionFeatures.Purpose
    let specials: SpecialTokens
    let template: EncodingTemplate

    /// The answer to look for in the passage; nil for an impossible question, and where answers are not asked for.
    func answer(of example: QuestionExample) throws(TextError) -> QuestionExample.Answer? {
        guard purpose == .training && !example.isImpossible else { return nil }
        guard let answer = example.answers.first else {
            throw TextError(
                .malformedDataset,
                "question \(example.id): expected an answer, or is_impossible to be true, got neither; training needs one"
            )
        }
        return answer
    }

    func windows(
        of parts: Parts, _ example: QuestionExample, index: Int, firstWindow: Int
    ) throws(TextError) -> [QuestionWindow] {
        let between = template == .roberta ? 2 : 1
        let question = parts.question.prefix(windowing.questionLimit)
        let room = windowing.maximumLength - question.count - between - 2
        guard room > 0 else {
            throw TextError(
                .invalidParameter,
                "question \(example.id): a window of \(windowing.maximumLength) tokens has no room for a passage beside "
                    + "\(question.count) tokens of the question and \(between + 2) special ones")
        }
        let separators = [Int32](repeating: specials.separator, count: between)
        let opening = [specials.classification] + question + separators
        let stretches = windowing.stretches(tokenCount: parts.passage.ids.count, room: room)
        let contexts = QuestionWindowing.haveMaximumContext(stretches)
        return zip(stretches, contexts).enumerated().map { number, window in
            let (stretch, hasMaximumContext) = window
            var answer = 0...0
            if let tokens = parts.answer, stretch.contains(tokens.lowerBound), stretch.contains(tokens.upperBound) {
                let shift = opening.count - stretch.lowerBound
                answer = tokens.lowerBound + shift...tokens.upperBound + shift
            }
            return QuestionWindow(
                uniqueID: Self.firstUniqueID + firstWindow + number, example: index,
                ids: opening + parts.passage.ids[stretch] + [specials.separator],
                passagePositions: opening.count..<opening.count + stretch.count, passage: parts.passage,
                firstToken: stretch.lowerBound, hasMaximumContext: hasMaximumContext, answer: answer,
                isImpossible: example.isImpossible || (purpose == .training && answer == 0...0), template: template)
        }
    }
}
