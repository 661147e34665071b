/// The candidate at the smallest edit distance, if that distance is at most half the word's length.
package func nearestWord(to word: String, among candidates: some Sequence<String>) -> String? {
    let scored = candidates.map { (distance: editDistance(word, $0), word: $0) }
    guard let best = scored.min(by: { ($0.distance, $0.word) < ($1.distance, $1.word) }) else { return nil }
    return best.distance <= max(1, word.count / 2) ? best.word : nil
}

/// Levenshtein distance over characters.
private func editDistance(_ first: String, _ second: String) -> Int {
    let (first, second) = (Array(first), Array(second))
    var row = Array(0...second.count)
    for (i, left) in first.enumerated() {
        var diagonal = row[0]
        row[0] = i + 1
        for (j, right) in second.enumerated() {
            let substitution = diagonal + (left == right ? 0 : 1)
            diagonal = row[j + 1]
            row[j + 1] = min(substitution, row[j] + 1, row[j + 1] + 1)
        }
    }
    return row[second.count]
}
