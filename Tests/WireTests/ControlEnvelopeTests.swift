import Testing
import Wire

@Suite struct ControlEnvelopeTests {
    /// Written by scripts/goldens/wire.py.
    private static let golden = bytes(
        "99 01 a4 63 61 6c 6c cf 01 23 45 67 89 ab cd ef 02 cd 01 2c 09 93 ab 63 6f 6f 72 64 69 6e 61 74 6f 72 a7 24 73 "
            + "34 6a 6f 69 6e 90 91 c4 04 93 01 02 03 cd 13 88")

    private static let envelope = ControlEnvelope(
        kind: .call, runID: RunID(0x0123_4567_89ab_cdef), generation: 2, sequence: 300, callID: 9,
        target: ControlTarget(actor: "coordinator", function: "$s4join"),
        arguments: [WireBytes([0x93, 1, 2, 3])], deadlineMilliseconds: 5000)

    @Test func bytesAreTheGoldenOnes() throws {
        #expect(Self.envelope.encoded() == Self.golden)
        #expect(try ControlEnvelope(decoding: Self.golden) == Self.envelope)
    }

    @Test func shortenedEnvelopeIsRefusedAtEveryLength() {
        for count in Self.golden.indices {
            #expect(throws: WireError.self) { try ControlEnvelope(decoding: Array(Self.golden[..<count])) }
        }
    }

    @Test func otherVersionIsRefusedByNumber() {
        var changed = Self.golden
        changed[1] = 2
        let error = #expect(throws: WireError.self) { try ControlEnvelope(decoding: changed) }
        #expect(error?.code == .unsupportedVersion)
    }

    @Test func otherKindIsRefusedByName() {
        var changed = Self.golden
        changed[3] = UInt8(ascii: "b")
        let error = #expect(throws: WireError.self) { try ControlEnvelope(decoding: changed) }
        #expect(error?.message.contains("ball") == true)
    }
}
