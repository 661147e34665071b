import Models
import Text

extension TaskReading {
    /// Questions, each with its answers.
    func choiceTask() throws -> any FineTuningTask {
        let (training, development, _, facts) = try split({ try $0.choices($1) }, labels: { _ in [] })
        var cut = 0
        func samples(_ examples: [ChoiceExample]) throws -> [ChoiceTask.Sample] {
            try examples.map { example in
                let choices = try example.choices.map(encode)
                if choices.contains(where: { $0.removedCount > 0 }) { cut += 1 }
                guard example.label != nil || isUnlabelledAllowed else {
                    throw TextError(.malformedDataset, "question \(example.id) has no answer")
                }
                return ChoiceTask.Sample(
                    choices: choices.map { ($0.ids, $0.typeIDs) }, label: example.label ?? 0, group: example.group)
            }
        }
        var summary = facts
        let (trainingSamples, developmentSamples) = (try samples(training), try samples(development))
        summary["shortened_examples"] = String(cut)
        return ChoiceTask(description, training: trainingSamples, development: developmentSamples, summary: summary)
    }

    /// One answer in its context. Of RACE, as ALBERT reads it, question and answer keep their end and the article its
    /// beginning; of the others, the longer text loses its end, as in the scripts of Hugging Face.
    private func encode(_ choice: ChoiceExample.Choice) throws -> Encoding {
        let limit = run.task.maxSequenceLength
        guard description.name == "race" else {
            return try tokenizer.encode(
                choice.text, pair: choice.pair, EncodingOptions(maximumLength: limit, truncation: .longestFirst))[0]
        }
        let room = limit - tokenizer.template.specialCount(isPair: true)
        let (article, question) = (try tokenizer.tokenize(choice.text), try tokenizer.tokenize(choice.pair))
        let kept = question.suffix(min(run.task.maxQALength, room))
        let context = article.prefix(room - kept.count)
        var encoding = try tokenizer.encode(tokens: Array(context), pair: Array(kept))[0]
        encoding.removedCount = article.count + question.count - context.count - kept.count
        return encoding
    }
}
