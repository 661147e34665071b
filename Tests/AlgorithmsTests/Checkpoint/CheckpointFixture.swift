import Algorithms
import Foundation
import Tensor

/// A small trained state and a directory that goes away with the fixture.
final class CheckpointFixture {
    let root: String
    let optimizer: Lamb

    init(width: Int = 40) {
        root = FileManager.default.temporaryDirectory.appending(path: "checkpoints-\(UUID().uuidString)")
            .path(percentEncoded: false)
        optimizer = Self.makeOptimizer(width: width)
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    static func makeOptimizer(width: Int = 40, dtype: DType = .float32) -> Lamb {
        let arena = ParameterArena(
            entries: [
                ParameterEntry(name: "z.weight", shape: [width, 7], initializer: .normal(std: 0.5)),
                ParameterEntry(name: "a.bias", shape: [7], initializer: .normal(std: 0.5)),
            ], dtype: dtype, in: ComputeContext())
        arena.initialize(seed: 11)
        return Lamb(arena)
    }

    /// One step with gradients that depend on the step's number alone.
    static func train(_ optimizer: Lamb) {
        let step = optimizer.updateCount
        optimizer.arena.gradients.withMutableFloats { gradients in
            for index in 0..<gradients.count { gradients[index] = Float((index * 31 + step * 17) % 23) / 10 - 1 }
        }
        optimizer.step(learningRate: 0.01, gradientScale: 0.5)
    }

    func checkpoint(step: Int) -> Checkpoint {
        Checkpoint(
            of: optimizer, step: step, seed: 99, dataCursor: DataCursor(epoch: 2, position: step * 8),
            configurationDigest: "c0ffee", dataDigest: "da7a")
    }

    func store(keep: Int = 5) -> DirectoryCheckpointStore { DirectoryCheckpointStore(directory: root, keep: keep) }

    func path(step: Int, _ file: String) -> String {
        "\(root)/step-\(String(repeating: "0", count: 8 - String(step).count))\(step)/\(file)"
    }

    func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: root).sorted() }
}
