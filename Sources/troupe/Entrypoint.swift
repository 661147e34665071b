import ArgumentParser

/// The one binary: see `troupe --help`.
@main
struct Troupe: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "troupe",
        abstract: "Train BERT-family encoders on a cluster of processes.",
        subcommands: [
            PretrainCommand.self, FinetuneCommand.self, PredictCommand.self, AnswerCommand.self, EvaluateCommand.self,
            EncodeCommand.self, FillMaskCommand.self, TokenizeCommand.self, TokenizerCommand.self, DataCommand.self,
            ModelCommand.self,
            CoordinatorCommand.self, WorkerCommand.self, BenchCommand.self, DoctorCommand.self,
        ])
}
