/// Whether operations record themselves; inherited by the code called within a scope, on its thread or task only.
enum GradientMode {
    @TaskLocal static var isRecording = true
}

extension Tensor {
    /// Runs `body` without recording: its results need no gradient and keep no activations alive. For evaluation.
    package static func withoutGradient<Result>(_ body: () throws -> Result) rethrows -> Result {
        try GradientMode.$isRecording.withValue(false, operation: body)
    }
}
