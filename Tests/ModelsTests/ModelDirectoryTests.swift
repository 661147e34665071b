import Foundation
import Models
import Tensor
import Testing

struct ModelDirectoryTests {
    static let seed: UInt64 = 11
    static let configurations = [GoldenModels.albert, GoldenModels.bert()]

    private func arena(_ configuration: ModelConfiguration, seed: UInt64, in context: ComputeContext) -> ParameterArena
    {
        let parameters = ParameterArena(entries: configuration.parameterEntries(), in: context)
        parameters.initialize(seed: seed)
        return parameters
    }

    /// Items over the arena's memory, renamed; nil drops one.
    private func items(_ parameters: ParameterArena, _ rename: (String) -> String?) -> [SafetensorsItem] {
        parameters.entries.compactMap { entry in
            rename(entry.name).map {
                item($0, .float32, entry.shape.dimensions, parameters[entry.name].floats())
            }
        }
    }

    /// Writes `items` as a weights file and loads it into a fresh arena.
    private func load(
        _ items: [SafetensorsItem], _ configuration: ModelConfiguration, tolerating tolerance: LoadTolerance = .heads,
        in context: ComputeContext
    ) throws -> (parameters: ParameterArena, report: LoadReport) {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/weights.safetensors"
            try SafetensorsWriter.write(items, to: path)
            let parameters = arena(configuration, seed: Self.seed + 1, in: context)
            let report = try ModelDirectory.loadWeights(
                from: SafetensorsFile(path: path), into: parameters, configuration, tolerating: tolerance)
            return (parameters, report)
        }
    }

    private func failure(_ body: () throws -> Void) -> ModelsError? {
        do {
            try body()
            return nil
        } catch {
            return error as? ModelsError
        }
    }

    @Test(arguments: configurations) func aSavedModelLoadsBackToTheBit(configuration: ModelConfiguration) throws {
        let context = ComputeContext(threads: 1)
        let parameters = arena(configuration, seed: Self.seed, in: context)
        try withTemporaryDirectory { directory in
            let path = "\(directory)/model"
            for _ in 1...2 {  // the second time an older model is replaced
                try ModelDirectory.save(configuration, parameters, to: path)
                let (model, report) = try ModelDirectory.load(path, in: context)
                #expect(model.configuration.encoder.hiddenSize == 8)
                #expect(report.missing.isEmpty && report.unexpected.isEmpty)
                #expect(report.loaded == parameters.entries.map(\.name))
                #expect(model.parameters.values.floats() == parameters.values.floats())
                #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["model"])
            }
            let wide = try ModelDirectory.load(path, dtype: .float64, in: context).model
            #expect(wide.parameters.values.doubles() == parameters.values.doubles())
        }
    }

    @Test func aDirectoryWithOtherFilesIsNotReplaced() throws {
        let context = ComputeContext(threads: 1)
        let parameters = arena(GoldenModels.albert, seed: Self.seed, in: context)
        try withTemporaryDirectory { directory in
            try Data([1]).write(to: URL(filePath: "\(directory)/thesis.tex"))
            let error = failure { try ModelDirectory.save(GoldenModels.albert, parameters, to: directory) }
            #expect(error?.code == .fileSystem && error?.message.contains("thesis.tex") == true)
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["thesis.tex"])
        }
    }

    @Test func tokenizerFilesTravelWithTheModel() throws {
        let context = ComputeContext(threads: 1)
        let parameters = arena(GoldenModels.albert, seed: Self.seed, in: context)
        try withTemporaryDirectory { directory in
            let vocabulary = "\(directory)/some.model"
            try Data([1, 2, 3]).write(to: URL(filePath: vocabulary))
            let path = "\(directory)/model"
            try ModelDirectory.save(
                GoldenModels.albert, parameters, tokenizer: .sentencePiece(path: vocabulary, lowercase: true), to: path)
            #expect(try Data(contentsOf: URL(filePath: "\(path)/spiece.model")) == Data([1, 2, 3]))
            let settings = try JSONValue.parseObject(
                Data(contentsOf: URL(filePath: "\(path)/tokenizer_config.json")), source: "")
            #expect(settings["tokenizer_class"] == .string("AlbertTokenizer"))
            #expect(settings["do_lower_case"] == .bool(true) && settings["model_max_length"] == .integer(12))
            // A tokenizer that cannot be read leaves the older model in place.
            let error = failure {
                try ModelDirectory.save(
                    GoldenModels.albert, parameters, tokenizer: .wordPiece(path: "\(directory)/none", lowercase: true),
                    to: path)
            }
            #expect(error?.code == .fileSystem && error?.source == "\(directory)/none")
            #expect(FileManager.default.fileExists(atPath: "\(path)/spiece.model"))
        }
    }

    @Test(arguments: configurations) func oldLayerNormNamesAreUnderstood(configuration: ModelConfiguration) throws {
        let context = ComputeContext(threads: 1)
        let source = arena(configuration, seed: Self.seed, in: context)
        let renamed = items(source) { name in
            guard name.lowercased().contains("norm") else { return name }
            return name.replacing(".weight", with: ".gamma").replacing(".bias", with: ".beta")
        }
        let (loaded, report) = try load(renamed, configuration, in: context)
        #expect(report.missing.isEmpty && report.unexpected.isEmpty)
        #expect(loaded.values.floats() == source.values.floats())
    }

    @Test(arguments: configurations) func decoderAliasesAndBuffersAreNotUnexpected(
        configuration: ModelConfiguration
    ) throws {
        let context = ComputeContext(threads: 1)
        let source = arena(configuration, seed: Self.seed, in: context)
        let (base, head) =
            configuration == GoldenModels.albert ? ("albert", "predictions") : ("bert", "cls.predictions")
        var all = items(source) { $0 }
        all.append(item("\(head).decoder.weight", .float32, [20, 1], [Float](repeating: 9, count: 20)))
        all.append(item("\(head).decoder.bias", .float32, [20], [Float](repeating: 9, count: 20)))
        all.append(item("\(base).embeddings.position_ids", .int64, [1, 12], [Int64](0..<12)))
        let (loaded, report) = try load(all, configuration, in: context)
        #expect(report.missing.isEmpty && report.unexpected.isEmpty)
        #expect(loaded.values.floats() == source.values.floats())

        // A file that has the bias under the alias alone is complete too.
        let aliased = items(source) { $0 == "\(head).bias" ? "\(head).decoder.bias" : $0 }
        let second = try load(aliased, configuration, in: context)
        #expect(second.report.missing.isEmpty && second.report.unexpected.isEmpty)
        #expect(second.parameters.values.floats() == source.values.floats())
    }

    @Test(arguments: configurations) func aBareEncoderFileFillsTheEncoder(configuration: ModelConfiguration) throws {
        let context = ComputeContext(threads: 1)
        let source = arena(configuration, seed: Self.seed, in: context)
        let prefix = configuration == GoldenModels.albert ? "albert." : "bert."
        let bare = items(source) { $0.hasPrefix(prefix) ? String($0.dropFirst(prefix.count)) : nil }
        let (loaded, report) = try load(bare, configuration, in: context)
        #expect(!report.missing.isEmpty && report.missing.allSatisfy { !$0.hasPrefix(prefix) })
        #expect(report.unexpected.isEmpty && report.loaded.count == bare.count)
        for name in report.loaded { #expect(loaded[name].floats() == source[name].floats(), "\(name)") }
    }

    @Test func headsMayBeMissingButAreReported() throws {
        let context = ComputeContext(threads: 1)
        let source = arena(GoldenModels.albert, seed: Self.seed, in: context)
        var released = items(source) { $0.hasPrefix("sop_classifier") ? nil : $0 }
        released.append(item("classifier.weight", .float32, [1], [Float(1)]))
        let (loaded, report) = try load(released, GoldenModels.albert, in: context)
        #expect(report.missing == ["sop_classifier.classifier.weight", "sop_classifier.classifier.bias"])
        #expect(report.unexpected == ["classifier.weight"])
        let untouched = arena(GoldenModels.albert, seed: Self.seed + 1, in: context)
        let name = "sop_classifier.classifier.weight"
        #expect(loaded[name].floats() == untouched[name].floats())
    }

    @Test func aMissingEncoderTensorFailsUnlessAllowed() throws {
        let context = ComputeContext(threads: 1)
        let source = arena(GoldenModels.bert(), seed: Self.seed, in: context)
        let incomplete = items(source) { $0.hasPrefix("bert.pooler") ? nil : $0 }
        let error = failure { _ = try load(incomplete, GoldenModels.bert(), in: context) }
        #expect(error?.code == .missingTensor && error?.message.contains("bert.pooler.dense.weight") == true)
        let (_, report) = try load(incomplete, GoldenModels.bert(), tolerating: .anything, in: context)
        #expect(report.missing == ["bert.pooler.dense.weight", "bert.pooler.dense.bias"])
    }

    /// Everything may be lacking only where the caller says so, and then the report names it.
    @Test func aFileOfAnotherModelFailsUnlessAnythingMayBeMissing() throws {
        let context = ComputeContext(threads: 1)
        let foreign = [item("transformer.h.0.attn.weight", .float32, [2], [Float(1), 2])]
        for tolerance in LoadTolerance.allCases where tolerance != .anything {
            let error = failure { _ = try load(foreign, GoldenModels.bert(), tolerating: tolerance, in: context) }
            #expect(error?.code == .missingTensor && error?.message.contains("'bert'") == true)
        }
        let (_, report) = try load(foreign, GoldenModels.bert(), tolerating: .anything, in: context)
        #expect(report.loaded.isEmpty && report.unexpected == ["transformer.h.0.attn.weight"])
    }

    @Test func aWrongShapeIsNamedAndNothingIsWritten() throws {
        let context = ComputeContext(threads: 1)
        let source = arena(GoldenModels.albert, seed: Self.seed, in: context)
        let name = "albert.pooler.weight"
        let wrong =
            items(source) { $0 == name ? nil : $0 } + [item(name, .float32, [4, 16], [Float](repeating: 0, count: 64))]
        try withTemporaryDirectory { directory in
            let path = "\(directory)/weights.safetensors"
            try SafetensorsWriter.write(wrong, to: path)
            let target = arena(GoldenModels.albert, seed: Self.seed + 1, in: context)
            let before = target.values.floats()
            let error = failure {
                _ = try ModelDirectory.loadWeights(from: SafetensorsFile(path: path), into: target, GoldenModels.albert)
            }
            #expect(error?.code == .tensorMismatch)
            #expect(error?.description == "\(path): tensor '\(name)': expected shape [8, 8], got [4, 16]")
            #expect(target.values.floats() == before)
        }
    }
}
