/// Makes and writes the records of a tokenised split, in parallel and in a fixed order.
struct RecordWriting {
    /// Documents that one thread turns into records at a time.
    private static let blockSize = 64

    let tokenizer: SentencePieceTokenizer
    let threads: Int

    /// Writes all passes over the store to `directory`.
    func run(
        _ store: TokenStore, split: String, _ parameters: RecordParameters, directory: String,
        trainingCounts: [Int]? = nil, progress: (DataPreparation.Progress) -> Void
    ) throws(TextError) -> DatasetManifest {
        let writer = try PretrainingRecordWriter(directory: directory, tokenizer: tokenizer, parameters)
        let encoder = writer.encoder
        let maker = RecordMaker(store, tokenizer: tokenizer, parameters)
        let blocks = (store.documentCount + Self.blockSize - 1) / Self.blockSize
        let total = blocks * parameters.duplicateFactor
        let orders = (0..<parameters.duplicateFactor).map { pass in
            KeyedPermutation(seed: parameters.seed, stream: UInt64(pass), count: store.documentCount)
        }
        var done = 0
        try OrderedParallel.forEachInOrder(count: total, threads: threads, waveSize: 32 * threads) {
            (index) throws(TextError) -> PretrainingRecordWriter.Block in
            let (pass, block) = index.quotientAndRemainder(dividingBy: blocks)
            var result = PretrainingRecordWriter.Block()
            let end = min(store.documentCount, (block + 1) * Self.blockSize)
            for position in block * Self.blockSize..<end {
                for record in maker.records(ofDocument: orders[pass][position], pass: pass) {
                    encoder.append(record, to: &result)
                }
            }
            return result
        } consume: { (block) throws(TextError) in
            try writer.append(block)
            done += 1
            if done % (32 * threads) == 0 || done == total {
                progress(DataPreparation.Progress(phase: "records \(split)", done: done, total: total))
            }
        }
        return try writer.finish(
            split: split, documents: store.documentCount, sentences: store.sentenceCount,
            trainingCounts: trainingCounts)
    }
}
