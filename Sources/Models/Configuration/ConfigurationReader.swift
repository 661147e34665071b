/// Takes typed values out of a configuration object, one key at a time; what is left was not known.
struct ConfigurationReader {
    /// The keys nobody asked for so far.
    private(set) var remaining: [String: JSONValue]
    /// The file named in errors.
    let source: String

    init(_ keys: [String: JSONValue], source: String) {
        remaining = keys
        self.source = source
    }

    /// An integer in `range`; `fallback` when the key is absent.
    mutating func integer(_ key: String, default fallback: Int, in range: ClosedRange<Int>) throws(ModelsError) -> Int {
        guard let value = take(key) else { return fallback }
        guard case .integer(let number) = value else { throw mismatch(key, expected: "an integer", got: value) }
        guard range.contains(number) else {
            throw mismatch(key, expected: "\(range.lowerBound) to \(range.upperBound)", got: value)
        }
        return number
    }

    /// A finite number that `accepts` holds for (`expected` says so in words); `fallback` when the key is absent.
    mutating func number(
        _ key: String, default fallback: Double, _ expected: String, where accepts: (Double) -> Bool
    ) throws(ModelsError) -> Double {
        guard let value = take(key) else { return fallback }
        let number: Double
        switch value {
        case .integer(let whole): number = Double(whole)
        case .real(let real): number = real
        default: throw mismatch(key, expected: "a number", got: value)
        }
        guard number.isFinite, accepts(number) else { throw mismatch(key, expected: expected, got: value) }
        return number
    }

    /// A probability of dropping, 0 <= p < 1.
    mutating func rate(_ key: String, default fallback: Double) throws(ModelsError) -> Double {
        try number(key, default: fallback, "at least 0 and below 1") { $0 >= 0 && $0 < 1 }
    }

    /// One of `choices`, which pair the word in the file with its meaning; `fallback` when the key is absent.
    mutating func choice<Value>(
        _ key: String, default fallback: Value, among choices: [(word: String, value: Value)]
    ) throws(ModelsError) -> Value {
        guard let value = take(key) else { return fallback }
        if case .string(let word) = value, let choice = choices.first(where: { $0.word == word }) {
            return choice.value
        }
        throw mismatch(key, expected: "one of " + choices.map(\.word).joined(separator: ", "), got: value)
    }

    /// As `rate`, but null and absence mean that there is none.
    mutating func optionalRate(_ key: String) throws(ModelsError) -> Double? {
        // A rate can never be negative, so -1 stands for "absent" here.
        let rate = try number(key, default: -1, "at least 0 and below 1") { $0 >= 0 && $0 < 1 }
        return rate < 0 ? nil : rate
    }

    /// True or false; `fallback` when the key is absent.
    mutating func boolean(_ key: String, default fallback: Bool) throws(ModelsError) -> Bool {
        guard let value = take(key) else { return fallback }
        guard case .bool(let flag) = value else { throw mismatch(key, expected: "true or false", got: value) }
        return flag
    }

    /// Refuses any other value than `required` for a key that would mean a model we do not build.
    mutating func require(_ key: String, _ required: JSONValue) throws(ModelsError) {
        guard let value = take(key), value != required else { return }
        throw mismatch(key, expected: required.text(indentation: nil), got: value)
    }

    /// Drops a key whose value is computed when the configuration is written.
    mutating func ignore(_ key: String) { _ = take(key) }

    /// The value of a key, which counts as known from now on; nil when it is absent or null.
    mutating func take(_ key: String) -> JSONValue? {
        guard let value = remaining.removeValue(forKey: key), value != .null else { return nil }
        return value
    }

    /// The error for a value that is not what was expected.
    func mismatch(_ key: String, expected: String, got value: JSONValue) -> ModelsError {
        ModelsError(
            .invalidConfiguration, source: source,
            "key '\(key)': expected \(expected), got \(value.text(indentation: nil))")
    }
}
