import Algorithms
import Testing

@Suite struct SHA256DigestTests {
    private static func digest(_ pieces: [[UInt8]]) -> String {
        var digest = SHA256Digest()
        for piece in pieces { unsafe piece.withUnsafeBytes { unsafe digest.update(bytes: $0) } }
        return digest.finalize()
    }

    /// The examples of FIPS 180-4.
    @Test func publishedExamplesHold() {
        #expect(Self.digest([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(
            Self.digest([Array("abc".utf8)]) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(
            Self.digest([Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8)])
                == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
    }

    @Test func piecesDoNotMatter() {
        let bytes = (0..<1000).map { UInt8($0 % 251) }
        let whole = Self.digest([bytes])
        for cut in [0, 1, 63, 64, 65, 999, 1000] {
            #expect(Self.digest([Array(bytes[..<cut]), [], Array(bytes[cut...])]) == whole, "cut at \(cut)")
        }
    }

    @Test func textsNeverRunTogether() {
        var one = SHA256Digest()
        var two = SHA256Digest()
        one.update(text: "ab")
        one.update(text: "c")
        two.update(text: "a")
        two.update(text: "bc")
        let (first, second) = (one.finalize(), two.finalize())
        #expect(first != second)
    }
}
