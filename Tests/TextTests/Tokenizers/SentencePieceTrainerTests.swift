import Foundation
import Testing
import Text

@Suite struct SentencePieceTrainerTests {
    @Test func theVocabularyOfTenLinesIsTheReference() throws {
        let lines = try Golden.train(vocabularySize: 60).vocabulary.split(separator: "\n").map { line in
            line.split(separator: "\t").map(String.init)
        }
        let expected = """
            <pad> <unk> [CLS] [SEP] [MASK] ( ) " - . – £ € ▁ e h ▁t s n r d o an f ▁cat in g t able a ▁ra ▁pa ▁ma ▁dog \
            ▁sat ▁un ▁a ▁walk ▁talk ed ▁c k l 1 2 i , 0 3 4 5 7 9 v p m w u c b
            """
        #expect(lines.map { $0[0] } == expected.split(separator: " ").map(String.init))
        for (id, score) in [(0, 0), (13, -1.7060), (24, -3.9442), (28, -4.1897), (45, -5.9835), (59, -6.2993)] {
            #expect(abs((Double(lines[id][1]) ?? 0) - score) < 1e-4, "piece \(id)")
        }
    }

    @Test func oneRoundOfPruningGivesTheReference() throws {
        let tokenizer = try Golden.makeTokenizer(vocabularySize: 46)
        let pieces = (13..<46).map { tokenizer.piece($0) }
        let expected = "▁ e h ▁t s n d r o ▁ra f t g a k l 2 1 i 0 3 4 5 7 9 , v p m w u c b"
        #expect(Set(pieces) == Set(expected.split(separator: " ").map(String.init)))
        for (piece, score) in [("▁", -1.5806), ("▁ra", -3.9039), ("i", -6.0069), ("b", -6.4573)] as [(String, Float)] {
            #expect(abs(tokenizer.score(tokenizer.id(piece)) - score) < 1e-4, "\(piece)")
        }
        let encoded = try tokenizer.encodePieces("the unbelievable cat").joined(separator: " ")
        #expect(encoded == "▁t h e ▁ u n b e l i e v a b l e ▁ c a t")
    }

    private static let spmTrain = "/usr/bin/spm_train"

    @Test(
        .enabled(
            if: FileManager.default.isExecutableFile(atPath: spmTrain),
            "spm_train (Debian package sentencepiece) is not installed"),
        .timeLimit(.minutes(1)))
    func trainingEqualsTheLibrarysOwnProgram() throws {
        let directory = try TemporaryDirectory()
        let sentences = Prose.documents(400, seed: 3).flatMap { $0 } + Golden.corpus
        try directory.write("corpus.txt", sentences.joined(separator: "\n") + "\n")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.spmTrain)
        process.arguments = [
            "--input=\(directory.path)/corpus.txt", "--model_prefix=\(directory.path)/reference", "--vocab_size=200",
            "--pad_id=0", "--unk_id=1", "--bos_id=-1", "--eos_id=-1", "--control_symbols=[CLS],[SEP],[MASK]",
            "--user_defined_symbols=(,),\"\"\"\",-,.,–,£,€", "--shuffle_input_sentence=true",
            "--input_sentence_size=10000000", "--character_coverage=0.99995", "--model_type=unigram",
            "--num_threads=1", "--minloglevel=2",
        ]
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        let reference = String(decoding: try directory.read("reference.vocab"), as: UTF8.self)
        #expect(try Golden.train(vocabularySize: 200, sentences: sentences).vocabulary == reference)
    }

    @Test(.timeLimit(.minutes(1))) func trainingTwiceGivesTheSameBytes() throws {
        let sentences = Prose.documents(300, seed: 4).flatMap { $0 }
        let first = try Golden.train(vocabularySize: 150, sentences: sentences, threads: 4)
        let second = try Golden.train(vocabularySize: 150, sentences: sentences, threads: 4)
        #expect(first.model == second.model)
        #expect(first.sentences == sentences.count)
    }

    @Test func symbolListsSplitAtPlainCommas() {
        let symbols = ["(", ")", "\"", "-", ".", "–", "£", "€"]
        #expect(SentencePieceTraining.symbols(fromList: "(,),\",-,.,–,£,€") == symbols)
        #expect(SentencePieceTraining.symbols(fromList: "(,),\"\"\"\",-,.,–,£,€") == symbols)
        #expect(SentencePieceTraining.symbols(fromList: "a,\"b,c\",d") == ["a", "b,c", "d"])
        #expect(SentencePieceTraining.symbols(fromList: "[CLS],[SEP],[MASK]") == ["[CLS]", "[SEP]", "[MASK]"])
        #expect(SentencePieceTraining.symbols(fromList: "").isEmpty)
    }

    @Test func symbolsWithQuotesAndCommasStayPieces() throws {
        var training = SentencePieceTraining()
        training.vocabularySize = 60
        training.threads = 1
        training.userDefinedSymbols = ["\"", "a,b", "\"x\"", "-"]
        var rest = Golden.corpus[...]
        let result = try SentencePieceTrainer.train(training) { () throws(TextError) -> String? in rest.popFirst() }
        let pieces = result.vocabulary.split(separator: "\n").map { $0.split(separator: "\t")[0] }
        #expect(pieces[5..<9] == ["\"", "a,b", "\"x\"", "-"])
    }

    @Test(arguments: [
        [], ["", " ", "\t"], ["\u{200B}", "\u{1}\u{2}", "\u{3000}", "\u{FFFD}", "\u{2581}", "\u{2585}"],
    ])
    func nothingToTrainOnIsAnError(sentences: [String]) {
        let error = #expect(throws: TextError.self) { try Golden.train(vocabularySize: 60, sentences: sentences) }
        #expect(error?.code == .emptyCorpus)
    }

    @Test func blankSentencesChangeNothing() throws {
        let sentences = Golden.corpus.flatMap { [" ", $0, "", "\u{200B}"] }
        let result = try Golden.train(vocabularySize: 60, sentences: sentences)
        #expect(result.vocabulary == (try Golden.train(vocabularySize: 60)).vocabulary)
        #expect(result.sentences == 10)
    }

    @Test func aVocabularyBeyondTheTextIsAnErrorThatNamesTheLimit() {
        let error = #expect(throws: TextError.self) { try Golden.train(vocabularySize: 5000) }
        #expect(error?.code == .tokenizer)
        #expect(error?.message.contains("5000") == true, "\(error?.message ?? "")")
        #expect(throws: TextError.self) { try Golden.train(vocabularySize: 20) }
        #expect(throws: TextError.self) { try Golden.train(vocabularySize: 5) }
    }

    @Test func anErrorOfTheSourceEndsTheTraining() {
        var training = SentencePieceTraining()
        training.vocabularySize = 60
        var count = 0
        let error = #expect(throws: TextError.self) {
            try SentencePieceTrainer.train(training) { () throws(TextError) -> String? in
                count += 1
                if count > 5 { throw TextError(.unreadable, "the disk is gone") }
                return Golden.corpus[count]
            }
        }
        #expect(error?.message == "the disk is gone")
    }
}
