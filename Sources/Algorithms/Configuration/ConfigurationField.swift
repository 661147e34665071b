/// A condition on one value, with the words that say it.
struct ConfigurationBound<Value: Sendable>: Sendable {
    let expectation: String
    let accepts: @Sendable (Value) -> Bool
}

extension ConfigurationBound where Value: Comparable & CustomStringConvertible {
    static func atLeast(_ limit: Value) -> Self { .init(expectation: "at least \(limit)") { $0 >= limit } }
    static func above(_ limit: Value) -> Self { .init(expectation: "above \(limit)") { $0 > limit } }
    static func within(_ range: ClosedRange<Value>) -> Self {
        .init(expectation: "from \(range.lowerBound) to \(range.upperBound)") { range.contains($0) }
    }
    static func below(_ limit: Value, from low: Value) -> Self {
        .init(expectation: "at least \(low) and below \(limit)") { $0 >= low && $0 < limit }
    }
}

extension ConfigurationBound where Value == String {
    static var nonEmpty: Self { .init(expectation: "some text") { !$0.isEmpty } }
}

extension ConfigurationBound {
    /// The same condition where null is accepted too.
    static func orNull<Wrapped>(_ bound: ConfigurationBound<Wrapped>) -> Self where Value == Wrapped? {
        .init(expectation: "\(bound.expectation), or null") { $0.map(bound.accepts) ?? true }
    }

    static var any: Self { .init(expectation: "any value") { _ in true } }
}

/// A group of keys of the run file: a plain struct and one table of its keys. The table alone drives reading, writing,
/// checking, the digest and the list of differences, so that none of them can forget a key.
protocol ConfigurationSection: Sendable, Equatable {
    init()
    static var fields: [ConfigurationField<Self>] { get }
    /// Relations between the keys of this group; `path` is the group's own dotted name.
    func checkRelations(path: String) throws(ConfigurationError)
    /// Keys that must be written, given those that were.
    func missingKeys(written: Set<String>) -> [String]
}

extension ConfigurationSection {
    func checkRelations(path: String) throws(ConfigurationError) {}
    func missingKeys(written: Set<String>) -> [String] { [] }
}

/// One key of a `ConfigurationSection`.
struct ConfigurationField<Section: ConfigurationSection>: Sendable {
    /// Puts a value that was read, at a dotted key, into its group, where that means more than storing it.
    typealias Assignment<Value> = @Sendable (Value, String, inout Section) throws(ConfigurationError) -> Void

    let key: String
    /// False for what changes how a run goes about its work and never what it computes.
    let determinesTraining: Bool
    /// Nil where the key has a meaning, else the reason why it has none ("only for sgd").
    let inapplicability: @Sendable (Section) -> String?
    let read: @Sendable (ConfigurationValue, String, inout Section) throws(ConfigurationError) -> Void
    let check: @Sendable (Section, String) throws(ConfigurationError) -> Void
    let write: @Sendable (Section, Bool) -> ConfigurationValue.Content
    /// Dotted names below this key, for suggestions.
    let nestedKeys: @Sendable () -> [String]

    /// A key with one value.
    static func value<Value: ConfigurationScalar>(
        _ key: String, _ member: any WritableKeyPath<Section, Value> & Sendable,
        _ bound: ConfigurationBound<Value> = .any,
        determinesTraining: Bool = true, inapplicability: @escaping @Sendable (Section) -> String? = { _ in nil },
        assign: Assignment<Value>? = nil
    ) -> ConfigurationField {
        ConfigurationField(
            key: key, determinesTraining: determinesTraining, inapplicability: inapplicability,
            read: { value, path, section throws(ConfigurationError) in
                guard let parsed = Value(value) else { throw Self.mismatch(value, path, Value.self) }
                guard let assign else {
                    section[keyPath: member] = parsed
                    return
                }
                do throws(ConfigurationError) {
                    try assign(parsed, path, &section)
                } catch {
                    throw error.located(at: value.origin)
                }
            },
            check: { section, path throws(ConfigurationError) in
                let value = section[keyPath: member]
                guard !bound.accepts(value) else { return }
                let found = ConfigurationValue(origin: "", content: value.content).summary
                throw ConfigurationError(
                    .outOfRange, key: path, message: "expected \(bound.expectation), got \(found)")
            },
            write: { section, _ in section[keyPath: member].content },
            nestedKeys: { [] })
    }

    /// A key with a group of keys below it.
    static func group<Nested: ConfigurationSection>(
        _ key: String, _ member: any WritableKeyPath<Section, Nested> & Sendable, determinesTraining: Bool = true,
        inapplicability: @escaping @Sendable (Section) -> String? = { _ in nil }
    ) -> ConfigurationField {
        ConfigurationField(
            key: key, determinesTraining: determinesTraining, inapplicability: inapplicability,
            read: { value, path, section throws(ConfigurationError) in
                try section[keyPath: member].read(value, path: path)
            },
            check: { section, path throws(ConfigurationError) in try section[keyPath: member].check(path: path) },
            write: { section, onlyTraining in section[keyPath: member].content(onlyTraining: onlyTraining) },
            nestedKeys: { Nested.dottedKeys(prefix: key) })
    }

    /// The same key, without a meaning also where `reason` is not nil.
    func inapplicable(_ reason: @escaping @Sendable (Section) -> String?) -> ConfigurationField {
        ConfigurationField(
            key: key, determinesTraining: determinesTraining,
            inapplicability: { [inapplicability] in reason($0) ?? inapplicability($0) }, read: read, check: check,
            write: write, nestedKeys: nestedKeys)
    }

    private static func mismatch<Value: ConfigurationScalar>(
        _ value: ConfigurationValue, _ path: String, _: Value.Type
    ) -> ConfigurationError {
        var hint = ""
        if case .scalar(let text, _) = value.content, let nearest = Value.nearest(to: text) {
            hint = "; did you mean \(nearest)?"
        }
        return ConfigurationError(
            .wrongType, origin: value.origin, key: path,
            message: "expected \(Value.expectation), got \(value.summary)\(hint)")
    }
}
