/// Entities of tagged sentences, found and compared by the default rules of seqeval: tags `B-`, `I-`, `E-`, `S-` and `O`
/// in any of their schemes, an `I-` or `E-` after another type or none starting an entity.
package struct EntityMetrics: Sendable, Hashable {
    /// An entity: its type, and its words as indices in the sentence.
    package struct Entity: Sendable, Hashable {
        /// What comes after the `-` of its tags.
        package let type: String
        /// Its words.
        package let words: Range<Int>
    }

    /// Entities that were found with the right type and the right words.
    package private(set) var correct = 0
    /// Entities that were found.
    package private(set) var predicted = 0
    /// Entities that there are.
    package private(set) var actual = 0
    /// Words with the right tag.
    package private(set) var correctWords = 0
    /// Words.
    package private(set) var words = 0

    /// Counts over sentences; both sides have a tag for each word.
    package init(predictions: [[String]], labels: [[String]]) {
        for (prediction, label) in zip(predictions, labels) {
            let found = Set(Self.entities(prediction))
            let wanted = Set(Self.entities(label))
            correct += found.intersection(wanted).count
            predicted += found.count
            actual += wanted.count
            correctWords += zip(prediction, label).count { $0 == $1 }
            words += label.count
        }
    }

    /// The share of found entities that are right.
    package var precision: Double { ratio(Double(correct), Double(predicted)) }
    /// The share of the entities that were found.
    package var recall: Double { ratio(Double(correct), Double(actual)) }
    /// The harmonic mean of both.
    package var f1: Double { ratio(2 * precision * recall, precision + recall) }
    /// The share of words with the right tag.
    package var accuracy: Double { ratio(Double(correctWords), Double(words)) }

    /// The entities of a sentence, in order.
    package static func entities(_ tags: [String]) -> [Entity] {
        var entities: [Entity] = []
        var previous = Tag("O")
        var start = 0
        for (index, text) in (tags + ["O"]).enumerated() {
            let tag = Tag(text)
            if previous.ends(before: tag) { entities.append(Entity(type: previous.type, words: start..<index)) }
            if tag.starts(after: previous) { start = index }
            previous = tag
        }
        return entities
    }

    /// A tag in its parts.
    private struct Tag {
        let mark: Character
        let type: String

        init(_ text: String) {
            mark = text.first ?? "O"
            let rest = text.dropFirst()
            let type = rest.firstIndex(of: "-").map { rest[rest.index(after: $0)...] } ?? rest
            self.type = type.isEmpty ? "_" : String(type)
        }

        /// Whether an entity whose last word has this tag ends before a word with the next.
        func ends(before next: Tag) -> Bool {
            switch (mark, next.mark) {
            case ("E", _), ("S", _), ("B", "B"), ("B", "S"), ("B", "O"), ("I", "B"), ("I", "S"), ("I", "O"): true
            default: mark != "O" && mark != "." && type != next.type
            }
        }

        /// Whether a word with this tag starts an entity when it comes after `previous`.
        func starts(after previous: Tag) -> Bool {
            switch (previous.mark, mark) {
            case (_, "B"), (_, "S"), ("E", "E"), ("E", "I"), ("S", "E"), ("S", "I"), ("O", "E"), ("O", "I"): true
            default: mark != "O" && mark != "." && previous.type != type
            }
        }
    }
}
