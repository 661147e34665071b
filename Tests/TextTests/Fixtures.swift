import Foundation
import Text

/// A directory of its own for one test, removed when the value goes.
final class TemporaryDirectory {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("troupe-text-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file and returns its path.
    @discardableResult
    func write(_ name: String, _ bytes: [UInt8]) throws -> String {
        let file = "\(path)/\(name)"
        try Data(bytes).write(to: URL(fileURLWithPath: file))
        return file
    }

    @discardableResult
    func write(_ name: String, _ text: String) throws -> String { try write(name, Array(text.utf8)) }

    func makeFolder(_ name: String) throws {
        try FileManager.default.createDirectory(atPath: "\(path)/\(name)", withIntermediateDirectories: true)
    }

    func read(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(name)")))
    }

    func contains(_ name: String) -> Bool { FileManager.default.fileExists(atPath: "\(path)/\(name)") }
}

enum Golden {
    /// The ten lines on which the reference vocabulary of 60 pieces was trained.
    static let corpus = [
        "the cat sat on the mat .", "the dog sat on the log .", "a cat and a dog ran to the park .",
        "the man ran and ran (in 2019) to the \"old\" park .",
        "unbelievable unaffable unbeatable believable affable beatable", "the cats and dogs believe the man .",
        "running runner runs ran sitting sitter sits sat", "walking walker walks walked talking talker talks talked",
        "she paid £5 - not €7 - for 1,234 cats .", "the cat chased the rat and the rat chased the bat .",
    ]

    /// A tokenizer trained on these lines, without preprocessing.
    static let tokenizer = Result { try makeTokenizer(vocabularySize: 60) }

    static func makeTokenizer(
        vocabularySize: Int, sentences: [String] = corpus, preprocessing: AlbertText = .verbatim
    ) throws -> SentencePieceTokenizer {
        try SentencePieceTokenizer(
            modelBytes: train(vocabularySize: vocabularySize, sentences: sentences).model, preprocessing: preprocessing)
    }

    static func train(
        vocabularySize: Int, sentences: [String] = corpus, threads: Int = 1
    ) throws -> SentencePieceTrainer.Result {
        var training = SentencePieceTraining()
        training.vocabularySize = vocabularySize
        training.threads = threads
        var rest = sentences[...]
        return try SentencePieceTrainer.train(training) { () throws(TextError) -> String? in rest.popFirst() }
    }
}

/// Sentences of made-up prose, the same on every machine.
enum Prose {
    private static let words = """
        the a this that package library program provides contains reads writes files data network server client image
        sound text format support for with and or from into over under simple fast small large common lisp python perl
        header development documentation module interface command line tool user system kernel driver device protocol
        message stream record table index search sort merge split parse render compile link debug trace measure test
        """.split(whereSeparator: \.isWhitespace).map(String.init)

    static func sentence(_ generator: inout SplitMix64) -> String {
        let count = generator.within(4...14)
        var text = (0..<count).map { _ in words[generator.below(words.count)] }.joined(separator: " ")
        if generator.below(4) == 0 {
            text += " \(generator.below(3000))," + " and \(words[generator.below(words.count)])"
        }
        return text.prefix(1).uppercased() + text.dropFirst() + "."
    }

    /// `count` documents of 1 to 8 sentences.
    static func documents(_ count: Int, seed: UInt64) -> [[String]] {
        var generator = SplitMix64(seed: seed, 1)
        return (0..<count).map { _ in (0..<generator.within(1...8)).map { _ in sentence(&generator) } }
    }

    /// One sentence per line, a blank line after each document.
    static func text(_ documents: [[String]]) -> String {
        documents.map { $0.joined(separator: "\n") + "\n" }.joined(separator: "\n")
    }
}

/// A token store in which token i of the corpus has id i, so that a range shows where text comes from.
func makeStore(sentenceLengths: [[Int]], in directory: TemporaryDirectory) throws -> TokenStore {
    let writer = try TokenStoreWriter(directory: directory.path)
    var next: Int32 = 0
    for document in sentenceLengths {
        try writer.append(
            document.map { length in
                defer { next += Int32(length) }
                return Array(next..<next + Int32(length))
            })
    }
    return try writer.finish()
}
