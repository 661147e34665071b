/// Numbers as a person reads them; the same everywhere, whatever the locale.
package enum Quantity {
    /// A number with a fixed count of digits after the point: `5.812`; `nan` and `inf` as words.
    package static func fixed(_ value: Double, _ digits: Int) -> String {
        guard value.isFinite else { return "\(value)" }
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        let scaled = (abs(value) * scale).rounded()
        guard scaled < 9e15 else { return "\(value)" }
        let whole = Int(scaled)
        let sign = value < 0 && whole > 0 ? "-" : ""
        guard digits > 0 else { return sign + String(whole) }
        let text = String(whole)
        let padded = String(repeating: "0", count: max(0, digits + 1 - text.count)) + text
        return sign + padded.dropLast(digits) + "." + padded.suffix(digits)
    }

    /// About three digits with a suffix for thousands: `950`, `18.4k`, `11.7M`, `0.0018`, `2.5e-05`.
    package static func short(_ value: Double) -> String {
        guard value.isFinite else { return "\(value)" }
        let size = abs(value)
        // The limits are where rounding to one digit would show 1000.0 of the smaller unit.
        for (unit, suffix) in [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")] where size >= unit * 0.99995 {
            return fixed(value / unit, size >= unit * 99.95 ? 0 : 1) + suffix
        }
        if size == 0 { return "0" }
        if size >= 99.95 { return fixed(value, 0) }
        if size >= 0.001 { return significant(value, 3) }
        return exponential(value)
    }

    /// A count with thousands apart: `11,683,584`.
    package static func count(_ value: Int) -> String {
        let digits = String(value.magnitude)
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { text += "," }
            text.append(digit)
        }
        return (value < 0 ? "-" : "") + text
    }

    /// A span of time: `45s`, `2m10s`, `1h05m`, `3d04h`.
    package static func duration(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds < 1e12 else { return "?" }
        let total = max(0, Int(seconds.rounded()))
        let (minutes, hours) = (total / 60, total / 3600)
        if total < 60 { return "\(total)s" }
        if minutes < 60 { return "\(minutes)m\(padded(total % 60))s" }
        if hours < 24 { return "\(hours)h\(padded(minutes % 60))m" }
        return "\(hours / 24)d\(padded(hours % 24))h"
    }

    /// A number with so many significant digits, zeros at the end left away: `5.81`, `0.00176`, `2`.
    static func significant(_ value: Double, _ digits: Int) -> String {
        guard value.isFinite, value != 0 else { return value == 0 ? "0" : "\(value)" }
        var places = digits - 1
        var size = abs(value)
        while size >= 10 {
            size /= 10
            places -= 1
        }
        while size < 1 {
            size *= 10
            places += 1
        }
        guard places <= 12 else { return exponential(value) }
        let text = fixed(value, max(0, places))
        guard text.contains(".") else { return text }
        var trimmed = Substring(text)
        while trimmed.last == "0" { trimmed.removeLast() }
        if trimmed.last == "." { trimmed.removeLast() }
        return String(trimmed)
    }

    private static func exponential(_ value: Double) -> String {
        var exponent = 0
        var size = abs(value)
        while size < 1 {
            size *= 10
            exponent -= 1
        }
        if fixed(size, 1) == "10.0" {
            size /= 10
            exponent += 1
        }
        return "\(value < 0 ? "-" : "")\(significant(size, 2))e\(exponent)"
    }

    private static func padded(_ value: Int) -> String {
        value < 10 ? "0\(value)" : String(value)
    }
}
