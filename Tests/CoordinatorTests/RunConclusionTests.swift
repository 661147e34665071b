import Algorithms
import ControlPlane
import Coordinator
import Foundation
import Testing

@Suite struct RunConclusionTests {
    private static let values = [
        "masked_lm_loss": 2.5, "unigram_cross_entropy": 3.25, "masked_lm_accuracy": 0.5,
        "sentence_order_accuracy": 0.75, "sentence_order_majority": 0.5, "global_step": 10,
        "training_seconds": 4, "trained_tokens": 1000, "parameters": 77,
    ]

    private func member(
        _ rank: Int, _ status: RankOutcome.Status?, exitCode: Int = 0, step: Int = 10, values: [String: Double] = [:]
    ) -> Member {
        var member = Member(
            request: JoinRequest(
                nodeID: NodeID(address: "a\(rank)", incarnation: 1), processID: rank, hostName: "h", dataEndpoint: "d",
                threads: 1), lastHeard: .zero)
        member.rank = rank
        member.outcome = status.map {
            RankOutcome(
                rank: rank, generation: 1, step: step, status: $0, message: "", exitCode: exitCode, values: values,
                digests: ["weights_sha256": "w", "optimizer_sha256": "o"])
        }
        return member
    }

    private func conclude(
        _ ending: RunEnding, _ members: [Member], _ check: (CoordinatedRun, [String], Int32) throws -> Void
    ) throws {
        let run = try CoordinatedRun(worldSize: max(1, members.count))
        let (lines, exitCode) = try RunConclusion(run.description, directory: run.directory)
            .write(ending, members: members, wallSeconds: 8)
        try check(run, lines, exitCode)
        #expect(FileManager.default.fileExists(atPath: run.directory.reportPath))
    }

    @Test func completedRunShowsItsResultAndExitsWithZero() throws {
        try conclude(.completed, [member(0, .completed, values: Self.values), member(1, .completed)]) {
            run, lines, exitCode in
            #expect(exitCode == 0)
            #expect(lines.first == "***** Eval results *****")
            #expect(lines.contains("global_step = 10") && lines.contains("masked_lm_loss = 2.5"), "\(lines)")
            #expect(lines.contains("reached: held-out masked_lm_loss 2.5000 is below the unigram cross-entropy 3.2500"))
            #expect(
                lines.contains(
                    "reached: held-out sentence_order_accuracy 0.7500 is above 0.55 and above always guessing the same "
                        + "(0.5000)"), "\(lines)")
            // What is no metric stays out of the metrics.
            #expect(!lines.contains { $0.hasPrefix("parameters") || $0.hasPrefix("trained_tokens") })
            let result = try RunResult.read(path: run.directory.resultPath)
            #expect(result.status == .finished && result.step == 10 && result.worldSize == 2)
            #expect(result.parameters == 77 && result.tokensPerSecond == 250 && result.wallSeconds == 8)
            #expect(result.weightsSHA256 == "w" && result.optimizerSHA256 == "o")
            #expect(result.eval["masked_lm_loss"] == 2.5 && result.eval.count == 6)
            let text = try String(contentsOfFile: "\(run.folder)/eval_results.txt", encoding: .utf8)
            #expect(text.contains("masked_lm_loss = 2.5\n"))
            let before = try RunConclusion.finishedBefore(run.directory, run.description.configuration)
            #expect(before?.dropFirst().elementsEqual(lines) == true)
            var longer = run.description.configuration
            longer.training.steps = 11
            #expect(try RunConclusion.finishedBefore(run.directory, longer) == nil)
        }
    }

    @Test(arguments: [
        ("masked_lm_loss", 3.25, "not reached: held-out masked_lm_loss"),
        ("sentence_order_accuracy", 0.55, "not reached: held-out sentence_order_accuracy"),
        ("sentence_order_majority", 0.8, "not reached: held-out sentence_order_accuracy"),
    ])
    func goalThatIsMissedIsNamed(key: String, value: Double, line: String) throws {
        let values = Self.values.merging([key: value]) { $1 }
        try conclude(.completed, [member(0, .completed, values: values)]) { _, lines, exitCode in
            #expect(
                lines.count { $0.hasPrefix("not reached: ") } == 1 && lines.contains { $0.hasPrefix(line) }, "\(lines)")
            #expect(exitCode == 0)
        }
    }

    @Test func stoppedRunSaysHowToGoOn() throws {
        try conclude(.stopped, [member(0, .stopped, exitCode: 75, step: 4)]) { run, lines, exitCode in
            #expect(lines == ["stopped after step 4; continue with --resume"] && exitCode == 75)
            #expect(!FileManager.default.fileExists(atPath: run.directory.resultPath))
        }
        try conclude(.stopped, []) { _, lines, exitCode in
            #expect(lines == ["stopped; continue with --resume"] && exitCode == 75)
        }
    }

    @Test(arguments: [([69, 65], 65), ([69, 69], 69), ([70], 70), ([0, 0], 70), ([], 69)] as [([Int], Int32)])
    func failedRunExitsWithTheFirstCause(codes: [Int], expected: Int32) throws {
        let members = codes.enumerated().map { member($0, $1 == 0 ? .completed : .failed, exitCode: $1) }
        try conclude(.failed("what happened"), members + (codes.contains(0) ? [] : [member(9, nil)])) {
            run, lines, exitCode in
            #expect(lines.isEmpty && exitCode == expected)
            #expect(!FileManager.default.fileExists(atPath: run.directory.resultPath))
        }
    }

    @Test func completedWithoutRankZeroIsAFaultOfTheProgram() throws {
        let run = try CoordinatedRun(worldSize: 1)
        let (lines, exitCode) = try RunConclusion(run.description, directory: run.directory)
            .write(.completed, members: [member(0, nil)], wallSeconds: 1)
        #expect(exitCode == 70 && lines == ["error: rank 0 ended without an outcome"])
    }
}
