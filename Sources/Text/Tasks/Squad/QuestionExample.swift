/// A question about a passage, whose answer is a span of it.
package struct QuestionExample: Sendable, Hashable {
    /// An answer as an annotator marked it.
    package struct Answer: Sendable, Hashable {
        /// The text.
        package var text: String
        /// Where it starts in the passage, in Unicode scalars.
        package var start: Int

        /// An answer with this text at this place.
        package init(text: String, start: Int) {
            self.text = text
            self.start = start
        }
    }

    /// Its name in the data, under which predictions are filed.
    package var id: String
    /// The title of the article; empty if it has none.
    package var title: String
    /// The question.
    package var question: String
    /// The passage.
    package var passage: String
    /// The accepted answers; training takes the first. Empty if there are none or nobody knows them.
    package var answers: [Answer]
    /// Whether the data says that the passage does not answer the question.
    package var isImpossible: Bool
    /// Which paragraph of the file the passage is, counted over all articles.
    package var paragraph: Int

    /// A question with these parts.
    package init(
        id: String, title: String = "", question: String, passage: String, answers: [Answer] = [],
        isImpossible: Bool = false, paragraph: Int = 0
    ) {
        self.id = id
        self.title = title
        self.question = question
        self.passage = passage
        self.answers = answers
        self.isImpossible = isImpossible
        self.paragraph = paragraph
    }
}

extension QuestionExample {
    /// Questions in two shares that have no paragraph in common, each in the order of `examples`.
    ///
    /// - Parameters:
    ///   - trainShare: the share of the paragraphs whose questions are for training, rounded to whole paragraphs.
    ///   - seed: which paragraphs these are is a function of this and of the number of paragraphs.
    /// - Throws: `invalidParameter` if the share is not between 0 and 1.
    package static func split(
        _ examples: [QuestionExample], trainShare: Double, seed: UInt64
    ) throws(TextError) -> (train: [QuestionExample], test: [QuestionExample]) {
        guard trainShare >= 0 && trainShare <= 1 else {
            throw TextError(.invalidParameter, "the training share of the paragraphs is from 0 to 1, got \(trainShare)")
        }
        let paragraphs = Set(examples.map(\.paragraph)).sorted()
        let order = KeyedPermutation(seed: seed, stream: 0, count: paragraphs.count)
        let trainCount = Int((Double(paragraphs.count) * trainShare).rounded())
        let training = Set((0..<trainCount).map { paragraphs[order[$0]] })
        return (
            examples.filter { training.contains($0.paragraph) }, examples.filter { !training.contains($0.paragraph) }
        )
    }
}
