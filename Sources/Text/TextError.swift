/// What went wrong in the Text room: a stable code, and a message that names the file, the place and what was expected.
package struct TextError: Error, CustomStringConvertible, Sendable {
    /// The kinds of failure; fit for a metric label.
    package enum Code: String, Sendable {
        /// A file or directory could not be read.
        case unreadable
        /// A file or directory could not be written.
        case unwritable
        /// A tokenizer model is damaged or lacks a piece that pretraining needs.
        case malformedModel
        /// A dataset file is truncated, altered, or not ours.
        case malformedDataset
        /// A parameter is out of its range.
        case invalidParameter
        /// There is no text to work on.
        case emptyCorpus
        /// The SentencePiece library refused to encode, decode or train.
        case tokenizer
        /// A program of the operating system is missing or failed.
        case command
    }

    /// The kind of failure.
    package let code: Code
    /// What happened, where, and what was expected.
    package let message: String

    /// An error of this kind with this message.
    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
