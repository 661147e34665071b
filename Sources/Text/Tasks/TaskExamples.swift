/// What a text or a pair of texts is labelled with.
package enum ExampleLabel: Sendable, Hashable {
    /// One class.
    case category(String)
    /// Any number of classes.
    case categories([String])
    /// A number.
    case score(Double)
}

/// One text or a pair, to be classified or scored.
package struct ClassificationExample: Sendable, Hashable {
    /// Its name in the data: `train-1`, or of a test file its own index.
    package var id: String
    /// The text, or the first of the pair.
    package var text: String
    /// The second text.
    package var pair: String?
    /// What is to be predicted; nil in test data.
    package var label: ExampleLabel?

    /// An example with these parts.
    package init(id: String, text: String, pair: String? = nil, label: ExampleLabel? = nil) {
        self.id = id
        self.text = text
        self.pair = pair
        self.label = label
    }
}

/// A sentence as words, each with a tag.
package struct TaggingExample: Sendable, Hashable {
    /// Its name in the data.
    package var id: String
    /// The words as the data cuts them; never empty.
    package var words: [String]
    /// A tag per word; nil in test data.
    package var tags: [String]?

    /// An example with these parts.
    package init(id: String, words: [String], tags: [String]? = nil) {
        self.id = id
        self.words = words
        self.tags = tags
    }
}

/// A question with several answers to choose from, each a pair of texts.
package struct ChoiceExample: Sendable, Hashable {
    /// One answer in its context.
    package struct Choice: Sendable, Hashable {
        /// The context.
        package var text: String
        /// The question with this answer.
        package var pair: String

        /// A choice with these texts.
        package init(text: String, pair: String) {
            self.text = text
            self.pair = pair
        }
    }

    /// Its name in the data.
    package var id: String
    /// The part of the data it is from (`middle` or `high` of RACE), whose scores are also reported apart.
    package var group: String?
    /// The choices in the order of the data.
    package var choices: [Choice]
    /// The index of the right one; nil in test data.
    package var label: Int?

    /// An example with these parts.
    package init(id: String, group: String? = nil, choices: [Choice], label: Int? = nil) {
        self.id = id
        self.group = group
        self.choices = choices
        self.label = label
    }
}
