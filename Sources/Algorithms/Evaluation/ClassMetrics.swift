/// Counts of a classifier's hits and misses per class, and the measures made of them. Measures that are 0 / 0 are 0, as in
/// scikit-learn.
package struct ClassMetrics: Sendable, Hashable {
    /// Examples of each class that were predicted as such.
    package private(set) var truePositives: [Int]
    /// Examples predicted as each class.
    package private(set) var predicted: [Int]
    /// Examples that are of each class.
    package private(set) var actual: [Int]

    private init(classes: Int) {
        truePositives = Array(repeating: 0, count: classes)
        (predicted, actual) = (truePositives, truePositives)
    }

    /// Counts predictions of one class each; ids are 0 ..< `classes`, and both arrays are of one length.
    package init(predictions: [Int], labels: [Int], classes: Int) {
        self.init(classes: classes)
        for (prediction, label) in zip(predictions, labels) {
            predicted[prediction] += 1
            actual[label] += 1
            if prediction == label { truePositives[label] += 1 }
        }
    }

    /// Counts predictions of any number of classes each.
    package init(predictions: [Set<Int>], labels: [Set<Int>], classes: Int) {
        self.init(classes: classes)
        for (prediction, label) in zip(predictions, labels) {
            for id in prediction { predicted[id] += 1 }
            for id in label { actual[id] += 1 }
            for id in prediction.intersection(label) { truePositives[id] += 1 }
        }
    }

    /// The share of predictions of single classes that are right.
    package var accuracy: Double { ratio(Double(truePositives.reduce(0, +)), Double(actual.reduce(0, +))) }

    /// The harmonic mean of precision and recall of one class.
    package func f1(of id: Int) -> Double {
        ratio(2 * Double(truePositives[id]), Double(predicted[id] + actual[id]))
    }

    /// F1 over the counts of all classes together.
    package var microF1: Double {
        ratio(2 * Double(truePositives.reduce(0, +)), Double(predicted.reduce(0, +) + actual.reduce(0, +)))
    }

    /// The mean of the F1 of the classes that occur, among labels or predictions, or with `countsAbsent` of all.
    package func macroF1(countsAbsent: Bool) -> Double {
        let ids = truePositives.indices.filter { countsAbsent || predicted[$0] + actual[$0] > 0 }
        return ratio(ids.reduce(0) { $0 + f1(of: $1) }, Double(ids.count))
    }

    /// Matthews' correlation coefficient of single classes (Gorodkin 2004 for more than two); 0 if either side is constant.
    package var matthews: Double {
        let total = Double(actual.reduce(0, +))
        let hits = Double(truePositives.reduce(0, +))
        func product(_ left: [Int], _ right: [Int]) -> Double {
            zip(left, right).reduce(0) { $0 + Double($1.0) * Double($1.1) }
        }
        let covariance = hits * total - product(predicted, actual)
        let spread = (total * total - product(predicted, predicted)) * (total * total - product(actual, actual))
        return ratio(covariance, spread.squareRoot())
    }
}

/// The share of examples whose predicted classes are exactly the right ones.
package func exactMatch(predictions: [Set<Int>], labels: [Set<Int>]) -> Double {
    ratio(Double(zip(predictions, labels).count { $0 == $1 }), Double(labels.count))
}

/// A ratio that is 0 over 0.
func ratio(_ numerator: Double, _ denominator: Double) -> Double { denominator == 0 ? 0 : numerator / denominator }
