import Algorithms
import Collective
import ControlPlane
import Models
import Testing
import Text
import Worker

@Suite struct FailureKindTests {
    private struct Surprise: Error {}

    /// The exit codes that the documentation promises: 65 bad input, 69 the cluster, 70 a fault of the program.
    private static let cases: [(error: any Error, exitCode: Int)] = [
        (ConfigurationError(.inconsistent, key: "seed", message: ""), 65),
        (ModelsError(.invalidConfiguration, ""), 65),
        (TextError(.malformedDataset, ""), 65),
        (AlgorithmsError(.checkpointMismatch, ""), 65),
        (AlgorithmsError(.damagedCheckpoint, ""), 65),
        (AlgorithmsError(.storage, ""), 65),
        (AlgorithmsError(.noSpace, ""), 65),
        (AlgorithmsError(.notFinite, ""), 70),
        (AlgorithmsError(.checkpointStalled, ""), 70),
        (CollectiveError(.peerLost, "", rank: 0, generation: 1), 69),
        (ControlPlaneError(.timeout, "", target: "", peer: "", callID: 1), 69),
        (WorkerError(.rendezvous, ""), 69),
        (Surprise(), 70),
    ]

    @Test func everyErrorHasItsExitCode() {
        for (error, exitCode) in Self.cases {
            #expect(FailureKind(of: error).exitCode == exitCode, "\(type(of: error)): \(error)")
        }
    }
}
