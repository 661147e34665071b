import Glibc

/// The best guess of a masked token that knows nothing but how often each token occurs: the floor that a masked
/// language model has to beat.
package struct UnigramDistribution: Sendable {
    private let negativeLogProbabilities: [Double]

    /// - Parameter counts: how often each id was a masked token in the training records. One is added to every count,
    ///   so that an id never seen has a finite cost.
    package init(counts: [Int]) {
        let total = counts.reduce(0) { $0 + Double($1) + 1 }
        negativeLogProbabilities = counts.map { log(total / (Double($0) + 1)) }
    }

    /// Ids the distribution knows.
    package var vocabularySize: Int { negativeLogProbabilities.count }

    /// The sum of −ln p over `ids`, in nats; an id outside the vocabulary costs infinity.
    package func loss(of ids: [Int32]) -> Double {
        ids.reduce(0) { sum, id in
            negativeLogProbabilities.indices.contains(Int(id)) ? sum + negativeLogProbabilities[Int(id)] : .infinity
        }
    }
}
