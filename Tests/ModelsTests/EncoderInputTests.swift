import Models
import Tensor
import Testing

/// What an encoder reads, and what it refuses.
struct EncoderInputTests {
    private func input(
        _ sequences: [(ids: [Int32], typeIDs: [Int32])], _ configuration: ModelConfiguration
    ) throws -> EncoderInput {
        try EncoderInput(sequences, for: configuration, in: ComputeContext(threads: 1))
    }

    private func zeros(_ ids: [Int32]) -> (ids: [Int32], typeIDs: [Int32]) { (ids, ids.map { _ in 0 }) }

    @Test func sequencesLieOneBehindTheOther() throws {
        let input = try input([([2, 5, 3], [0, 0, 1]), ([2, 3], [0, 1])], GoldenModels.bert())
        #expect(input.sequences.lengths == [3, 2])
        #expect(input.inputIDs.int32s() == [2, 5, 3, 2, 3])
        #expect(input.segmentIDs.int32s() == [0, 0, 1, 0, 1])
        #expect(input.positions.int32s() == [0, 1, 2, 0, 1])
    }

    @Test func robertaCountsPositionsBehindThePaddingID() throws {
        // Padding among the ids, as in a batch without a mask, has the padding's own row.
        let input = try input([zeros([0, 5, 1, 7, 2]), zeros([0, 2, 1, 1])], GoldenModels.roberta)
        #expect(input.positions.int32s() == [2, 3, 1, 4, 5, 2, 3, 1, 1])
    }

    @Test(arguments: [
        (GoldenModels.bert(), 12), (GoldenModels.albert, 12), (GoldenModels.distilbert, 12), (GoldenModels.roberta, 10),
    ])
    func theLongestSequenceIsThatOfThePositionTable(configuration: ModelConfiguration, limit: Int) throws {
        #expect(configuration.maximumTokens == limit)
        let longest = zeros(Array(repeating: 5, count: limit))
        let positions = try input([longest], configuration).positions
        #expect(positions.firstOutside(configuration.encoder.maximumPositions) == nil)
        expect(
            "sequence 2: expected at most \(limit) tokens, the model's positions, got \(limit + 1)",
            [longest, zeros(Array(repeating: 5, count: limit + 1))], configuration)
        #expect(ModelConfiguration.roberta(RobertaConfiguration()).maximumTokens == 512)
    }

    private func expect(
        _ message: String, _ sequences: [(ids: [Int32], typeIDs: [Int32])], _ configuration: ModelConfiguration,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(sourceLocation: sourceLocation) {
            try input(sequences, configuration)
        } throws: {
            "\($0)" == message && ($0 as? ModelsError)?.code == .invalidInput
        }
    }

    @Test func whatHasNoRowInATableIsRefused() throws {
        let bert = GoldenModels.bert()
        expect("sequence 1: expected at least one token, got none", [zeros([])], bert)
        expect("sequence 1: token 2: expected an id of 0 to 19, got 20", [zeros([2, 20])], bert)
        expect("sequence 1: token 1: expected an id of 0 to 19, got -1", [zeros([-1, 2])], bert)
        expect("sequence 1: token type 2: expected an id of 0 to 1, got 2", [([2, 3], [0, 2])], bert)
        expect("sequence 1: expected 2 token types, one per id, got 1", [([2, 3], [0])], bert)
        expect("sequence 1: token type 1: expected an id of 0 to 0, got 1", [([2], [1])], GoldenModels.roberta)
        // DistilBERT has no types to look up.
        #expect(throws: Never.self) { try input([([2, 3], [0, 1])], GoldenModels.distilbert) }
    }
}
