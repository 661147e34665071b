import Tensor

extension ModelConfiguration {
    /// Pairs the parameters of a model with `head` with the tensors of `source`, as the other `match`.
    func match(
        _ source: any StateDictSource, head: ModelHead, tolerating tolerance: LoadTolerance
    ) throws(ModelsError) -> TensorNameMatcher.Match {
        try match(source, parameterEntries(head: head), tolerating: tolerance)
    }

    /// Pairs the parameters `entries` with the tensors of `source`. Throws `missingTensor` with the names if nothing
    /// matches or if a parameter is lacking that may not; throws `tensorMismatch` for wrong shapes.
    func match(
        _ source: any StateDictSource, _ entries: [ParameterEntry], tolerating tolerance: LoadTolerance
    ) throws(ModelsError) -> TensorNameMatcher.Match {
        let (matcher, layout) = (nameMatcher, layout)
        var match = matcher.match(parameters: entries.map(\.name), tensors: source.names)
        if tolerance == .newHead {
            for entry in entries where !entry.name.hasPrefix(matcher.basePrefix) { match.drop(entry, unlike: source) }
        }
        let report = match.report
        let unexpected = report.unexpected.isEmpty ? "" : "; unexpected: \(NameList(report.unexpected))"
        guard !report.loaded.isEmpty || tolerance == .anything else {
            throw ModelsError(
                .missingTensor, source: source.path,
                "none of its \(source.names.count) tensors belongs to a model of type "
                    + "'\(type(of: encoder).modelType)'; missing: \(NameList(report.missing))\(unexpected)")
        }
        let lacking = report.missing.filter { !tolerance.accepts($0, of: layout) }
        guard lacking.isEmpty else {
            let part = lacking.allSatisfy { $0.hasPrefix(matcher.basePrefix) } ? "encoder" : "model"
            throw ModelsError(
                .missingTensor, source: source.path,
                "\(lacking.count) tensors of the \(part) are missing: \(NameList(lacking))\(unexpected)")
        }
        try source.requireShapes(of: entries, match.fileNames)
        return match
    }
}

extension TensorNameMatcher.Match {
    /// Treats a parameter as lacking if the file's tensor has another shape.
    fileprivate mutating func drop(_ entry: ParameterEntry, unlike source: any StateDictSource) {
        guard let name = fileNames[entry.name], let tensor = source.tensor(name), tensor.shape != entry.shape.dimensions
        else { return }
        fileNames[entry.name] = nil
        report.loaded.removeAll { $0 == entry.name }
        report.missing.append(entry.name)
        report.resized.append(entry.name)
    }
}
