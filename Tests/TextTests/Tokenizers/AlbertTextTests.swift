import Testing
import Text

@Suite struct AlbertTextTests {
    @Test(arguments: [
        ("  Hello \t World\n", "hello world"), ("Café NAÏVE", "cafe naive"), ("İstanbul", "istanbul"),
        ("ﬁne ① ½", "fine 1 1⁄2"), ("日本語 テキスト", "日本語 テキスト"), ("ガ", "カ"), ("", ""), (" \u{3000} ", ""),
        ("a\u{A0}b\u{2003}c\u{1F}d", "a b c d"), ("``quoted''", "``quoted''"), ("ΟΔΥΣΣΕΥΣ ΣΑΣ.", "οδυσσευς σας."),
        ("Σ", "σ"), ("STRASSE ẞ", "strasse ß"),
    ])
    func theOriginalStepsInTheirOrder(text: String, expected: String) {
        #expect(AlbertText.original.preprocess(text) == expected)
    }

    @Test(arguments: [
        ("``quoted''", "\"quoted\""), ("it's '' ```", "it's \" \"`"), ("``É''", "\"e\""), ("''''", "\"\""),
    ])
    func huggingFaceReplacesLatexQuotes(text: String, expected: String) {
        #expect(AlbertText.huggingFace.preprocess(text) == expected)
    }

    @Test func everyStepCanBeSwitchedOff() {
        let text = "  Café  ``X''  "
        #expect(AlbertText.verbatim.preprocess(text) == text)
        #expect(AlbertText(keepsAccents: true).preprocess(text) == "café ``x''")
        #expect(AlbertText(lowercases: false).preprocess(text) == "Cafe ``X''")
        #expect(AlbertText(removesSpace: false).preprocess(text) == "  cafe  ``x''  ")
    }

    @Test func theFastPathForASCIIAgreesWithTheGeneralOne() {
        // An accent at the end forces the general path; all before it must come out the same.
        var generator = SplitMix64(seed: 11)
        let options = [AlbertText.original, .huggingFace, AlbertText(removesSpace: false, lowercases: false)]
        for round in 0..<500 {
            let bytes = (0..<generator.below(40)).map { _ in UInt8(generator.below(128)) }
            let text = String(decoding: bytes, as: UTF8.self) + "x"
            for option in options {
                let general = option.preprocess(text + "é")
                #expect(general == option.preprocess(text) + "e", "seed 11, round \(round): \(bytes)")
            }
        }
    }
}
