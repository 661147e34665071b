/// Finds what a misspelt word was probably meant to be.
package enum NearestKey {
    /// The candidate within reach of `word` by the fewest edits, or nil if every one is too far to be a slip.
    package static func suggestion(for word: String, among candidates: [String]) -> String? {
        let reach = max(2, word.count / 3)
        return candidates.map { (distance: distance(word, $0), candidate: $0) }
            .filter { $0.distance <= reach && $0.distance < $0.candidate.count }
            .min { ($0.distance, $0.candidate) < ($1.distance, $1.candidate) }?.candidate
    }

    /// `; did you mean X?` for the candidate that is near enough, else nothing.
    package static func hint(for word: String, among candidates: [String]) -> String {
        suggestion(for: word, among: candidates).map { "; did you mean \($0)?" } ?? ""
    }

    /// Edit distance with insertions, deletions, substitutions and swaps of neighbours, one each.
    static func distance(_ left: String, _ right: String) -> Int {
        let (left, right) = (Array(left.utf8), Array(right.utf8))
        var beforePrevious: [Int] = []
        var previous = Array(0...right.count)
        for i in left.indices {
            var current = [i + 1]
            for j in right.indices {
                var best = min(previous[j + 1] + 1, current[j] + 1, previous[j] + (left[i] == right[j] ? 0 : 1))
                if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
                    best = min(best, beforePrevious[j - 1] + 1)
                }
                current.append(best)
            }
            (beforePrevious, previous) = (previous, current)
        }
        return previous[right.count]
    }
}
