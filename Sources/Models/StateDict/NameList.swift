/// The names of tensors as text: those that differ in the number of a layer alone are told once.
struct NameList: CustomStringConvertible {
    private var patterns: [(text: String, count: Int)] = []

    /// Lists `names` in their order.
    init(_ names: some Sequence<String>) {
        var places: [String: Int] = [:]
        for name in names {
            let parts = name.split(separator: ".", omittingEmptySubsequences: false)
            let pattern = parts.map { Int($0) == nil ? String($0) : "*" }.joined(separator: ".")
            if let place = places[pattern] {
                patterns[place].count += 1
            } else {
                places[pattern] = patterns.count
                patterns.append((pattern, 1))
            }
            // A name that is alone is shown with its number.
            if let place = places[pattern], patterns[place].count == 1 { first[pattern] = name }
        }
    }

    private var first: [String: String] = [:]

    var description: String {
        patterns.map { $0.count == 1 ? first[$0.text] ?? $0.text : "\($0.text) (\($0.count))" }
            .joined(separator: ", ")
    }
}
