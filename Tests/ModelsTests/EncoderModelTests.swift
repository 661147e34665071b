import Models
import Tensor
import Testing

/// Laws of encoders with heads that need no reference numbers.
struct EncoderModelTests {
    static let families = [GoldenModels.bert(), GoldenModels.albert, GoldenModels.distilbert, GoldenModels.roberta]
    static let heads: [ModelHead] = [
        .maskedLM, .sequenceClassification(labels: 3), .tokenClassification(labels: 4), .questionAnswering,
        .multipleChoice,
    ]
    static let sequences: [(ids: [Int32], typeIDs: [Int32])] = [
        ([2, 5, 7, 3, 11, 3], [0, 0, 0, 0, 0, 0]), ([2, 9, 3], [0, 0, 0]), ([2], [0]), ([2, 4, 14, 3], [0, 0, 0, 0]),
    ]

    private func logits(_ model: EncoderModel, _ input: EncoderInput, _ options: ForwardOptions) -> Tensor {
        switch model.head {
        case .none, .pretraining: model.encode(input, options).lastHidden
        case .maskedLM: model.maskedLMLogits(input, rows: [8, 1, 2], options)
        case .sequenceClassification, .firstTokenClassification: model.sequenceLogits(input, options)
        case .tokenClassification: model.tokenLogits(input, options)
        case .questionAnswering: model.spanLogits(input, options)
        case .multipleChoice: model.choiceLogits(input, options)
        }
    }

    private func run(
        _ configuration: ModelConfiguration, _ head: ModelHead, dtype: DType = .float64, _ options: ForwardOptions
    ) throws -> (logits: Tensor, gradients: [Double]) {
        let context = ComputeContext(threads: 2)
        let model = try GoldenModels.model(configuration, head: head, dtype: dtype, in: context)
        let result = logits(model, try EncoderInput(Self.sequences, for: configuration, in: context), options)
        result.objective { values in
            let weights = values.indices.map { Double($0 % 7) - 2.5 }
            return (zip(values, weights).reduce(0) { $0 + $1.0 * $1.1 }, weights)
        }.backward()
        return (result, model.parameters.gradients.doubles())
    }

    /// Keeping hidden states computes every row of the last layer; heads alone compute what they read.
    @Test(arguments: families, heads)
    func headsMissNoRowTheyRead(configuration: ModelConfiguration, head: ModelHead) throws {
        let needed = try run(configuration, head, ForwardOptions())
        let all = try run(configuration, head, ForwardOptions(keepingHiddenStates: true))
        #expect(difference(needed.logits.doubles(), all.logits.doubles(), tolerance: 1e-13) == nil)
        #expect(difference(needed.gradients, all.gradients, tolerance: 1e-12) == nil)
        let rows = [3, Self.sequences.count, 14, 14, Self.sequences.count]
        let index = try #require(Self.heads.firstIndex(of: head))
        #expect(needed.logits.shape[0] == rows[index])
    }

    @Test(arguments: families, heads)
    func attentionsAreForLookingOnly(configuration: ModelConfiguration, head: ModelHead) throws {
        let without = try run(configuration, head, dtype: .float32, ForwardOptions())
        let with = try run(configuration, head, dtype: .float32, ForwardOptions(keepingAttentions: true))
        #expect(without.logits.doubles() == with.logits.doubles() && without.gradients == with.gradients)
    }

    @Test(arguments: families, heads)
    func everyHeadDropsBeforeItsLastMapButThoseThatDoNot(
        configuration: ModelConfiguration, head: ModelHead
    ) throws {
        var configuration = configuration
        configuration.encoder.hiddenDropoutRate = 0
        configuration.encoder.attentionDropoutRate = 0
        let own = 0.4
        switch configuration {
        case .albert(var encoder):
            encoder.classifierDropoutRate = own
            configuration = .albert(encoder)
        case .bert(var encoder):
            encoder.classifierDropoutRate = own
            configuration = .bert(encoder)
        case .distilbert(var encoder):
            (encoder.sequenceDropoutRate, encoder.questionDropoutRate) = (own, own)
            configuration = .distilbert(encoder)
        case .roberta(var encoder):
            encoder.classifierDropoutRate = own
            configuration = .roberta(encoder)
        }
        let key = RandomKey(seed: 1, step: 2, shard: 3)
        let dropped = try run(configuration, head, ForwardOptions(dropout: key)).logits.doubles()
        let whole = try run(configuration, head, ForwardOptions()).logits.doubles()
        let family = type(of: configuration.encoder).modelType
        // Who does not look at the family's own rate for heads: DistilBERT's token classifier, RoBERTa's chooser.
        let drops =
            switch head {
            case .sequenceClassification: true
            case .tokenClassification: family != "distilbert"
            case .multipleChoice: family != "roberta"
            case .questionAnswering: family == "distilbert"
            case .maskedLM, .none, .pretraining, .firstTokenClassification: false
            }
        #expect((dropped != whole) == drops, "\(family)")
    }

