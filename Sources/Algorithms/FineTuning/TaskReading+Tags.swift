import Text

extension TaskReading {
    /// Words, each with its tag.
    func taggingTask() throws -> any FineTuningTask {
        let (training, development, labels, facts) = try split(
            { try $0.tagging($1) }, labels: { try data.labels(in: $0) })
        let ids = Dictionary(uniqueKeysWithValues: labels.enumerated().map { ($1, $0) })
        var dropped = 0
        func samples(_ examples: [TaggingExample]) throws -> [TaggingTask.Sample] {
            try examples.map { example in
                let sample = try sample(of: example, ids)
                dropped += example.words.count - sample.tags.count
                return sample
            }
        }
        var summary = facts
        let (trainingSamples, developmentSamples) = (try samples(training), try samples(development))
        summary["labels"] = String(labels.count)
        summary["words_cut_off"] = String(dropped)
        return TaggingTask(
            description, labels: labels, training: trainingSamples, development: developmentSamples, summary: summary)
    }

    private func sample(of example: TaggingExample, _ ids: [String: Int]) throws -> TaggingTask.Sample {
        guard example.tags != nil || isUnlabelledAllowed else {
            throw TextError(.malformedDataset, "sentence \(example.id) has no tags")
        }
        let encoding = try tokenizer.encode(words: example.words, maximumLength: run.task.maxSequenceLength)
        let tags = try encoding.words.map { word in
            // Nothing is measured on data without tags.
            guard let label = example.tags?[word] else { return 0 }
            guard let tag = ids[label] else { throw unknownLabel(label, of: "sentence \(example.id)", ids) }
            return tag
        }
        return TaggingTask.Sample(
            ids: encoding.ids, firstTokens: encoding.firstTokens, tags: tags, words: encoding.words)
    }
}
