/// Which parameters are trained and how fast, by patterns over their names: regular expressions that must match from the
/// start of a name (as Python's `re.match` does), so that a plain prefix is a pattern too.
package struct ParameterSelection: Sendable, Equatable {
    /// A learning rate of its own for the parameters that match.
    package struct Rate: Sendable, Equatable {
        /// The pattern over names.
        package let pattern: String
        /// The peak learning rate.
        package let rate: Double
    }

    /// Only these are trained; empty for all.
    package var trained: [String]
    /// These are not trained, even if they match `trained`.
    package var frozen: [String]
    /// Peak rates that differ from the optimizer's; the first that matches counts.
    package var rates: [Rate]

    /// Everything, at the optimizer's rate, unless said otherwise.
    package init(trained: [String] = [], frozen: [String] = [], rates: [Rate] = []) {
        self.trained = trained
        self.frozen = frozen
        self.rates = rates
    }

    /// The selection of a run file.
    ///
    /// - Throws: `ConfigurationError` for a pattern that is no regular expression, or a rate that is no number.
    package init(_ section: OptimizerSection) throws(ConfigurationError) {
        self.init(trained: section.train, frozen: section.freeze)
        for text in section.rates {
            guard let equals = text.lastIndex(of: "="), let rate = Double(text[text.index(after: equals)...]), rate > 0,
                rate.isFinite
            else {
                throw ConfigurationError(
                    .wrongType, key: "optimizer.rates", message: "expected PATTERN=RATE, got '\(text)'")
            }
            rates.append(Rate(pattern: String(text[..<equals]), rate: rate))
        }
        for (key, patterns) in [("train", trained), ("freeze", frozen), ("rates", rates.map(\.pattern))] {
            for pattern in patterns where (try? Regex(pattern)) == nil {
                throw ConfigurationError(
                    .wrongType, key: "optimizer.\(key)", message: "'\(pattern)' is no regular expression")
            }
        }
    }

    /// The share of the learning rate that each of `names` gets when the optimizer's peak is `peak`: 0 where a parameter
    /// is not trained.
    ///
    /// - Throws: `noSuchParameter` for a pattern that matches none of the names.
    package func scales(of names: [String], peak: Double) throws(AlgorithmsError) -> [Double] {
        for pattern in trained + frozen + rates.map(\.pattern) where !names.contains(where: { matches($0, pattern) }) {
            throw AlgorithmsError(
                .noSuchParameter, subject: pattern,
                "matches no parameter of the model; they are called \(names.first ?? "nothing") ... \(names.last ?? "")"
            )
        }
        return names.map { name in
            let isTrained = trained.isEmpty || trained.contains { matches(name, $0) }
            guard isTrained, !frozen.contains(where: { matches(name, $0) }) else { return 0 }
            return rates.first { matches(name, $0.pattern) }.map { $0.rate / peak } ?? 1
        }
    }

    private func matches(_ name: String, _ pattern: String) -> Bool {
        guard let expression = try? Regex(pattern) else { return false }
        return (try? expression.prefixMatch(in: name)) != nil
    }
}
