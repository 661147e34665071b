import Foundation
import Testing
import Text

@Suite struct DebianPackagesTests {
    static let packages = """
        Package: zebra
        Source: stripes (1.2)
        Section: contrib/utils
        Description: striped tool

        Package: libzebra-dev
        Source: stripes
        Section: libdevel
        Description: striped tool (headers)

        Package: apple
        Section: games
        Description: fruit

        Package: bare
        Section: games
        Description: synopsis only

        """

    static let translations = """
        Package: zebra
        Description-md5: 0123
        Description-en: striped  tool
         Zebra draws stripes. It is
         fast, e.g. on small paper.
         .
         Features:
          * many colours
            and widths;
          * undo.
         - a bullet at the margin
         that goes on
         .
         ----

        Package: libzebra-dev
        Description-en: striped tool (headers)
         Zebra draws stripes. It is
         fast, e.g. on small paper.
         .
         This package contains headers.

        Package: apple
        Description-en: fruit
         An apple a day.

        Package: apple-twin
        Description-en: fruit
         An apple a day.

        Package: bare
        Description-en: synopsis only

        """

    private func write(_ directory: TemporaryDirectory) throws -> AptLists {
        try directory.write("example_dists_stable_main_binary-amd64_Packages", Self.packages)
        try directory.write("example_dists_stable_main_i18n_Translation-en", Self.translations)
        try directory.write("example_dists_stable_InRelease", "not a list")
        return try #require(AptLists(existingIn: directory.path))
    }

    @Test func descriptionsBecomeParagraphsAndItems() throws {
        let directory = try TemporaryDirectory()
        let corpus = try DebianPackages(write(directory))
        #expect(corpus.entries.map(\.name) == ["apple", "libzebra-dev", "zebra"])
        let zebra = try #require(corpus.entries.last)
        #expect(zebra.source == "stripes" && zebra.section == "utils" && zebra.synopsis == "striped tool")
        let expected = [
            "Zebra draws stripes. It is fast, e.g. on small paper.", "Features:", "many colours and widths;", "undo.",
            "a bullet at the margin that goes on",
        ]
        #expect(zebra.blocks == expected)
    }

    @Test func duplicatesAndEmptyDescriptionsAreLeftOutAndCounted() throws {
        let directory = try TemporaryDirectory()
        let corpus = try DebianPackages(write(directory))
        #expect(corpus.report.duplicateDocuments == 1)
        #expect(corpus.report.emptyDocuments == 1)
    }

    @Test func documentsAreKeyedBySourceAndSplitIntoSentences() throws {
        let directory = try TemporaryDirectory()
        var source = try DebianPackages(write(directory)).documents(holdout: .nothing)
        var documents: [TextDocument] = []
        while let document = source.next() { documents.append(document) }
        #expect(documents.map(\.key) == ["apple", "stripes", "stripes"])
        let headers = [
            "striped tool (headers)", "Zebra draws stripes.", "It is fast, e.g. on small paper.",
            "This package contains headers.",
        ]
        #expect(documents[1].sentences == headers)
        #expect(source.report.documents == 3)
    }

    @Test func heldOutDocumentsShareNoParagraphWithTraining() throws {
        let directory = try TemporaryDirectory()
        var list = ""
        for index in 0..<400 {
            list += "Package: p\(index)\nDescription-en: tool \(index)\n Common \(index % 7).\n .\n Only \(index).\n\n"
        }
        try directory.write("x_Packages", "Package: p0\nSection: misc\nDescription: x\n\n")
        try directory.write("x_Translation-en", list)
        let corpus = try DebianPackages(#require(AptLists(existingIn: directory.path)))
        let holdout = try HoldoutRule(share: 0.2)
        var source = corpus.documents(holdout: holdout)
        var train: Set<String> = []
        var heldout: [TextDocument] = []
        while let document = source.next() {
            if holdout.holdsOut(document) { heldout.append(document) } else { train.formUnion(document.sentences) }
        }
        #expect((50...110).contains(heldout.count), "\(heldout.count) of 400 held out")
        for document in heldout { #expect(train.isDisjoint(with: document.sentences), "\(document)") }
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/lib/apt/apt-helper"), "apt is not installed"))
    func compressedListsAreReadThroughApt() throws {
        let directory = try TemporaryDirectory()
        _ = try write(directory)
        let name = "example_dists_stable_main_i18n_Translation-en"
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/gzip")
        process.arguments = ["\(directory.path)/\(name)"]
        try process.run()
        process.waitUntilExit()
        #expect(directory.contains(name + ".gz"))
        let lists = try #require(AptLists(existingIn: directory.path))
        #expect(lists.translations == ["\(directory.path)/\(name).gz"])
        #expect(try DebianPackages(lists).entries.count == 3)
    }

    @Test func listsWithoutTranslationsAreNoCorpus() throws {
        let directory = try TemporaryDirectory()
        try directory.write("x_Packages", Self.packages)
        #expect(AptLists(existingIn: directory.path) == nil)
        #expect(AptLists(existingIn: "/nowhere") == nil)
        try directory.write("x_Translation-en", "\n\n")
        let error = #expect(throws: TextError.self) {
            try DebianPackages(#require(AptLists(existingIn: directory.path)))
        }
        #expect(error?.code == .emptyCorpus)
    }
}
