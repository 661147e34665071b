import Glibc
import Tensor

/// Cross-entropy over the rows of groups: in each column of [R, columns] logits, a softmax over the rows of a group.
struct GroupedSoftmax {
    /// The rows of each group.
    let groups: SequenceOffsets
    let columns: Int

    /// Σ over columns c of Σ ce / `denominators[c]` over groups, and the sums per column. `labels[c]` names a row of each
    /// group, nil for groups that do not count.
    func loss(_ logits: Tensor, labels: [[Int?]], denominators: [Double]) -> (loss: Tensor, sums: [LossSums]) {
        precondition(
            logits.shape == [groups.tokenCount, columns] && labels.allSatisfy { $0.count == groups.count },
            "logits \(logits.shape) and labels of \(labels.map(\.count)) groups for \(groups.count) groups of "
                + "\(groups.tokenCount) rows in \(columns) columns")
        var sums = [LossSums](repeating: LossSums(), count: columns)
        let loss = logits.objective { values in
            var gradient = [Double](repeating: 0, count: values.count)
            for column in 0..<columns {
                for (group, label) in labels[column].enumerated() {
                    guard let label else { continue }
                    let first = groups.starts[group] * columns + column
                    let places = stride(from: first, to: first + groups.lengths[group] * columns, by: columns)
                    add(
                        values, places, label: label, scale: 1 / denominators[column], to: &sums[column],
                        gradient: &gradient)
                }
            }
            return (zip(sums, denominators).reduce(0) { $0 + $1.0.loss / $1.1 }, gradient)
        }
        return (loss, sums)
    }

    /// The part of one group.
    private func add(
        _ values: [Double], _ places: StrideTo<Int>, label: Int, scale: Double, to sums: inout LossSums,
        gradient: inout [Double]
    ) {
        let rows = places.map { values[$0] }
        precondition(rows.indices.contains(label), "label \(label) is outside its group of \(rows.count) rows")
        let peak = rows.max() ?? 0
        let exponentials = rows.map { exp($0 - peak) }
        let total = exponentials.reduce(0, +)
        sums.loss += peak + log(total) - rows[label]
        sums.weight += 1
        if rows.firstIndex(of: peak) == label { sums.correct += 1 }
        for (row, place) in places.enumerated() {
            gradient[place] = scale * (exponentials[row] / total - (row == label ? 1 : 0))
        }
    }
}
