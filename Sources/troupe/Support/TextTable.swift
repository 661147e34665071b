import Foundation

/// Rows of cells as text with aligned columns: the first flush left, the others flush right.
struct TextTable {
    private var rows: [[String]] = []

    /// A table with these column titles, or without any.
    init(_ titles: String...) {
        if !titles.isEmpty { rows.append(titles) }
    }

    /// Adds a row; all rows have the same number of cells.
    mutating func add(_ cells: String...) {
        precondition(
            rows.isEmpty || rows[0].count == cells.count, "a row of \(cells.count) cells in a table of \(rows[0].count)"
        )
        rows.append(cells)
    }

    /// The lines, indented by two blanks.
    var text: String {
        let widths = (rows.first ?? []).indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = zip(row, widths).enumerated().map { column, cell in
                let padding = String(repeating: " ", count: cell.1 - cell.0.count)
                return column == 0 ? cell.0 + padding : padding + cell.0
            }
            return "  " + cells.joined(separator: "  ")
        }.joined(separator: "\n")
    }
}

extension Double {
    /// With so many digits after the point.
    func fixed(_ digits: Int) -> String { String(format: "%.\(digits)f", self) }

    /// As a share of `whole`, in percent.
    func percent(of whole: Double) -> String { whole > 0 ? "\((100 * self / whole).fixed(1)) %" : "-" }
}
