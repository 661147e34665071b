import Models
import Tensor
import Testing

/// Exact counts of the published models, tied weights counted once.
struct ParameterCountTests {
    struct Row: Sendable, CustomStringConvertible {
        let name: String
        let withPooler: Int
        let noPooler: Int?
        let maskedLM: Int
        let pretraining: Int?
        var description: String { name }

        init(_ name: String, _ withPooler: Int, _ noPooler: Int?, _ maskedLM: Int, _ pretraining: Int?) {
            self.name = name
            self.withPooler = withPooler
            self.noPooler = noPooler
            self.maskedLM = maskedLM
            self.pretraining = pretraining
        }
    }

    static let rows = [
        Row("bert-base-uncased", 109_482_240, 108_891_648, 109_514_298, 110_106_428),
        Row("bert-base-cased", 108_310_272, 107_719_680, 108_340_804, 108_932_934),
        Row("bert-large-uncased", 335_141_888, 334_092_288, 335_174_458, 336_226_108),
        Row("bert-large-uncased-whole-word-masking", 335_141_888, 334_092_288, 335_174_458, 336_226_108),
        Row("bert-large-cased", 333_579_264, 332_529_664, 333_610_308, 334_661_958),
        Row("bert-large-cased-whole-word-masking", 333_579_264, 332_529_664, 333_610_308, 334_661_958),
        Row("bert-base-multilingual-cased", 177_853_440, nil, 177_974_523, nil),
        Row("bert-base-chinese", 102_267_648, nil, 102_290_312, nil),
        Row("bert-base-japanese", 110_617_344, nil, 110_650_880, nil),
        Row("bert-tiny", 4_385_920, nil, 4_416_698, nil),
        Row("bert-mini", 11_170_560, nil, 11_201_594, nil),
        Row("bert-small", 28_763_648, nil, 28_795_194, nil),
        Row("bert-medium", 41_373_184, nil, 41_404_730, nil),
        Row("albert-base-v1", 11_683_584, 11_092_992, 11_221_680, 11_813_810),
        Row("albert-base-v2", 11_683_584, 11_092_992, 11_221_680, 11_813_810),
        Row("albert-large-v1", 17_683_968, 16_634_368, 16_795_824, 17_847_474),
        Row("albert-large-v2", 17_683_968, 16_634_368, 16_795_824, 17_847_474),
        Row("albert-xlarge-v1", 58_724_864, 54_528_512, 54_821_040, 59_021_490),
        Row("albert-xlarge-v2", 58_724_864, 54_528_512, 54_821_040, 59_021_490),
        Row("albert-xxlarge-v1", 222_595_584, 205_814_272, 206_368_944, 223_158_450),
        Row("albert-xxlarge-v2", 222_595_584, 205_814_272, 206_368_944, 223_158_450),
    ]

    @Test(arguments: rows) func everyPartHasThePublishedCount(row: Row) throws {
        let configuration = try PublishedModel.configuration(named: row.name)
        #expect(configuration.parameterCount(contents: .pooler) == row.withPooler)
        if let noPooler = row.noPooler { #expect(configuration.parameterCount(contents: []) == noPooler) }
        #expect(configuration.parameterCount(contents: .maskedLMHead) == row.maskedLM)
        if let pretraining = row.pretraining { #expect(configuration.parameterCount() == pretraining) }
    }

    @Test func theLargestBERTOfTheALBERTPaperHasItsCount() {
        var configuration = BertConfiguration()
        configuration.layerCount = 24
        configuration.hiddenSize = 2048
        configuration.headCount = 16
        configuration.intermediateSize = 8192
        #expect(ModelConfiguration.bert(configuration).parameterCount(contents: .pooler) == 1_276_360_704)
    }

    @Test(arguments: PublishedModel.names) func parameterNamesAreDistinct(name: String) throws {
        let names = try PublishedModel.configuration(named: name).parameterEntries().map(\.name)
        #expect(Set(names).count == names.count)
    }

    @Test func theSummaryAddsUpToTheWhole() throws {
        let configuration = try PublishedModel.configuration(named: "albert-base-v2")
        let summary = ModelSummary(configuration)
        #expect(summary.root.count == 11_813_810)
        #expect(summary.root.children.map(\.name) == ["albert", "predictions", "sop_classifier"])
        #expect(summary.root.children.map(\.count).reduce(0, +) == summary.root.count)
        #expect(summary.text.contains("11,813,810"))
        guard case .object(let json) = summary.json else {
            Issue.record("the summary is not a JSON object")
            return
        }
        #expect(json["parameters"] == .integer(11_813_810))
    }

    @Test func theSummaryShowsEqualLayersOnce() throws {
        let text = ModelSummary(try PublishedModel.configuration(named: "bert-base-uncased")).text
        #expect(text.contains("0...11"))
        #expect(text.split(separator: "\n").count(where: { $0.contains("intermediate") }) == 1)
    }
}
