import Testing
import Text

@Suite struct PlainTextSourceTests {
    private func documents(
        _ source: PlainTextSource
    ) throws -> (documents: [[String]], report: CorpusReport) {
        var source = source
        var documents: [[String]] = []
        while let document = try source.next() { documents.append(document.sentences) }
        return (documents, source.report)
    }

    @Test func blankLinesAndFileEndsEndDocuments() throws {
        let directory = try TemporaryDirectory()
        let first = try directory.write("a.txt", "\n\none\ntwo \r\n  \t\n\nthree\n")
        let second = try directory.write("b.txt", "four")
        let (documents, report) = try documents(PlainTextSource(files: [first, second], layout: .sentences))
        #expect(documents == [["one", "two"], ["three"], ["four"]])
        #expect(report.documents == 3 && report.sentences == 4)
        #expect(report.bytes == 27 && report.malformedLines == 0)
    }

    @Test func paragraphsAreJoinedAndSplitIntoSentences() throws {
        let directory = try TemporaryDirectory()
        let text = "= A title =\n\nFirst line\ngoes on. Second one!\n\nOther paragraph.\n\nLast heading\n"
        let file = try directory.write("a.txt", text)
        let (documents, _) = try documents(PlainTextSource(files: [file], layout: .paragraphs))
        let expected = [
            ["= A title =", "First line goes on.", "Second one!"], ["Other paragraph."], ["Last heading"],
        ]
        #expect(documents == expected)
    }

    @Test func malformedBytesAreRepairedAndCounted() throws {
        let directory = try TemporaryDirectory()
        let bytes = Array("good\nb".utf8) + [0xFF] + Array("d\n".utf8) + [0xC3] + Array("\n\nfine é\n".utf8)
        let file = try directory.write("a.txt", bytes)
        let (documents, report) = try documents(PlainTextSource(files: [file], layout: .sentences))
        #expect(documents == [["good", "b\u{FFFD}d", "\u{FFFD}"], ["fine é"]])
        #expect(report.malformedLines == 2)
        #expect(report.description.contains("2 lines of malformed UTF-8 repaired"))
    }

    @Test func noByteStringStopsTheReader() throws {
        let directory = try TemporaryDirectory()
        for seed in 0..<40 as Range<UInt64> {
            var generator = SplitMix64(seed: seed, 2)
            let bytes = (0..<generator.below(3000)).map { _ in
                generator.below(12) == 0 ? UInt8(ascii: "\n") : UInt8(generator.below(256))
            }
            let file = try directory.write("noise.txt", bytes)
            var limits = PlainTextSource.Limits()
            limits.lineBytes = 64
            limits.documentBytes = 300
            for layout in PlainTextSource.Layout.allCases {
                let (documents, report) = try documents(
                    PlainTextSource(files: [file], layout: layout, limits: limits))
                #expect(report.bytes == bytes.count, "seed \(seed)")
                #expect(!documents.contains { $0.isEmpty || $0.contains("") }, "seed \(seed)")
            }
        }
    }

    @Test func overlongLinesAreCutBetweenCharacters() throws {
        let directory = try TemporaryDirectory()
        let line = String(repeating: "é", count: 100)
        let file = try directory.write("a.txt", line + "\nshort\n" + "word " + line + "\n")
        var limits = PlainTextSource.Limits()
        limits.lineBytes = 33
        let (documents, report) = try documents(PlainTextSource(files: [file], layout: .sentences, limits: limits))
        #expect(report.overlongLines == 2)
        #expect(report.malformedLines == 0)
        #expect(documents.count == 1)
        #expect(documents[0].joined() == line + "short" + "word" + line)
        #expect(documents[0].allSatisfy { $0.utf8.count <= 33 })
    }

    @Test func overlongDocumentsAreCutBetweenLines() throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write("a.txt", (0..<10).map { "line \($0)\n" }.joined())
        var limits = PlainTextSource.Limits()
        limits.documentBytes = 12
        let (documents, report) = try documents(PlainTextSource(files: [file], layout: .sentences, limits: limits))
        #expect(documents.map(\.count) == [3, 3, 3, 1])
        #expect(report.splitDocuments == 3)
    }

    @Test func anEmptyFileIsCountedAndAMissingOneNamed() throws {
        let directory = try TemporaryDirectory()
        let empty = try directory.write("empty.txt", "")
        let (documents, report) = try documents(PlainTextSource(files: [empty], layout: .sentences))
        #expect(documents.isEmpty && report.emptyDocuments == 1)
        let error = #expect(throws: TextError.self) {
            try self.documents(PlainTextSource(files: ["\(directory.path)/missing.txt"], layout: .sentences))
        }
        #expect(error?.code == .unreadable)
        #expect(error?.message.contains("missing.txt") == true)
        #expect(throws: TextError.self) { try PlainTextSource(files: [], layout: .sentences) }
    }
}

@Suite struct SentenceSplitterTests {
    @Test(arguments: [
        ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
        ("He said \"Stop.\" Then he left.", ["He said \"Stop.\"", "Then he left."]),
        ("Use tools, e.g. Perl or sed. Dr. Smith agrees.", ["Use tools, e.g. Perl or sed.", "Dr. Smith agrees."]),
        ("Version 1.2.3 is out. 42 is new.", ["Version 1.2.3 is out.", "42 is new."]),
        ("It costs 5. it goes on", ["It costs 5. it goes on"]), ("J. R. Hacker wrote it.", ["J. R. Hacker wrote it."]),
        ("See foo.c or www.example.org. Done.", ["See foo.c or www.example.org.", "Done."]),
        ("猫は好き。犬も好き。", ["猫は好き。", "犬も好き。"]), ("(An aside.) Next.", ["(An aside.)", "Next."]), ("", []),
        ("  \n ", []), ("Wait... What?", ["Wait...", "What?"]),
    ])
    func splitsWhereAReaderWould(text: String, expected: [String]) {
        #expect(SentenceSplitter().split(text) == expected)
    }

    @Test func nothingIsLostOrInvented() {
        for seed in 0..<30 as Range<UInt64> {
            var generator = SplitMix64(seed: seed, 3)
            let alphabet = Array("aB .!?\"()1é。\n")
            let text = String((0..<200).map { _ in alphabet[generator.below(alphabet.count)] })
            let joined = SentenceSplitter().split(text).joined().filter { !$0.isWhitespace }
            #expect(joined == text.filter { !$0.isWhitespace }, "seed \(seed)")
        }
    }
}