    /// RoBERTa's classifier drops before both maps: no mask on the second map's input alone explains the logits.
    @Test(arguments: [GoldenModels.roberta, GoldenModels.bert()])
    func robertaAloneDropsWhatTheFirstMapReads(configuration: ModelConfiguration) throws {
        var configuration = configuration
        configuration.encoder.hiddenDropoutRate = 0
        configuration.encoder.attentionDropoutRate = 0
        let isRoberta: Bool
        if case .roberta(var encoder) = configuration {
            encoder.classifierDropoutRate = 0.5
            (configuration, isRoberta) = (.roberta(encoder), true)
        } else if case .bert(var encoder) = configuration {
            encoder.classifierDropoutRate = 0.5
            (configuration, isRoberta) = (.bert(encoder), false)
        } else {
            return
        }
        let context = ComputeContext(threads: 1)
        let model = try GoldenModels.model(
            configuration, head: .sequenceClassification(labels: 1), dtype: .float64, in: context)
        let input = try EncoderInput([Self.sequences[0]], for: configuration, in: context)
        let key = RandomKey(seed: 2, step: 0, shard: 0)
        let logit = model.sequenceLogits(input, ForwardOptions(dropout: key)).item()
        let (dense, output) =
            isRoberta ? ("classifier.dense", "classifier.out_proj") : ("bert.pooler.dense", "classifier")
        let inner = model.encode(input).lastHidden.slice(rows: 0..<1).linear(
            weight: model.parameters["\(dense).weight"], bias: model.parameters["\(dense).bias"], activation: .tanh)
        let weights = model.parameters["\(output).weight"].doubles()
        let terms = zip(inner.doubles(), weights).map { 2 * $0 * $1 }
        let bias = model.parameters["\(output).bias"].item()
        let isExplained = (0..<256).contains { mask in
            let sum = terms.indices.reduce(bias) { $0 + (mask >> $1 & 1 == 1 ? terms[$1] : 0) }
            return abs(sum - logit) < 1e-12
        }
        #expect(isExplained != isRoberta)
    }

    @Test func distilbertDropsAfterTheFeedForwardButNotAfterAttention() {
        let plan = DropoutPlan(key: RandomKey(seed: 1, step: 1, shard: 0), DistilBertConfiguration())
        #expect(plan.attentionOutput(use: 0) == nil)
        #expect(plan.feedForwardOutput(use: 0)?.rate == 0.1 && plan.attentionProbabilities(use: 0)?.rate == 0.1)
    }

    @Test(arguments: families, heads)
    func logitsAreFloat32WhenTheEncoderIsNot(configuration: ModelConfiguration, head: ModelHead) throws {
        let context = ComputeContext(threads: 1)
        func result(_ computeType: DType) throws -> Tensor {
            let model = EncoderModel(configuration, head: head, seed: 4, computeType: computeType, in: context)
            let input = try EncoderInput(Self.sequences, for: configuration, in: context)
            return logits(model, input, ForwardOptions(keepingAttentions: true))
        }
        let (narrow, wide) = (try result(.bfloat16), try result(.float32))
        #expect(narrow.dtype == .float32)
        #expect(difference(narrow.doubles(), wide.doubles(), tolerance: 0.02) == nil)
        #expect(narrow.doubles() != wide.doubles())
    }

    @Test(arguments: families) func probabilitiesOfAttentionSumToOne(configuration: ModelConfiguration) throws {
        for computeType in [DType.float32, .bfloat16] {
            let context = ComputeContext(threads: 2)
            let model = EncoderModel(configuration, head: .none, seed: 4, computeType: computeType, in: context)
            let output = model.encode(
                try EncoderInput(Self.sequences, for: configuration, in: context),
                ForwardOptions(keepingAttentions: true))
            for (sequence, square) in zip(Self.sequences, try #require(output.attentions.last)) {
                let length = sequence.ids.count
                #expect(square.shape == [2, length, length])
                let values = square.doubles()
                for start in stride(from: 0, to: values.count, by: length) {
                    #expect(abs(values[start..<start + length].reduce(0, +) - 1) < 1e-5)
                }
            }
        }
    }

    @Test func classNamesNameTheirHeads() {
        for family in Self.families {
            for head in Self.heads + [.none, .pretraining] {
                var configuration = family
                configuration.encoder.task.architecture = family.architecture(head: head)
                switch head {
                case .sequenceClassification(let count), .tokenClassification(let count):
                    configuration.encoder.task.labels = (0..<count).map { "\($0)" }
                default: break
                }
                let expected = head == .pretraining && !family.hasPairHead ? .maskedLM : head
                #expect(configuration.savedHead == expected, "\(family.architecture(head: head))")
            }
            var configuration = family
            #expect(configuration.savedHead == nil)
            for other in ["BertLMHeadModel", "XLNetModel", "ForMaskedLM"] {
                configuration.encoder.task.architecture = other
                #expect(configuration.savedHead == nil, "\(other)")
            }
        }
    }
}
