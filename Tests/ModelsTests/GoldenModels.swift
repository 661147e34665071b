import Models
import Tensor
import TestSupport

/// The tiny models of the golden tests: 20 words, width 8, two heads.
enum GoldenModels {
    static func bert(_ activation: Activation = .gelu) -> ModelConfiguration {
        var configuration = BertConfiguration()
        configuration.vocabularySize = 20
        configuration.hiddenSize = 8
        configuration.layerCount = 2
        configuration.headCount = 2
        configuration.intermediateSize = 16
        configuration.maximumPositions = 12
        configuration.hiddenDropoutRate = 0
        configuration.attentionDropoutRate = 0
        configuration.activation = activation
        return .bert(configuration)
    }

    static var albert: ModelConfiguration {
        var configuration = AlbertConfiguration()
        configuration.vocabularySize = 20
        configuration.embeddingSize = 4
        configuration.hiddenSize = 8
        configuration.layerCount = 3
        configuration.headCount = 2
        configuration.intermediateSize = 16
        configuration.maximumPositions = 12
        return .albert(configuration)
    }

    static var distilbert: ModelConfiguration {
        var configuration = DistilBertConfiguration()
        configuration.vocabularySize = 20
        configuration.hiddenSize = 8
        configuration.layerCount = 2
        configuration.headCount = 2
        configuration.intermediateSize = 16
        configuration.maximumPositions = 12
        return .distilbert(configuration)
    }

    static var roberta: ModelConfiguration {
        var configuration = RobertaConfiguration()
        configuration.vocabularySize = 20
        configuration.hiddenSize = 8
        configuration.layerCount = 2
        configuration.headCount = 2
        configuration.intermediateSize = 16
        configuration.maximumPositions = 12
        return .roberta(configuration)
    }

    /// A model of `configuration` with the golden weights.
    static func model(
        _ configuration: ModelConfiguration, head: ModelHead = .pretraining, dtype: DType, in context: ComputeContext
    ) throws -> EncoderModel {
        let entries = configuration.parameterEntries(head: head)
        let parameters = ParameterArena(entries: entries, dtype: dtype, in: context)
        fill(parameters, GoldenPretraining.values(of: parameters.entries.map { ($0.name, $0.shape.count) }))
        return EncoderModel(configuration, head: head, parameters: parameters)
    }

    /// Sets every parameter.
    static func fill(_ parameters: ParameterArena, _ values: [String: [Double]]) {
        for entry in parameters.entries {
            let tensor = parameters[entry.name]
            let numbers = values[entry.name] ?? []
            precondition(numbers.count == entry.shape.count, "no value for \(entry.name)")
            let source =
                tensor.dtype == .float64
                ? Tensor(numbers, shape: entry.shape, in: tensor.context)
                : Tensor(numbers.map { Float($0) }, shape: entry.shape, in: tensor.context)
            tensor.copy(from: source)
        }
    }

    /// The golden input; without mask and types on request.
    static func batch(dtype: DType, plain: Bool = false, in context: ComputeContext) -> PretrainingBatch {
        PretrainingBatch(
            inputIDs: GoldenPretraining.ids,
            segmentIDs: plain ? Array(repeating: 0, count: 8) : GoldenPretraining.segments,
            attention: plain ? Array(repeating: 1, count: 8) : GoldenPretraining.attention, batchSize: 1,
            maskedRows: GoldenPretraining.maskedRows, maskedIDs: GoldenPretraining.maskedIDs, maskedWeights: [1, 1],
            pairLabels: [GoldenPretraining.pairLabel], dtype: dtype, in: context)
    }
}

/// The first difference between two lists that exceeds `tolerance` absolutely and relatively, in words; nil if none.
func difference(_ got: some Collection<Double>, _ expected: [Double], tolerance: Double) -> String? {
    if got.count != expected.count { return "\(got.count) values, expected \(expected.count)" }
    for (index, (got, expected)) in zip(got, expected).enumerated()
    where !(abs(got - expected) <= tolerance * max(1, abs(expected))) {
        return "value \(index) is \(got), expected \(expected)"
    }
    return nil
}

/// Euclidean norm.
func norm(_ tensor: Tensor) -> Double {
    tensor.doubles().reduce(0) { $0 + $1 * $1 }.squareRoot()
}
