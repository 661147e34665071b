internal import Glibc
package import Models
package import Tensor
package import Text

extension SpanScores {
    /// From a start and an end per token, as a span head gives them: [n, 2], row by row.
    package init(rows: some Collection<Float>) {
        self.init(start: [], end: [])
        for (index, value) in rows.enumerated() {
            if index.isMultiple(of: 2) { start.append(value) } else { end.append(value) }
        }
    }

    /// The log-softmax of starts and of ends over the window.
    var logProbabilities: SpanScores {
        func normalized(_ logits: [Float]) -> [Float] {
            let peak = Double(logits.max() ?? 0)
            let total = peak + log(logits.reduce(0) { $0 + exp(Double($1) - peak) })
            return logits.map { Float(Double($0) - total) }
        }
        return SpanScores(start: normalized(start), end: normalized(end))
    }
}

extension EncoderModel {
    /// The start and end logits at the tokens of windows, [T, 2], the windows one behind the other.
    ///
    /// - Throws: `invalidInput` for windows that the model does not take.
    package func spanLogits(
        of windows: [QuestionWindow], _ options: ForwardOptions = ForwardOptions(), in context: ComputeContext
    ) throws(ModelsError) -> (logits: Tensor, sequences: SequenceOffsets) {
        let input = try EncoderInput(windows.map { ($0.ids, $0.typeIDs) }, for: configuration, in: context)
        return (spanLogits(input, options), input.sequences)
    }

    /// The logits of each window, computed `batchSize` windows at a time without gradients.
    ///
    /// - Throws: as `spanLogits(of:)`.
    package func spanScores(
        of windows: [QuestionWindow], batchSize: Int, in context: ComputeContext
    ) throws -> [SpanScores] {
        var scores: [SpanScores] = []
        for start in stride(from: 0, to: windows.count, by: batchSize) {
            let batch = Array(windows[start..<min(start + batchSize, windows.count)])
            let values = try Tensor.withoutGradient { try spanLogits(of: batch, in: context).logits.floats() }
            var place = 0
            for window in batch {
                scores.append(SpanScores(rows: values[place..<place + 2 * window.ids.count]))
                place += 2 * window.ids.count
            }
        }
        return scores
    }
}
