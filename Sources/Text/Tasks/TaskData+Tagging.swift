extension TaskData {
    /// The sentences of one part of the data of a tagging task: a word per line, its tag in the last field, sentences apart
    /// by empty lines or `-DOCSTART-`.
    ///
    /// - Throws: `unreadable` if there is no such file, `malformedDataset` naming file and line, `emptyCorpus` if there is
    ///   no sentence.
    package func tagging(_ split: DataSplit) throws(TextError) -> TaskExamples<TaggingExample> {
        guard task.layout == .conll else {
            throw TextError(.invalidParameter, "task \(task.name) is \(task.kind.rawValue), not tagging")
        }
        let path = try file(split)
        var sentences: [TaggingExample] = []
        var words: [String] = []
        var tags: [String] = []
        // Only test data may lack tags, and then all of them.
        var isTagged: Bool?
        func endSentence() {
            if words.isEmpty { return }
            sentences.append(
                TaggingExample(
                    id: "\(split.rawValue)-\(sentences.count + 1)", words: words, tags: isTagged == true ? tags : nil))
            (words, tags) = ([], [])
        }
        try readLines(path) { number, line throws(TextError) in
            let fields = line.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
            guard let first = fields.first, !first.starts(with: "-DOCSTART-".utf8) else {
                endSentence()
                return
            }
            let place = "\(path):\(number)"
            let hasTag = fields.count > 1
            guard hasTag || split == .test, isTagged ?? hasTag == hasTag else {
                throw TextError(
                    .malformedDataset,
                    hasTag
                        ? "\(place): a tag, but the lines before have none"
                        : "\(place): expected a word and a tag, got one field")
            }
            isTagged = hasTag
            words.append(try decodeText(first, place: place))
            guard hasTag else { return }
            let tag = try decodeText(fields[fields.count - 1], place: place)
            try check(tag, place: place)
            tags.append(tag)
        }
        endSentence()
        guard !sentences.isEmpty else { throw TextError(.emptyCorpus, "\(path): no sentence is in it") }
        var report = ReadReport()
        report.paths = [path]
        report.examples = sentences.count
        return TaskExamples(examples: sentences, report: report)
    }
}
