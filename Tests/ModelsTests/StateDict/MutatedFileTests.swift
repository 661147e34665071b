import Foundation
import Models
import Testing

/// Files with a few bytes changed at random: an error or tensors, never a crash.
struct MutatedFileTests {
    private static let seed: UInt64 = 0x5EED_0004
    private static let rounds = 1500

    /// SplitMix64 (Steele et al. 2014).
    private struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var word = state
            word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
            word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
            return word ^ word >> 31
        }
    }

    /// One to four changes: bytes replaced, bits flipped, cut out, put in twice, or the end cut off.
    private static func mutated(_ bytes: [UInt8], by generator: inout Generator) -> [UInt8] {
        var bytes = bytes
        let interesting: [UInt8] = [0, 1, 0x7F, 0x80, 0xFF, 0x28, 0x2E, 0x52, 0x85, 0x8A]
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            guard let place = bytes.indices.randomElement(using: &generator) else { break }
            let end = min(bytes.count, place + Int.random(in: 1...16, using: &generator))
            switch Int.random(in: 0..<12, using: &generator) {
            case 0: bytes.removeSubrange(place..<end)
            case 1: bytes.insert(contentsOf: Array(bytes[place..<end]), at: place)
            case 2: bytes.removeSubrange(place...)
            case 3, 4: bytes[place] = interesting.randomElement(using: &generator) ?? 0
            case 5...7: bytes[place] = UInt8.random(in: 0...255, using: &generator)
            default: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            }
        }
        return bytes
    }

    /// What a source holds; nil where reading ends with an error.
    private func contents(_ source: any StateDictSource) throws -> [String: (tensor: StoredTensor, values: [Float]?)] {
        var contents: [String: (tensor: StoredTensor, values: [Float]?)] = [:]
        for name in source.names {
            let tensor = try #require(source.tensor(name))
            do {
                let values = try source.floats(name)
                #expect(values.count == tensor.shape.reduce(1, *))
                contents[name] = (tensor, values)
            } catch is ModelsError {
                contents[name] = (tensor, nil)
            }
        }
        return contents
    }

    /// Opens mutations of the fixture `name` under `path`; `check` compares what opens with the original.
    private func run(
        _ name: String, at path: String, opening opened: String? = nil,
        _ check: ([String: (tensor: StoredTensor, values: [Float]?)], String) throws -> Void
    ) throws {
        var generator = Generator(state: Self.seed)
        let whole = try CheckpointFixtures.bytes(name)
        for round in 0..<Self.rounds {
            try CheckpointFixtures.write(Self.mutated(whole, by: &generator), to: path)
            do {
                try check(contents(StateDictFiles.open(opened ?? path)), "seed \(Self.seed), round \(round)")
            } catch let error as ModelsError {
                #expect(!error.description.contains("\n") && error.description.utf8.count < 20_000)
            }
        }
    }

    @Test(arguments: ["odd-legacy.bin", "odd.safetensors"])
    func filesWithoutChecksumsGiveTensorsThatFitThem(name: String) throws {
        let size = try CheckpointFixtures.bytes(name).count
        try withTemporaryDirectory { directory in
            try run(name, at: "\(directory)/weights") { contents, round in
                for (tensor, _) in contents.values { #expect(tensor.count <= size + 64, "\(round)") }
            }
        }
    }

    @Test(arguments: ["odd-zip.bin", "odd-zip64.bin"])
    func anArchiveGivesTheSameTensorsButForDamagedNumbers(name: String) throws {
        let original = try contents(StateDictFiles.open(CheckpointFixtures.path(name)))
        try withTemporaryDirectory { directory in
            try run(name, at: "\(directory)/weights") { contents, round in
                #expect(contents.keys.sorted() == original.keys.sorted(), "\(round)")
                for (name, (tensor, _)) in contents {
                    let expected = original[name]?.tensor
                    #expect(tensor.shape == expected?.shape && tensor.dtype == expected?.dtype, "\(round)")
                }
            }
        }
    }

    @Test(arguments: ["model.ckpt.index", "model.ckpt.data-00000-of-00001"])
    func aTensorFlowCheckpointGivesTheSameNumbersOrAnError(name: String) throws {
        let original = try contents(StateDictFiles.open(CheckpointFixtures.path("bert-tensorflow/model.ckpt")))
        try withTemporaryDirectory { directory in
            for file in ["model.ckpt.index", "model.ckpt.data-00000-of-00001"] {
                try Data(CheckpointFixtures.bytes("bert-tensorflow/\(file)")).write(
                    to: URL(filePath: "\(directory)/\(file)"))
            }
            try run("bert-tensorflow/\(name)", at: "\(directory)/\(name)", opening: "\(directory)/model.ckpt") {
                contents, round in
                #expect(contents.keys.sorted() == original.keys.sorted(), "\(round)")
                for (name, (tensor, values)) in contents {
                    #expect(tensor.shape == original[name]?.tensor.shape, "\(round)")
                    if let values { #expect(values == original[name]?.values, "\(round)") }
                }
            }
        }
    }

    @Test func anIndexGivesTheSameTensorsOrAnError() throws {
        let fixture = try CheckpointFixtures.path("bert-sharded")
        let original = try contents(StateDictFiles.open(fixture))
        try withTemporaryDirectory { directory in
            let copy = "\(directory)/model"
            try FileManager.default.copyItem(atPath: fixture, toPath: copy)
            try run("bert-sharded/model.safetensors.index.json", at: "\(copy)/model.safetensors.index.json") {
                contents, round in
                #expect(contents.mapValues(\.values) == original.mapValues(\.values), "\(round)")
            }
        }
    }
}
