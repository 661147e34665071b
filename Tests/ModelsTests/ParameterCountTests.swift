import Models
import Tensor
import Testing

/// Exact counts of the published models, tied weights counted once.
struct ParameterCountTests {
    struct Row: Sendable, CustomStringConvertible {
        let name: String
        /// nil where there is no pooler.
        let withPooler: Int?
        let noPooler: Int?
        let maskedLM: Int
        let pretraining: Int?
        /// Sequence classification with two classes.
        var twoClasses: Int?
        var description: String { name }

        init(
            _ name: String, _ withPooler: Int?, _ noPooler: Int?, _ maskedLM: Int, _ pretraining: Int?,
            _ twoClasses: Int? = nil
        ) {
            self.name = name
            self.withPooler = withPooler
            self.noPooler = noPooler
            self.maskedLM = maskedLM
            self.pretraining = pretraining
            self.twoClasses = twoClasses
        }
    }

    static let rows = [
        Row("bert-base-uncased", 109_482_240, 108_891_648, 109_514_298, 110_106_428, 109_483_778),
        Row("bert-base-cased", 108_310_272, 107_719_680, 108_340_804, 108_932_934, 108_311_810),
        Row("bert-large-uncased", 335_141_888, 334_092_288, 335_174_458, 336_226_108, 335_143_938),
        Row("bert-large-uncased-whole-word-masking", 335_141_888, 334_092_288, 335_174_458, 336_226_108, 335_143_938),
        Row("bert-large-cased", 333_579_264, 332_529_664, 333_610_308, 334_661_958, 333_581_314),
        Row("bert-large-cased-whole-word-masking", 333_579_264, 332_529_664, 333_610_308, 334_661_958, 333_581_314),
        Row("bert-base-multilingual-cased", 177_853_440, nil, 177_974_523, nil),
        Row("bert-base-chinese", 102_267_648, nil, 102_290_312, nil),
        Row("bert-base-japanese", 110_617_344, nil, 110_650_880, nil),
        Row("bert-tiny", 4_385_920, nil, 4_416_698, nil),
        Row("bert-mini", 11_170_560, nil, 11_201_594, nil),
        Row("bert-small", 28_763_648, nil, 28_795_194, nil),
        Row("bert-medium", 41_373_184, nil, 41_404_730, nil),
        Row("albert-base-v1", 11_683_584, 11_092_992, 11_221_680, 11_813_810, 11_685_122),
        Row("albert-base-v2", 11_683_584, 11_092_992, 11_221_680, 11_813_810, 11_685_122),
        Row("albert-large-v1", 17_683_968, 16_634_368, 16_795_824, 17_847_474, 17_686_018),
        Row("albert-large-v2", 17_683_968, 16_634_368, 16_795_824, 17_847_474, 17_686_018),
        Row("albert-xlarge-v1", 58_724_864, 54_528_512, 54_821_040, 59_021_490, 58_728_962),
        Row("albert-xlarge-v2", 58_724_864, 54_528_512, 54_821_040, 59_021_490, 58_728_962),
        Row("albert-xxlarge-v1", 222_595_584, 205_814_272, 206_368_944, 223_158_450, 222_603_778),
        Row("albert-xxlarge-v2", 222_595_584, 205_814_272, 206_368_944, 223_158_450, 222_603_778),
        Row("distilbert-base-uncased", nil, 66_362_880, 66_985_530, nil, 66_955_010),
        Row("distilbert-base-cased", nil, 65_190_912, 65_812_036, nil),
        Row("distilbert-base-multilingual-cased", nil, 134_734_080, 135_445_755, nil),
        Row("roberta-base", 124_645_632, 124_055_040, 124_697_433, nil, 124_647_170),
        Row("roberta-large", 355_359_744, 354_310_144, 355_412_057, nil, 355_361_794),
        Row("distilroberta-base", 82_118_400, nil, 82_170_201, nil),
    ]

    @Test(arguments: rows) func everyPartHasThePublishedCount(row: Row) throws {
        let configuration = try PublishedModel.configuration(named: row.name)
        #expect(configuration.parameterCount(head: .none) == row.withPooler ?? row.noPooler)
        #expect(configuration.parameterCount(head: .maskedLM) == row.maskedLM)
        if let pretraining = row.pretraining { #expect(configuration.parameterCount() == pretraining) }
        if let noPooler = row.noPooler {
            // A classifier of one class per token stands on a bare encoder.
            let head = configuration.encoder.hiddenSize + 1
            #expect(configuration.parameterCount(head: .tokenClassification(labels: 1)) == noPooler + head)
        }
        if let twoClasses = row.twoClasses {
            #expect(configuration.parameterCount(head: .sequenceClassification(labels: 2)) == twoClasses)
        }
    }

    @Test(arguments: [
        ("bert-base-uncased", ModelHead.questionAnswering, 108_893_186),
        ("bert-large-uncased", .questionAnswering, 334_094_338), ("albert-base-v2", .questionAnswering, 11_094_530),
        ("distilbert-base-uncased", .questionAnswering, 66_364_418), ("roberta-base", .questionAnswering, 124_056_578),
        ("bert-base-uncased", .multipleChoice, 109_483_009), ("albert-base-v2", .multipleChoice, 11_684_353),
        ("distilbert-base-uncased", .multipleChoice, 66_954_241),
        // Pretrained on masked words alone.
        ("roberta-base", .pretraining, 124_697_433), ("distilbert-base-uncased", .pretraining, 66_985_530),
    ])
    func everyHeadHasItsCount(name: String, head: ModelHead, count: Int) throws {
        #expect(try PublishedModel.configuration(named: name).parameterCount(head: head) == count)
    }

    @Test func theLargestBERTOfTheALBERTPaperHasItsCount() {
        var configuration = BertConfiguration()
        configuration.layerCount = 24
        configuration.hiddenSize = 2048
        configuration.headCount = 16
        configuration.intermediateSize = 8192
        #expect(ModelConfiguration.bert(configuration).parameterCount(head: .none) == 1_276_360_704)
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
