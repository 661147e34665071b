/// Which character of a passage each character of its pieces stands for: a longest common subsequence within a band
/// around the diagonal, since pieces and text differ little (the rule of ALBERT's programs for SQuAD).
struct PassageAlignment {
    /// Nothing stands there.
    private static let none: Int32 = -1
    /// A step of the search is a byte, so this bounds its memory.
    private static let largestTable = 1 << 27

    private enum Step: UInt8 { case nothing, up, left, match }

    /// For each character of the passage its character of the pieces.
    private var pieceCharacters: [Int32]
    /// For each character of the pieces its character of the passage.
    private var passageCharacters: [Int32]

    /// Aligns a passage, whose characters were preprocessed one by one, with the characters of its pieces; nil if fewer
    /// than 0.8 of the passage's characters find a partner.
    init?(passage: [Unicode.Scalar?], pieces: [Unicode.Scalar]) {
        let (count, pieceCount) = (passage.count, pieces.count)
        // Matches need as many partners; what can't reach the threshold is not searched.
        guard count > 0, Double(min(count, pieceCount)) >= 0.8 * Double(count) else { return nil }
        var reach = abs(count - pieceCount) + 5
        var found: (matches: Int, width: Int, steps: [UInt8]) = (0, 0, [])
        for _ in 0..<2 {
            guard let table = Self.search(passage, pieces, reach: reach) else { return nil }
            found = table
            if Double(found.matches) > 0.8 * Double(count) { break }
            reach *= 2
        }
        // The second search, if there was one, had twice the reach that `reach` held before it.
        let used = found.width / 2
        guard found.matches > 0, Double(found.matches) >= 0.8 * Double(count) else { return nil }
        pieceCharacters = [Int32](repeating: Self.none, count: count)
        passageCharacters = [Int32](repeating: Self.none, count: pieceCount)
        var (row, column) = (count - 1, pieceCount - 1)
        trace: while row >= 0 && column >= 0, (row - used..<row + used).contains(column) {
            switch Step(rawValue: found.steps[row * found.width + column - row + used]) {
            case .match:
                pieceCharacters[row] = Int32(column)
                passageCharacters[column] = Int32(row)
                row -= 1
                column -= 1
            case .left: column -= 1
            case .up: row -= 1
            case .nothing, nil: break trace
            }
        }
    }

    /// The steps of the search with `j` in `[i - reach, i + reach)` for each passage character `i`, and the length of
    /// the subsequence; nil if that takes too much memory.
    private static func search(
        _ passage: [Unicode.Scalar?], _ pieces: [Unicode.Scalar], reach: Int
    ) -> (matches: Int, width: Int, steps: [UInt8])? {
        let width = 2 * reach
        let (size, overflows) = passage.count.multipliedReportingOverflow(by: width)
        guard !overflows, size <= largestTable else { return nil }
        var steps = [UInt8](repeating: Step.nothing.rawValue, count: size)
        // Lengths up to the row before, and of this row, by column; 0 outside the band.
        var previous = [Int32](repeating: 0, count: pieces.count)
        var current = previous
        for row in passage.indices {
            let columns = max(0, row - reach)..<min(pieces.count, row + reach)
            var left: Int32 = 0
            for column in columns {
                var (best, step) = (Int32(0), Step.nothing)
                if row > 0 { (best, step) = (column < row - 1 + reach ? previous[column] : 0, .up) }
                if column > 0 && left > best { (best, step) = (left, .left) }
                let diagonal = row > 0 && column > 0 ? previous[column - 1] : 0
                if passage[row] == pieces[column] && diagonal + 1 > best { (best, step) = (diagonal + 1, .match) }
                steps[row * width + column - row + reach] = step.rawValue
                current[column] = best
                left = best
            }
            swap(&previous, &current)
        }
        return (Int(previous.last ?? 0), width, steps)
    }

    /// The character of the pieces at a place of the passage.
    func pieceCharacter(_ place: Int, isStart: Bool) -> Int {
        Self.convert(pieceCharacters, place, limit: nil, isStart: isStart)
    }

    /// The place in the passage of a character of the pieces.
    func place(_ pieceCharacter: Int, isStart: Bool) -> Int {
        Self.convert(passageCharacters, pieceCharacter, limit: pieceCharacters.count, isStart: isStart)
    }

    /// The partner of `place`; if it has none, the end of the gap between its neighbours' partners, or where there is
    /// no gap a neighbour's. `limit` is the number of partners, where a gap may reach to the last.
    private static func convert(_ partners: [Int32], _ place: Int, limit: Int?, isStart: Bool) -> Int {
        if partners[place] != none { return Int(partners[place]) }
        let before = partners[...place].last { $0 != none }.map(Int.init)
        let after = partners[place...].first { $0 != none }.map(Int.init)
        switch (before, after) {
        case (nil, let after?): return isStart ? 0 : max(after - 1, 0)
        case (let before?, nil):
            guard let limit, before < limit - 1 else { return before }
            return isStart ? before + 1 : limit - 1
        case (let before?, let after?):
            if isStart { return after > before + 1 ? before + 1 : after }
            return after > before + 1 ? after - 1 : before
        case (nil, nil): return 0
        }
    }
}
