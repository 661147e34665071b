import ArgumentParser

/// `troupe bench`: how fast this machine trains.
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract:
            "Measure matrix products, training steps, tokenizers, kernels and sums over processes on this machine.",
        discussion: """
            Numbers mean something only while nothing else runs. scripts/bench compares them with other programs'.

            Examples:
              troupe bench train-step --model bert-base --precision fp32
              troupe bench matmul --m 4096 --n 768 --k 768 --json
            """,
        subcommands: [
            BenchMatmulCommand.self, BenchTrainStepCommand.self, BenchTokenizeCommand.self, BenchKernelsCommand.self,
            BenchAllReduceCommand.self,
        ])
}
