/// The labelled set that comes with the package descriptions: text to archive section, as `label TAB text` lines.
/// Packages of one source stay on one side, since they share paragraphs.
package enum SectionDataset {
    /// Examples written per file.
    package struct Counts: Sendable, Hashable, Codable {
        /// Lines of `train.tsv`.
        package var train = 0
        /// Lines of `dev.tsv`.
        package var dev = 0
        /// Lines of `test.tsv`.
        package var test = 0
        /// Packages left out because their section is unknown or has fewer than `minimumExamples`.
        package var leftOut = 0
    }

    /// Sections with fewer examples are left out: no split of them could be measured.
    package static let minimumExamples = 50

    /// Writes `train.tsv`, `dev.tsv` and `test.tsv` (80, 10 and 10 % of the source packages) to `directory`.
    static func write(_ packages: DebianPackages, to directory: String) throws(TextError) -> Counts {
        var sizes: [String: Int] = [:]
        for entry in packages.entries { if let section = entry.section { sizes[section, default: 0] += 1 } }
        try Folders.create(directory)
        let train = try OutputFile("\(directory)/train.tsv")
        let dev = try OutputFile("\(directory)/dev.tsv")
        let test = try OutputFile("\(directory)/test.tsv")
        var counts = Counts()
        for entry in packages.entries {
            guard let section = entry.section, sizes[section, default: 0] >= minimumExamples else {
                counts.leftOut += 1
                continue
            }
            let line = Array("\(section)\t\(entry.text)\n".utf8)
            switch StableHash.of("section of \(entry.source)") % 10 {
            case 0:
                try test.append(line)
                counts.test += 1
            case 1:
                try dev.append(line)
                counts.dev += 1
            default:
                try train.append(line)
                counts.train += 1
            }
        }
        for file in [train, dev, test] { try file.finish() }
        return counts
    }
}
