import Testing
import Text

@Suite struct AnswerFilesTests {
    private static let hostile = "\"\\/\u{8}\t\n\u{C}\r\0\u{7F}é e\u{301} 😀 \u{2028}\u{202F}א"

    private static func answer(_ id: String, _ text: String, odds: Double?) -> AnswerPrediction {
        AnswerPrediction(
            id: id, text: text,
            candidates: [AnswerCandidate(text: text, probability: 1, startScore: 1e-7, endScore: -2)], nullOdds: odds)
    }

    @Test func textsAreWrittenAsPythonWritesThem() throws {
        let directory = try TemporaryDirectory()
        try AnswerFiles.write([Self.answer("ä\"", Self.hostile, odds: nil)], directory: "\(directory.path)/out")
        let text =
            #""\"\\/\b\t\n\f\r\u0000\u007f\u00e9 e\u0301 \ud83d\ude00 \u2028\u202f\u05d0""#
        #expect(
            try String(decoding: directory.read("out/predictions.json"), as: UTF8.self)
                == "{\n    \"\\u00e4\\\"\": \(text)\n}\n")
        #expect(
            try String(decoding: directory.read("out/nbest_predictions.json"), as: UTF8.self)
                == """
                {
                    "\\u00e4\\"": [
                        {
                            "text": \(text),
                            "probability": 1.0,
                            "start_logit": 1e-07,
                            "end_logit": -2.0
                        }
                    ]
                }

                """)
        #expect(!directory.contains("out/null_odds.json"))
    }

    @Test func whatIsWrittenIsReadBack() throws {
        let directory = try TemporaryDirectory()
        let answers = [Self.answer("a_b", Self.hostile, odds: -1.5), Self.answer("c", "", odds: 1_000_000)]
        try AnswerFiles.write(answers, directory: directory.path, scoreNames: .logProbabilities)
        let predictions = try AnswerFiles.readPredictions("\(directory.path)/predictions.json")
        #expect(predictions["a_b"]?.unicodeScalars.elementsEqual(Self.hostile.unicodeScalars) == true)
        #expect(predictions.count == 2 && predictions["c"]?.isEmpty == true)
        #expect(try AnswerFiles.readNullOdds("\(directory.path)/null_odds.json") == ["a_b": -1.5, "c": 1_000_000])
        let candidates = try String(decoding: directory.read("nbest_predictions.json"), as: UTF8.self)
        #expect(candidates.contains("\"start_log_prob\": 1e-07") && candidates.contains("\"end_log_prob\": -2.0"))
        try AnswerFiles.write([], directory: directory.path)
        #expect(try AnswerFiles.readPredictions("\(directory.path)/predictions.json").isEmpty)
    }

    @Test func filesThatHoldSomethingElseAreRefused() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("predictions.json", #"{"a": ["cat"]}"#)
        let error = #expect(throws: TextError.self) { try AnswerFiles.readPredictions(path) }
        #expect(error?.code == .malformedDataset && error?.message.hasPrefix(path) == true)
        let odds = try directory.write("odds.json", #"{"a": "high"}"#)
        #expect(throws: TextError.self) { try AnswerFiles.readNullOdds(odds) }
        #expect(throws: TextError.self) { try AnswerFiles.readNullOdds("\(directory.path)/absent.json") }
        #expect(throws: TextError.self) { try AnswerFiles.write([], directory: "\(path)/below") }
    }
}
