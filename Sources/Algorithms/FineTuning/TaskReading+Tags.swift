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

    /// Words go into tokens one by one; what does not fit is cut from the end.
    private func sample(of example: TaggingExample, _ ids: [String: Int]) throws -> TaggingTask.Sample {
        var tokens = [tokenizer.specials.classification]
        var (firstTokens, tags) = ([Int](), [Int]())
        guard example.tags != nil || isUnlabelledAllowed else {
            throw TextError(.malformedDataset, "sentence \(example.id) has no tags")
        }
        for (index, word) in example.words.enumerated() {
            var tag = 0
            if let label = example.tags?[index] {
                guard let id = ids[label] else { throw unknownLabel(label, of: "sentence \(example.id)", ids) }
                tag = id
            }
            let pieces = try tokenizer.tokenize(word).map(\.id)
            guard !pieces.isEmpty else { continue }
            let room = run.task.maxSequenceLength - 1 - tokens.count
            if room <= 0 { break }
            firstTokens.append(tokens.count)
            tags.append(tag)
            tokens += pieces.prefix(room)
        }
        return TaggingTask.Sample(ids: tokens + [tokenizer.specials.separator], firstTokens: firstTokens, tags: tags)
    }
}
