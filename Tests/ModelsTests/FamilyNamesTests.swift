import Models
import Tensor
import Testing

/// The spellings of tied and untied decoders in the files of each family.
struct FamilyNamesTests {
    struct Family: Sendable, CustomStringConvertible {
        let configuration: ModelConfiguration
        let wordTable: String
        let decoder: String
        let bias: String
        var description: String { wordTable }
    }

    static let families = [
        Family(
            configuration: GoldenModels.bert(), wordTable: "bert.embeddings.word_embeddings.weight",
            decoder: "cls.predictions.decoder", bias: "cls.predictions.bias"),
        Family(
            configuration: GoldenModels.albert, wordTable: "albert.embeddings.word_embeddings.weight",
            decoder: "predictions.decoder", bias: "predictions.bias"),
        Family(
            configuration: GoldenModels.distilbert, wordTable: "distilbert.embeddings.word_embeddings.weight",
            decoder: "vocab_projector", bias: "vocab_projector.bias"),
        Family(
            configuration: GoldenModels.roberta, wordTable: "roberta.embeddings.word_embeddings.weight",
            decoder: "lm_head.decoder", bias: "lm_head.bias"),
    ]

    /// Loads a file with the tensors of `source`, but for those in `without`, and copies of some under other names.
    private func load(
        _ source: ParameterArena, _ configuration: ModelConfiguration, without: Set<String> = [],
        copies: [(name: String, of: String)]
    ) throws -> (parameters: ParameterArena, report: LoadReport) {
        func tensor(_ name: String, as other: String) -> SafetensorsItem {
            item(other, .float32, source[name].shape.dimensions, source[name].floats())
        }
        let names = source.entries.map(\.name).filter { !without.contains($0) }
        let items = names.map { tensor($0, as: $0) } + copies.map { tensor($0.of, as: $0.name) }
        return try withTemporaryDirectory { directory in
            try SafetensorsWriter.write(items, to: "\(directory)/weights.safetensors")
            let model = EncoderModel(
                configuration, head: .maskedLM, seed: 9, in: ComputeContext(threads: 1))
            let report = try ModelDirectory.loadWeights(
                from: SafetensorsFile(path: "\(directory)/weights.safetensors"), into: model.parameters, configuration)
            return (model.parameters, report)
        }
    }

    private func model(_ configuration: ModelConfiguration) -> EncoderModel {
        EncoderModel(configuration, head: .maskedLM, seed: 2, in: ComputeContext(threads: 1))
    }

    @Test(arguments: families) func aTiedTableIsFoundUnderTheDecodersName(family: Family) throws {
        let source = model(family.configuration).parameters
        #expect(!source.contains("\(family.decoder).weight") && source.contains(family.bias))
        let own: Set = family.bias.hasPrefix(family.decoder) ? [family.wordTable] : [family.wordTable, family.bias]
        let copies = own.map {
            (name: "\(family.decoder)." + ($0 == family.bias ? "bias" : "weight"), of: $0)
        }
        let (loaded, report) = try load(source, family.configuration, without: own, copies: copies)
        #expect(report.missing.isEmpty && report.unexpected.isEmpty)
        #expect(loaded.values.floats() == source.values.floats())
    }

    @Test(arguments: families) func anUntiedDecoderHasItsOwnNumbers(family: Family) throws {
        var configuration = family.configuration
        configuration.encoder.tiesWordEmbeddings = false
        let untied = model(configuration)
        let source = untied.parameters
        let (weight, bias) = ("\(family.decoder).weight", "\(family.decoder).bias")
        #expect(source.contains(weight) && source.contains(bias))
        #expect(source.parameterCount - model(family.configuration).parameters.parameterCount == source[weight].count)
        #expect(source[weight].floats() != source[family.wordTable].floats())
        // Files repeat the bias under the name that a tied head has, or hold something unused there.
        let copies = family.bias == bias ? [] : [(name: family.bias, of: bias)]
        let (loaded, report) = try load(source, configuration, copies: copies)
        #expect(report.missing.isEmpty && report.unexpected.isEmpty)
        #expect(loaded.values.floats() == source.values.floats())
    }

    /// The word table is then learnt from lookups alone, the decoder from logits alone.
    @Test(arguments: families) func anUntiedDecoderTakesNoGradientToTheTable(family: Family) throws {
        func gradients(tied: Bool) throws -> (table: [Double], decoder: [Double]?) {
            var configuration = family.configuration
            configuration.encoder.tiesWordEmbeddings = tied
            let context = ComputeContext(threads: 1)
            let model = try GoldenModels.model(configuration, head: .maskedLM, dtype: .float64, in: context)
            let input = try EncoderInput(
                [(ids: [2, 5, 7, 3], typeIDs: [0, 0, 0, 0])], for: configuration, in: context)
            let logits = model.maskedLMLogits(input, rows: [2])
            ClassificationLoss.crossEntropy(logits, labels: [11], denominator: 1).loss.backward()
            let decoder = "\(family.decoder).weight"
            return (
                try #require(model.parameters[family.wordTable].gradient).doubles(),
                tied ? nil : try #require(model.parameters[decoder].gradient).doubles()
            )
        }
        let width = family.configuration.encoder.embeddingWidth
        // No input has word 11.
        let row = 11 * width..<12 * width
        let (tied, untied) = (try gradients(tied: true), try gradients(tied: false))
        #expect(tied.table[row].contains { $0 != 0 } && untied.table[row].allSatisfy { $0 == 0 })
        #expect(try #require(untied.decoder)[row].contains { $0 != 0 })
    }
}
