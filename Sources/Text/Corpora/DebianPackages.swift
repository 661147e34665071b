internal import Foundation

/// The descriptions of Debian packages as a corpus: one document per distinct description, in the order of package
/// names. Documents are keyed by source package, so that a library, its headers and its manual, which share
/// paragraphs, fall on the same side of a split.
package struct DebianPackages: Sendable {
    /// One package with a description of its own.
    package struct Entry: Sendable {
        /// The package name.
        package let name: String
        /// The source package, which several packages may share.
        package let source: String
        /// The archive section without its area (`utils`, not `contrib/utils`); nil if only the text is known.
        package let section: String?
        /// The one-line summary.
        package let synopsis: String
        /// Paragraphs and list items.
        package let blocks: [String]

        /// The whole text on one line.
        package var text: String { ([synopsis] + blocks).joined(separator: " ") }
    }

    /// Sorted by name.
    package let entries: [Entry]
    /// What was read and left out.
    package let report: CorpusReport
    /// SHA-256 over the lists that were read, names and contents.
    package let digest: String

    /// Reads the lists and joins descriptions with sections. Throws `command`, `unreadable`, or `emptyCorpus`.
    package init(_ lists: AptLists) throws(TextError) {
        var report = CorpusReport()
        var digest = ContentDigest()
        var details: [String: (source: String, section: String?)] = [:]
        var descriptions: [String: String] = [:]
        let read = { (path: String) throws(TextError) -> ControlFile in
            let bytes = try AptLists.contents(of: path)
            report.bytes += bytes.count
            digest.update(field: URL(fileURLWithPath: path).lastPathComponent)
            digest.update(field: ContentDigest.of(bytes))
            return ControlFile(
                bytes, wanted: ["Package", "Source", "Section", "Description", "Description-en"])
        }
        for path in lists.packages {
            var file = try read(path)
            while let stanza = file.next() {
                guard let name = stanza["Package"], details[name] == nil else { continue }
                // A source may carry a version in parentheses.
                let source = stanza["Source"]?.split(separator: " ").first.map(String.init) ?? name
                let section = stanza["Section"]?.split(separator: "/").last.map(String.init)
                details[name] = (source, section)
                // Third-party archives have no translations: the list itself holds the long text.
                if let text = stanza["Description"], text.contains("\n") { descriptions[name] = text }
            }
            report.malformedLines += file.malformedLines
        }
        for path in lists.translations {
            var file = try read(path)
            while let stanza = file.next() {
                guard let name = stanza["Package"], let text = stanza["Description-en"] else { continue }
                if descriptions[name] == nil { descriptions[name] = text }
            }
            report.malformedLines += file.malformedLines
        }
        var entries: [Entry] = []
        var seen: Set<String> = []
        for name in descriptions.keys.sorted() {
            guard let field = descriptions[name] else { continue }
            let description = PackageDescription(field)
            let detail = details[name]
            let entry = Entry(
                name: name, source: detail?.source ?? name, section: detail?.section,
                synopsis: description.synopsis, blocks: description.blocks)
            if entry.blocks.isEmpty {
                report.emptyDocuments += 1
            } else if seen.insert(entry.text).inserted {
                entries.append(entry)
            } else {
                report.duplicateDocuments += 1
            }
        }
        guard !entries.isEmpty else {
            throw TextError(.emptyCorpus, "no package description in \(lists.translations.joined(separator: ", "))")
        }
        self.entries = entries
        self.report = report
        self.digest = digest.hexadecimal()
    }

    /// The documents, sentence by sentence. A held-out document keeps only the paragraphs that no training document
    /// has word for word; one that keeps none is left out and counted as a duplicate.
    package func documents(holdout: HoldoutRule) -> DebianPackageDocuments {
        DebianPackageDocuments(self, holdout: holdout)
    }
}

/// The documents of `DebianPackages`.
package struct DebianPackageDocuments: DocumentSource {
    /// What was read so far, the lists included.
    package private(set) var report: CorpusReport
    private let entries: [DebianPackages.Entry]
    private let holdout: HoldoutRule
    private let trainingBlocks: Set<UInt64>
    private let splitter = SentenceSplitter()
    private var position = 0

    fileprivate init(_ packages: DebianPackages, holdout: HoldoutRule) {
        entries = packages.entries
        report = packages.report
        self.holdout = holdout
        trainingBlocks = Set(
            packages.entries.lazy.filter { !holdout.holdsOut(key: $0.source) }
                .flatMap { $0.blocks.map(StableHash.of) })
    }

    /// The next document in the order of package names.
    package mutating func next() -> TextDocument? {
        while position < entries.count {
            let entry = entries[position]
            position += 1
            let isHeldOut = holdout.holdsOut(key: entry.source)
            let blocks = entry.blocks.filter { !isHeldOut || !trainingBlocks.contains(StableHash.of($0)) }
            guard !blocks.isEmpty else {
                report.duplicateDocuments += 1
                continue
            }
            let sentences = [entry.synopsis] + blocks.flatMap { splitter.split($0) }
            report.documents += 1
            report.sentences += sentences.count
            return TextDocument(key: entry.source, sentences: sentences)
        }
        return nil
    }
}
