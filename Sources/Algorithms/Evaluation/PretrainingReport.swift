import FoundationEssentials

/// What an evaluation found, under the names of the ALBERT and BERT programs.
package struct PretrainingReport: Sendable, Equatable {
    /// The sentence-pair objective, which names two of the keys.
    package enum PairTask: String, Sendable {
        case sentenceOrder = "sentence_order"
        case nextSentence = "next_sentence"
    }

    /// Steps completed when the weights were scored.
    package let globalStep: Int
    /// The sentence-pair objective.
    package let pairTask: PairTask
    /// Mean of the batches' own losses.
    package let loss: Double
    /// Weighted share of masked tokens guessed right.
    package let maskedAccuracy: Double
    /// Weighted mean cross-entropy of masked tokens, in nats.
    package let maskedLoss: Double
    /// Cross-entropy of the same masked tokens under the unigram distribution, in nats: what `maskedLoss` has to beat.
    package let unigramCrossEntropy: Double
    /// Share of pair labels guessed right.
    package let pairAccuracy: Double
    /// Mean cross-entropy of pair labels, in nats.
    package let pairLoss: Double
    /// Share of the more frequent pair label: what always saying the same would score.
    package let pairMajority: Double

    /// Keys and values, sorted by key: the six keys of the original programs and the two baselines.
    package var pairs: [(key: String, value: Double)] {
        [
            ("global_step", Double(globalStep)), ("loss", loss), ("masked_lm_accuracy", maskedAccuracy),
            ("masked_lm_loss", maskedLoss), ("unigram_cross_entropy", unigramCrossEntropy),
            ("\(pairTask.rawValue)_accuracy", pairAccuracy), ("\(pairTask.rawValue)_loss", pairLoss),
            ("\(pairTask.rawValue)_majority", pairMajority),
        ].sorted { $0.0 < $1.0 }
    }

    /// One `key = value` line per key, as in `eval_results.txt`.
    package var lines: String {
        pairs.map { "\($0.key) = \($0.key == "global_step" ? String(globalStep) : Float($0.value).description)\n" }
            .joined()
    }

    /// The block for the terminal: the title line and `lines`.
    package var text: String { "***** Eval results *****\n" + lines }

    /// Writes `lines` to `path`, replacing an older file at once.
    ///
    /// - Throws: `storage` naming the path.
    package func write(to path: String) throws(AlgorithmsError) {
        do {
            try Data(lines.utf8).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw AlgorithmsError(.storage, subject: path, "cannot be written: \(error)")
        }
    }
}
