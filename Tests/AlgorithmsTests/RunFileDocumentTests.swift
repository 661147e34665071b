import Algorithms
import Foundation
import Testing

@Suite struct RunFileDocumentTests {
    private func document() throws -> String {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
        return try String(contentsOf: root.appending(path: "docs/run-file.md"), encoding: .utf8)
    }

    /// The dotted keys of a resolved run file: what stands before the colon, below its groups.
    private func keys(of yaml: String) -> Set<String> {
        var path: [(indent: Int, key: String)] = []
        var keys: Set<String> = []
        for line in yaml.split(separator: "\n") {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let indent = line.prefix { $0 == " " }.count
            path.removeAll { $0.indent >= indent }
            path.append((indent, line[..<colon].trimmingCharacters(in: .whitespaces)))
            if line.index(after: colon) < line.endIndex { keys.insert(path.map(\.key).joined(separator: ".")) }
        }
        return keys
    }

    @Test func everyKeyIsDocumentedAndEveryDocumentedKeyExists() throws {
        let variants = [
            "model: {preset: albert-base-v2}",
            "model: {preset: bert-base-uncased}\noptimizer: {name: sgd}\nschedule: {name: polynomial}",
            "program: finetuning\nmodel: {directory: bert}\ntask: {name: mrpc, data: glue}",
        ]
        let known = try variants.reduce(into: Set<String>()) { known, yaml in
            known.formUnion(keys(of: try RunConfiguration.parse(yaml: yaml, file: "test").resolvedYAML()))
        }
        let documented = Set(
            try document().split(separator: "\n").compactMap { line -> String? in
                guard line.hasPrefix("| `") else { return nil }
                return String(line.dropFirst(3).prefix { $0 != "`" })
            })
        #expect(known.subtracting(documented) == [], "missing from docs/run-file.md")
        #expect(documented.subtracting(known) == [], "in docs/run-file.md, but not a key")
    }
}
