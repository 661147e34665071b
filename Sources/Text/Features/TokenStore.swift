/// Tokenised documents on disk, mapped into memory: token ids, where each sentence starts, where each document starts.
/// It stands where the original pretraining code keeps all documents in a list, so that the corpus may exceed memory.
package final class TokenStore: Sendable {
    /// Number of documents; every one has at least one sentence and every sentence at least one token.
    package let documentCount: Int
    /// Number of sentences over all documents.
    package let sentenceCount: Int
    /// Number of tokens over all sentences.
    package let tokenCount: Int

    private let tokens: MappedFile
    private let sentences: MappedFile
    private let documents: MappedFile

    /// Opens the store that a `TokenStoreWriter` finished in `directory`.
    package init(directory: String) throws(TextError) {
        tokens = try MappedFile("\(directory)/tokens.bin")
        sentences = try MappedFile("\(directory)/sentences.bin")
        documents = try MappedFile("\(directory)/documents.bin")
        tokenCount = tokens.count / MemoryLayout<Int32>.stride
        sentenceCount = sentences.count / MemoryLayout<UInt64>.stride - 1
        documentCount = documents.count / MemoryLayout<UInt64>.stride - 1
        guard sentenceCount >= 0, documentCount >= 0, offset(sentences, sentenceCount) == tokenCount,
            offset(documents, documentCount) == sentenceCount
        else { throw TextError(.malformedDataset, "the token store in \(directory) is damaged") }
    }

    /// The sentences of a document, as indices into the whole store.
    package func sentences(ofDocument document: Int) -> Range<Int> {
        precondition(document >= 0 && document < documentCount, "document \(document) of \(documentCount)")
        return offset(documents, document)..<offset(documents, document + 1)
    }

    /// Where a sentence starts among all tokens; `sentenceCount` is allowed and gives the end.
    package func tokenStart(ofSentence sentence: Int) -> Int {
        precondition(sentence >= 0 && sentence <= sentenceCount, "sentence \(sentence) of \(sentenceCount)")
        return offset(sentences, sentence)
    }

    /// Appends the ids of a token range.
    package func append(_ range: Range<Int>, to ids: inout [Int32]) {
        precondition(range.lowerBound >= 0 && range.upperBound <= tokenCount, "tokens \(range) of \(tokenCount)")
        unsafe tokens.withBytes { bytes in
            unsafe ids.append(contentsOf: bytes.assumingMemoryBound(to: Int32.self)[range])
        }
    }

    private func offset(_ file: MappedFile, _ index: Int) -> Int {
        unsafe file.withBytes { unsafe Int($0.load(fromByteOffset: index * 8, as: UInt64.self)) }
    }
}

/// Writes a `TokenStore`, document by document.
package final class TokenStoreWriter {
    /// Documents without a single token, left out.
    package private(set) var emptyDocuments = 0
    /// Documents written so far.
    package private(set) var documentCount = 0
    private let directory: String
    private let tokens: OutputFile
    private let sentences: OutputFile
    private let documents: OutputFile
    private var tokenCount: UInt64 = 0
    private var sentenceCount: UInt64 = 0

    /// Starts a store in an existing directory; throws `unwritable`.
    package init(directory: String) throws(TextError) {
        self.directory = directory
        tokens = try OutputFile("\(directory)/tokens.bin")
        sentences = try OutputFile("\(directory)/sentences.bin")
        documents = try OutputFile("\(directory)/documents.bin")
        try sentences.append(integers: [tokenCount])
        try documents.append(integers: [sentenceCount])
    }

    /// Adds a document of tokenised sentences; empty sentences are dropped, an empty document is counted only.
    package func append(_ document: [[Int32]]) throws(TextError) {
        let before = sentenceCount
        for sentence in document where !sentence.isEmpty {
            try tokens.append(integers: sentence)
            tokenCount += UInt64(sentence.count)
            sentenceCount += 1
            try sentences.append(integers: [tokenCount])
        }
        guard sentenceCount > before else {
            emptyDocuments += 1
            return
        }
        documentCount += 1
        try documents.append(integers: [sentenceCount])
    }

    /// Finishes the files and opens the store.
    package func finish() throws(TextError) -> TokenStore {
        try tokens.finish()
        try sentences.finish()
        try documents.finish()
        return try TokenStore(directory: directory)
    }
}
