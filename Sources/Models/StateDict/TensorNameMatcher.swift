/// How the tensors of a file correspond to the parameters of a model.
package struct LoadReport: Sendable, Hashable {
    /// Parameters that the file does not hold; they keep the value they had.
    package var missing: [String] = []
    /// Those of them for which the file has a tensor of another shape.
    package var resized: [String] = []
    /// Tensors of the file that the model has no place for.
    package var unexpected: [String] = []
    /// Parameters that were read.
    package var loaded: [String] = []
}

/// Matches names in files to names in models, across the spellings that published files use.
struct TensorNameMatcher {
    /// The prefix of the encoder's names inside a model with heads, e.g. `albert.`.
    let basePrefix: String
    /// Names under which files repeat a parameter, and the parameter's own name.
    let aliases: [String: String]

    /// The result: for each parameter found, the name it has in the file.
    struct Match {
        var fileNames: [String: String] = [:]
        /// What each unexpected tensor would be called in the model.
        var unexpectedNames: [String: String] = [:]
        var report = LoadReport()
    }

    /// Pairs `parameters` (names of the model) with `tensors` (names of the file).
    func match(parameters: [String], tensors: [String]) -> Match {
        let wanted = Set(parameters)
        // A file of a bare encoder has no prefix; a bare encoder reading a file of a model with heads strips it.
        let modelHasPrefix = parameters.contains { $0.hasPrefix(basePrefix) }
        let fileHasPrefix = tensors.contains { $0.hasPrefix(basePrefix) }
        var match = Match()
        var repeated: [(parameter: String, tensor: String)] = []
        for tensor in tensors.sorted() {
            var name = Self.modern(tensor)
            if modelHasPrefix, !fileHasPrefix {
                name = basePrefix + name
            } else if !modelHasPrefix, name.hasPrefix(basePrefix) {
                name = String(name.dropFirst(basePrefix.count))
            }
            if wanted.contains(name), match.fileNames[name] == nil {
                match.fileNames[name] = tensor
            } else if let parameter = aliases[name], wanted.contains(parameter) {
                repeated.append((parameter, tensor))
            } else if !Self.isBuffer(name) {
                // Also a second spelling of a name.
                match.report.unexpected.append(tensor)
                match.unexpectedNames[tensor] = name
            }
        }
        // The parameter's own name wins over a repetition of it.
        for (parameter, tensor) in repeated where match.fileNames[parameter] == nil {
            match.fileNames[parameter] = tensor
        }
        match.report.missing = parameters.filter { match.fileNames[$0] == nil }
        match.report.loaded = parameters.filter { match.fileNames[$0] != nil }
        return match
    }

    /// Layer norms were once called gamma and beta.
    private static func modern(_ name: String) -> String {
        var name = name
        for (old, new) in [("gamma", "weight"), ("beta", "bias")] {
            while let range = name.firstRange(of: old) { name.replaceSubrange(range, with: new) }
        }
        return name
    }

    /// Constant buffers that some files carry along.
    private static func isBuffer(_ name: String) -> Bool {
        name.hasSuffix("position_ids") || name.hasSuffix("token_type_ids")
    }
}

extension ModelConfiguration {
    /// The matcher of this family: tied tensors may occur in files under the decoder's names too.
    var nameMatcher: TensorNameMatcher {
        let (layout, tied) = (layout, encoder.tiesWordEmbeddings)
        let names = layout.maskedLM
        var aliases = tied ? ["\(names.decoder).weight": layout.wordTable] : [:]
        let bias = names.bias(tied: tied)
        for name in [names.bias, "\(names.decoder).bias"] where name != bias { aliases[name] = bias }
        return TensorNameMatcher(basePrefix: layout.prefix, aliases: aliases)
    }
}
