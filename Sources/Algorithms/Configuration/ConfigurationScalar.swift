import Text

/// A type that a single key of a run file can hold.
protocol ConfigurationScalar: Sendable, Equatable {
    /// What is expected, in words: "a whole number".
    static var expectation: String { get }
    /// Nil if `value` is not of this type.
    init?(_ value: ConfigurationValue)
    /// The value as it is written back; reading it gives the same value.
    var content: ConfigurationValue.Content { get }
    /// The accepted word that `text` was probably meant to be.
    static func nearest(to text: String) -> String?
}

extension ConfigurationScalar {
    static func nearest(to text: String) -> String? { nil }
}

/// A choice between fixed words.
protocol ConfigurationChoice: ConfigurationScalar, CaseIterable, RawRepresentable where RawValue == String {}

extension ConfigurationChoice {
    static var expectation: String { "one of \(allCases.map(\.rawValue).joined(separator: ", "))" }

    init?(_ value: ConfigurationValue) {
        guard case .scalar(let text, _) = value.content else { return nil }
        self.init(rawValue: text)
    }

    var content: ConfigurationValue.Content { .scalar(rawValue, quoted: false) }

    static func nearest(to text: String) -> String? {
        NearestKey.suggestion(for: text, among: allCases.map(\.rawValue))
    }
}

extension ConfigurationValue {
    /// The text of an unquoted scalar: a quoted number is a text.
    fileprivate var plainText: String? {
        if case .scalar(let text, quoted: false) = content { text } else { nil }
    }
}

extension Int: ConfigurationScalar {
    static var expectation: String { "a whole number" }
    init?(_ value: ConfigurationValue) {
        guard let text = value.plainText else { return nil }
        self.init(text)
    }
    var content: ConfigurationValue.Content { .scalar(String(self), quoted: false) }
}

extension UInt64: ConfigurationScalar {
    static var expectation: String { "a whole number from 0" }
    init?(_ value: ConfigurationValue) {
        guard let text = value.plainText else { return nil }
        self.init(text)
    }
    var content: ConfigurationValue.Content { .scalar(String(self), quoted: false) }
}

extension Double: ConfigurationScalar {
    static var expectation: String { "a finite number" }
    init?(_ value: ConfigurationValue) {
        // Only decimal notation: words such as "nan" and hexadecimal forms are slips.
        guard let text = value.plainText, text.utf8.allSatisfy({ "0123456789+-.eE".utf8.contains($0) }),
            let number = Double(text), number.isFinite
        else { return nil }
        self = number
    }
    // The shortest text that reads back to the same number.
    var content: ConfigurationValue.Content { .scalar(description, quoted: false) }
}

extension Bool: ConfigurationScalar {
    static var expectation: String { "true or false" }
    init?(_ value: ConfigurationValue) {
        guard let text = value.plainText else { return nil }
        self.init(text)
    }
    var content: ConfigurationValue.Content { .scalar(self ? "true" : "false", quoted: false) }
}

extension String: ConfigurationScalar {
    static var expectation: String { "text" }
    init?(_ value: ConfigurationValue) {
        guard case .scalar(let text, _) = value.content else { return nil }
        self = text
    }
    var content: ConfigurationValue.Content { .scalar(self, quoted: !isPlainWord) }

    /// Whether the text, without quotes, can only be read as itself.
    private var isPlainWord: Bool {
        let letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_/"
        let words = ["null", "true", "false"]
        guard let first, letters.contains(first), !words.contains(lowercased()) else { return false }
        return dropFirst().allSatisfy { letters.contains($0) || "0123456789.-".contains($0) }
    }
}

extension Optional: ConfigurationScalar where Wrapped: ConfigurationScalar {
    static var expectation: String { "\(Wrapped.expectation), or null" }
    init?(_ value: ConfigurationValue) {
        if case .null = value.content {
            self = .none
        } else if let wrapped = Wrapped(value) {
            self = .some(wrapped)
        } else {
            return nil
        }
    }
    var content: ConfigurationValue.Content { self?.content ?? .null }
    static func nearest(to text: String) -> String? { Wrapped.nearest(to: text) }
}

extension Array: ConfigurationScalar where Element: ConfigurationScalar {
    static var expectation: String { "a list, each \(Element.expectation)" }
    init?(_ value: ConfigurationValue) {
        guard case .list(let items) = value.content else { return nil }
        var elements: [Element] = []
        for item in items {
            guard let element = Element(item) else { return nil }
            elements.append(element)
        }
        self = elements
    }
    var content: ConfigurationValue.Content {
        .list(map { ConfigurationValue(origin: "", content: $0.content) })
    }
}
