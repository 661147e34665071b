import Algorithms
import Foundation
import Models
import Tensor
import Text

/// Prints the label of each word of a line: of its `tokens`, or of the words that its text is cut into.
///
/// JSON has per word its text, its place in the text (Unicode scalars, for texts that were cut here), its label, logits
/// and probabilities, and once the labels in the order of the logits.
func predictWords(_ line: InputLine, _ text: ModelText, labels: [String], json: Bool) throws {
    guard line.options == nil, line.pair == nil else {
        throw CommandError(
            .badData, "a model that labels words: expected a text, or one of the keys text, tokens and input_ids")
    }
    if let tokens = line.tokens { return try predictTokens(tokens, text, labels: labels, json: json) }
    let words = line.words.map { $0.map { PlacedWord(text: $0, range: nil) } } ?? placedWords(of: line.text)
    let encoding = try text.encoding(ofWords: words.map(\.text), in: line)
    let input = try text.input((encoding.ids, [Int32](repeating: 0, count: encoding.ids.count)))
    let logits = Tensor.withoutGradient { text.model.tokenLogits(input) }.doubles()
    let width = labels.count
    var objects: [[String: Any]] = []
    for (token, word) in zip(encoding.firstTokens, encoding.words) {
        let row = Array(logits[token * width..<(token + 1) * width])
        let (probabilities, best) = (Prediction.softmax(row), Prediction.best(row))
        guard json else {
            let place = words[word].range.map { "\t\($0.lowerBound)-\($0.upperBound)" } ?? ""
            print("\(words[word].text)\t\(labels[best])\t\(String(format: "%.3f", probabilities[best]))\(place)")
            continue
        }
        var object: [String: Any] = [
            "word": words[word].text, "index": word, "label": labels[best], "logits": row,
            "probabilities": probabilities,
        ]
        if let range = words[word].range { (object["start"], object["end"]) = (range.lowerBound, range.upperBound) }
        objects.append(object)
    }
    if json {
        try printJSON(["words": objects, "labels": labels])
    } else {
        print("")
    }
}

/// Prints the label of every token of a line of ids, special ones included; as JSON `label`, `logits` and `probabilities`
/// have an entry per token.
private func predictTokens(
    _ tokens: (ids: [Int32], typeIDs: [Int32]), _ text: ModelText, labels: [String], json: Bool
) throws {
    let input = try text.input(tokens)
    let logits = Tensor.withoutGradient { text.model.tokenLogits(input) }.doubles()
    let rows = tokens.ids.indices.map { Array(logits[$0 * labels.count..<($0 + 1) * labels.count]) }
    let names = rows.map { labels[Prediction.best($0)] }
    if json {
        try printJSON([
            "input_ids": tokens.ids, "tokens": text.spelling(tokens.ids), "label": names, "logits": rows,
            "probabilities": rows.map(Prediction.softmax), "labels": labels,
        ])
    } else {
        for (token, name) in zip(text.spelling(tokens.ids), names) { print("\(token)\t\(name)") }
        print("")
    }
}

/// Prints which of its options a line's question has as its answer: for models that choose.
func predictChoice(_ line: InputLine, _ text: ModelText, json: Bool) throws {
    guard let options = line.options else {
        throw CommandError(.badData, "a model that chooses answers: expected a JSON object with context and options")
    }
    let tokens = try options.map { option in
        var pair = line
        pair.pair = option
        return try text.tokens(pair)
    }
    let input = try text.input(tokens)
    let logits = Tensor.withoutGradient { text.model.choiceLogits(input) }.doubles()
    let (probabilities, best) = (Prediction.softmax(logits), Prediction.best(logits))
    if json {
        try printJSON(["logits": logits, "probabilities": probabilities, "choice": best])
    } else {
        print("\(best) (\(String(format: "%.3f", probabilities[best])))\t\(options[best])")
    }
}
