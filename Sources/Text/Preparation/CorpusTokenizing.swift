/// Tokenises a stream of documents into one store for training and one for the held-out documents.
struct CorpusTokenizing {
    /// The tokenised corpus.
    struct Stores {
        let train: TokenStore
        /// Nil if no share is held out.
        let heldout: TokenStore?
        let report: CorpusReport
    }

    /// Documents that one thread encodes at a time.
    private static let blockSize = 64
    /// Documents in memory at a time.
    private static let waveSize = 4096
    /// Bytes of text in memory at a time, which matters when documents are long.
    private static let waveBytes = 16 << 20

    let tokenizer: SentencePieceTokenizer
    let holdout: HoldoutRule
    let threads: Int

    /// Reads, encodes in parallel, and writes in the order of the input. Throws `emptyCorpus` if a split is empty.
    func run(
        _ input: PreparedInput, staging: String, progress: (DataPreparation.Progress) -> Void
    ) throws(TextError) -> Stores {
        try Folders.create("\(staging)/train")
        try Folders.create("\(staging)/heldout")
        let train = try TokenStoreWriter(directory: "\(staging)/train")
        let heldout = try TokenStoreWriter(directory: "\(staging)/heldout")
        var source = try input.source(holdout)
        while true {
            let documents = try wave(&source)
            guard !documents.isEmpty else { break }
            let blocks = (documents.count + Self.blockSize - 1) / Self.blockSize
            let encoded = try OrderedParallel.map(count: blocks, threads: threads) {
                (block) throws(TextError) -> [[[Int32]]] in
                let range = block * Self.blockSize..<min(documents.count, (block + 1) * Self.blockSize)
                return try tokenizer.encode(documents: documents[range])
            }
            for (document, sentences) in zip(documents, encoded.joined()) {
                try (holdout.holdsOut(document) ? heldout : train).append(sentences)
            }
            progress(
                DataPreparation.Progress(
                    phase: "tokenize", done: train.documentCount + heldout.documentCount, total: nil))
        }
        var report = source.report
        report.emptyDocuments += train.emptyDocuments + heldout.emptyDocuments
        guard train.documentCount > 0 else {
            throw TextError(.emptyCorpus, "there is no text to train on: \(report)")
        }
        guard heldout.documentCount > 0 || holdout.share == 0 else {
            throw TextError(
                .emptyCorpus,
                "none of the \(train.documentCount) documents falls into the held-out share of \(holdout.share): "
                    + "raise the share, or set it to 0 to do without held-out data")
        }
        let heldoutStore = heldout.documentCount > 0 ? try heldout.finish() : nil
        return Stores(train: try train.finish(), heldout: heldoutStore, report: report)
    }

    private func wave(_ source: inout any DocumentSource) throws(TextError) -> [TextDocument] {
        var documents: [TextDocument] = []
        var bytes = 0
        while documents.count < Self.waveSize, bytes < Self.waveBytes, let document = try source.next() {
            documents.append(document)
            for sentence in document.sentences { bytes += sentence.utf8.count }
        }
        return documents
    }
}
