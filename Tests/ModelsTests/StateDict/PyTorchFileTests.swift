import Foundation
import Models
import Tensor
import Testing

struct PyTorchFileTests {
    @Test(arguments: ["odd-zip.bin", "odd-zip64.bin", "odd-legacy.bin"])
    func everyElementTypeAndViewIsRead(name: String) throws {
        let source = try StateDictFiles.open(CheckpointFixtures.path(name))
        let expected = try SafetensorsFile(path: CheckpointFixtures.path("odd.safetensors"))
        #expect(source.format == (name == "odd-legacy.bin" ? .pytorchLegacy : .pytorchArchive))
        #expect(source.names.sorted() == expected.names.sorted() && source.names.count == 20)
        for name in expected.names {
            let tensor = try #require(source.tensor(name))
            let entry = try #require(expected.entry(name))
            #expect(tensor.shape == entry.shape && tensor.dtype == entry.dtype, "\(name)")
            #expect(try source.doubles(name) == expected.doubles(name), "\(name)")
            #expect(try source.floats(name) == expected.floats(name), "\(name)")
        }
    }

    @Test func theOrderOfTheFileIsKept() throws {
        let source = try StateDictFiles.open(CheckpointFixtures.path("odd-zip.bin"))
        #expect(source.names.prefix(3) == ["float", "double", "half"] && source.names.last == "parameter")
    }

    @Test(arguments: [
        "bert-sharded", "bert-sharded-bin", "bert-first", "bert-sharded/model.safetensors.index.json",
        "bert-sharded-bin/pytorch_model.bin.index.json", "bert-first/pytorch_model.bin",
    ])
    func aModelLoadsFromEveryFormToTheBit(name: String) throws {
        let path = try CheckpointFixtures.path(name)
        let directory = name.contains("/") ? String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]) : path
        let expected = try SafetensorsFile(path: CheckpointFixtures.path("bert.safetensors"))
        let (model, report) = try ModelDirectory.load(
            configuration: "\(directory)/config.json", weights: path, in: ComputeContext(threads: 1))
        #expect(report.missing.isEmpty && report.unexpected.isEmpty)
        #expect(report.loaded.sorted() == expected.names.sorted())
        for name in expected.names {
            #expect(try model.parameters[name].floats() == expected.floats(name), "\(name)")
        }
    }

    @Test(arguments: ["bert-tensorflow", "albert-tensorflow"])
    func aTensorFlowCheckpointGivesWhatTransformersMakesOfIt(name: String) throws {
        let directory = try CheckpointFixtures.path(name)
        let family = String(name.prefix { $0 != "-" })
        let expected = try SafetensorsFile(path: "\(directory)/expected.safetensors")
        for weights in [directory, "\(directory)/model.ckpt", "\(directory)/model.ckpt.index"] {
            let source = try StateDictFiles.open(weights)
            #expect(source.format == .tensorflowCheckpoint)
            let (model, report) = try ModelDirectory.load(
                configuration: "\(directory)/\(family)_config.json", weights: weights,
                in: ComputeContext(threads: 1))
            #expect(report.missing.isEmpty && report.unexpected.isEmpty)
            #expect(report.loaded.sorted() == expected.names.sorted())
            for name in expected.names {
                #expect(try model.parameters[name].floats() == expected.floats(name), "\(name)")
            }
            // The original code's `gelu` is the tanh form.
            #expect(model.configuration.encoder.activation == .geluNew)
        }
    }
}
