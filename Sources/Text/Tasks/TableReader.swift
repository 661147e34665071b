/// How the rows of a text file are cut into fields.
enum TableFormat: Sendable, Hashable {
    /// TABs between fields; a quotation mark is a character like any other, as in the GLUE files.
    case tabs
    /// Commas between fields; fields in quotation marks may hold commas, line ends and doubled quotation marks (RFC 4180).
    case commas
    /// Blanks between fields; the last of so many holds the rest of the line.
    case blanks(columns: Int)
}

/// One row of a table.
struct TableRow {
    /// The file.
    let path: String
    /// The line on which the row starts, from 1.
    let line: Int
    /// The fields as bytes; most readers need few of them as text.
    let fields: [ArraySlice<UInt8>]

    /// Where the row is: `path:line`.
    var place: String { "\(path):\(line)" }

    /// The text of a field.
    func text(_ column: Int) throws(TextError) -> String {
        guard fields.indices.contains(column) else {
            throw TextError(
                .malformedDataset, "\(place): expected at least \(column + 1) columns, got \(fields.count)")
        }
        return try decodeText(fields[column], place: "\(place): column \(column)")
    }
}

/// The text that bytes spell; throws for bytes that are no UTF-8.
func decodeText(_ bytes: ArraySlice<UInt8>, place: @autoclosure () -> String) throws(TextError) -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else {
        throw TextError(.malformedDataset, "\(place()): not valid UTF-8")
    }
    return text
}

/// Calls `body` with each line of a text file and its number from 1; a byte order mark is no part of the first.
func readLines(
    _ path: String, _ body: (Int, ArraySlice<UInt8>) throws(TextError) -> Void
) throws(TextError) {
    // An article of RACE has a few thousand bytes; this only bounds the memory that a file without line ends takes.
    let limit = 1 << 24
    var reader = try LineReader(path, limit: limit)
    var number = 0
    while var line = try reader.next() {
        number += 1
        guard reader.overlongLines == 0 else {
            throw TextError(.malformedDataset, "\(path):\(number): the line is longer than \(limit) bytes")
        }
        if number == 1 && line.starts(with: [0xEF, 0xBB, 0xBF]) { line = line.dropFirst(3) }
        try body(number, line)
    }
}

/// Calls `body` with each row of a table. Empty lines are no rows.
func readTable(
    _ path: String, _ format: TableFormat, _ body: (TableRow) throws(TextError) -> Void
) throws(TextError) {
    var quoted = QuotedRow()
    try readLines(path) { number, line throws(TextError) in
        switch format {
        case .tabs:
            if line.isEmpty { return }
            let fields = line.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
            try body(TableRow(path: path, line: number, fields: fields))
        case .blanks(let columns):
            if line.isEmpty { return }
            let fields = line.split(
                separator: UInt8(ascii: " "), maxSplits: columns - 1, omittingEmptySubsequences: false)
            try body(TableRow(path: path, line: number, fields: fields))
        case .commas:
            if line.isEmpty && !quoted.isOpen { return }
            if let fields = quoted.add(line, number) {
                try body(TableRow(path: path, line: quoted.firstLine, fields: fields))
            }
        }
    }
    if quoted.isOpen {
        throw TextError(.malformedDataset, "\(path):\(quoted.firstLine): a quotation mark is never closed")
    }
}

/// A row of comma-separated fields that may go over several lines.
private struct QuotedRow {
    private var fields: [ArraySlice<UInt8>] = []
    private var field: [UInt8] = []
    private(set) var isOpen = false
    private(set) var firstLine = 0

    /// Takes one more line; the fields if the row ends with it.
    mutating func add(_ line: ArraySlice<UInt8>, _ number: Int) -> [ArraySlice<UInt8>]? {
        let quote = UInt8(ascii: "\"")
        if isOpen {
            field.append(UInt8(ascii: "\n"))
        } else {
            (fields, field, firstLine) = ([], [], number)
        }
        var atStart = !isOpen
        var index = line.startIndex
        while index < line.endIndex {
            let byte = line[index]
            index += 1
            if isOpen {
                if byte != quote {
                    field.append(byte)
                } else if index < line.endIndex && line[index] == quote {
                    field.append(quote)
                    index += 1
                } else {
                    isOpen = false
                }
            } else if byte == UInt8(ascii: ",") {
                fields.append(field[...])
                field = []
                atStart = true
                continue
            } else if byte == quote && atStart {
                isOpen = true
            } else {
                field.append(byte)
            }
            atStart = false
        }
        if isOpen { return nil }
        fields.append(field[...])
        return fields
    }
}
