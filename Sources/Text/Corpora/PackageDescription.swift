/// A package description as text: the synopsis, and blocks (paragraphs and list items) of joined lines
/// (Debian Policy §5.6.13: `.` alone is a blank line; deeper lines are verbatim, in practice lists).
struct PackageDescription {
    private static let bullets: Set<String> = ["*", "-", "o", "+", "•", "·", "--", "**"]

    let synopsis: String
    let blocks: [String]

    /// Parses a control field: the first line is the synopsis, the others the body.
    init(_ field: String) {
        let lines = field.split(separator: "\n", omittingEmptySubsequences: false)
        synopsis = Self.words(lines[0]).joined(separator: " ")
        var blocks: [String] = []
        var words: [Substring] = []
        var itemDepth: Int?
        func close() {
            if words.contains(where: { $0.contains { $0.isLetter } }) { blocks.append(words.joined(separator: " ")) }
            words = []
            itemDepth = nil
        }
        for line in lines.dropFirst() {
            var content = Self.words(line)
            if content.isEmpty || content == ["."] {
                close()
                continue
            }
            let depth = line.prefix { $0 == " " || $0 == "\t" }.count
            if content.count > 1 && Self.bullets.contains(String(content[0])) {
                close()
                itemDepth = depth
                content.removeFirst()
            } else if let open = itemDepth {
                // Deeper lines go on with the item; so do lines at the margin after a bullet at the margin.
                if depth < open || depth == open && depth > 0 { close() }
            } else if depth > 0 {
                close()
            }
            words += content
        }
        close()
        self.blocks = blocks
    }

    private static func words(_ line: Substring) -> [Substring] {
        line.split { $0 == " " || $0 == "\t" || $0 == "\r" }
    }
}
