import Models
import Tensor

extension PredictCommand {
    /// What a question-answering model says of each line: its tokens with the logits of start and end.
    func predictSpans(_ text: ModelText) throws {
        try InputLine.forEach(texts, input: input) { line in
            guard line.tokens != nil || line.pair != nil else {
                throw CommandError(
                    .badData,
                    "\(model) answers questions: expected a JSON object with question and context, or input_ids, got "
                        + "'\(line.text.prefix(60))'")
            }
            let tokens = try text.tokens(line)
            let input = try text.input(tokens)
            let rows = Tensor.withoutGradient { text.model.spanLogits(input) }.doubles()
            func column(_ first: Int) -> [Double] { stride(from: first, to: rows.count, by: 2).map { rows[$0] } }
            try printJSON([
                "input_ids": tokens.ids, "tokens": text.spelling(tokens.ids), "start_logits": column(0),
                "end_logits": column(1),
            ])
        }
    }
}
