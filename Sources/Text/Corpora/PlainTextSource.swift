/// Documents from plain text files, read in the given order, one line at a time.
package struct PlainTextSource: DocumentSource {
    /// How the files are laid out. In both, a blank line ends a document, and so does the end of a file.
    package enum Layout: String, Sendable, Codable, CaseIterable {
        /// One sentence per line.
        case sentences
        /// Running text, wrapped or one paragraph per line: lines up to a blank line are joined and split into
        /// sentences. A single line without a final mark is a heading and opens the document that follows.
        case paragraphs
    }

    /// Upper bounds on what is kept in memory.
    package struct Limits: Sendable {
        /// Bytes per line; longer lines are cut.
        package var lineBytes = 1 << 20
        /// Bytes per document; longer documents are cut between lines.
        package var documentBytes = 8 << 20

        /// 1 MiB per line, 8 MiB per document.
        package init() {}
    }

    private static let headingBytes = 100

    /// What was read so far; bytes and overlong lines are counted when a file ends.
    package private(set) var report = CorpusReport()
    private let files: [String]
    private let layout: Layout
    private let limits: Limits
    private let splitter = SentenceSplitter()
    private var reader: LineSource?
    private var nextFile = 0
    private var heading: [String] = []

    /// A source over `files`; throws `invalidParameter` if there is none.
    package init(files: [String], layout: Layout, limits: Limits = Limits()) throws(TextError) {
        guard !files.isEmpty else { throw TextError(.invalidParameter, "no input file is given") }
        self.files = files
        self.layout = layout
        self.limits = limits
    }

    /// The next document; throws `unreadable` if a file cannot be read.
    package mutating func next() throws(TextError) -> TextDocument? {
        while true {
            guard let lines = try nextBlock() else {
                guard !heading.isEmpty else { return nil }
                defer { heading = [] }
                return hand(out: heading)
            }
            guard layout == .paragraphs else { return hand(out: lines) }
            let text = lines.joined(separator: " ")
            if lines.count == 1 && isHeading(text) {
                heading.append(text)
                continue
            }
            let sentences = heading + splitter.split(text)
            heading = []
            return hand(out: sentences)
        }
    }

    private mutating func hand(out sentences: [String]) -> TextDocument {
        report.documents += 1
        report.sentences += sentences.count
        return TextDocument(sentences: sentences)
    }

    private func isHeading(_ text: String) -> Bool {
        guard text.utf8.count <= Self.headingBytes, let last = text.unicodeScalars.last else { return false }
        return !".!?:;\"')。！？".unicodeScalars.contains(last)
    }

    /// The non-blank lines up to the next blank line, the end of the file or the document limit; nil at the end.
    private mutating func nextBlock() throws(TextError) -> [String]? {
        var lines: [String] = []
        var size = 0
        while true {
            guard let line = try nextLine() else {
                if !lines.isEmpty { return lines }
                guard try openNextFile() else { return nil }
                continue
            }
            if line.isEmpty {
                if !lines.isEmpty { return lines }
                continue
            }
            lines.append(line)
            size += line.utf8.count
            if size > limits.documentBytes {
                report.splitDocuments += 1
                return lines
            }
        }
    }

    /// The next line of the open file, trimmed; nil at its end or when none is open.
    private mutating func nextLine() throws(TextError) -> String? {
        guard let reader else { return nil }
        guard let bytes = try reader.next() else {
            report.bytes += reader.bytes
            report.overlongLines += reader.overlongLines
            if reader.bytes == 0 { report.emptyDocuments += 1 }
            self.reader = nil
            return nil
        }
        let blanks: Set<UInt8> = [0x20, 0x09, 0x0B, 0x0C, 0x0D]
        var trimmed = bytes
        while let first = trimmed.first, blanks.contains(first) { trimmed.removeFirst() }
        while let last = trimmed.last, blanks.contains(last) { trimmed.removeLast() }
        if let text = String(validating: trimmed, as: UTF8.self) { return text }
        report.malformedLines += 1
        return String(decoding: trimmed, as: UTF8.self)
    }

    private mutating func openNextFile() throws(TextError) -> Bool {
        guard nextFile < files.count else { return false }
        reader = try LineSource(files[nextFile], limit: limits.lineBytes)
        nextFile += 1
        return true
    }
}

/// A line reader that a copyable source can hold.
private final class LineSource {
    private var reader: LineReader

    init(_ path: String, limit: Int) throws(TextError) { reader = try LineReader(path, limit: limit) }

    var bytes: Int { reader.bytes }
    var overlongLines: Int { reader.overlongLines }

    func next() throws(TextError) -> ArraySlice<UInt8>? { try reader.next() }
}
