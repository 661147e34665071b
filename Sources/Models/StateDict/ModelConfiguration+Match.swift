import Tensor

extension ModelConfiguration {
    /// Pairs the parameters of a model with `head` with the tensors of `source`, as the other `match`.
    func match(
        _ source: any StateDictSource, head: ModelHead, allowingMissing: Bool
    ) throws(ModelsError) -> TensorNameMatcher.Match {
        try match(source, parameterEntries(head: head), allowingMissing: allowingMissing)
    }

    /// Pairs the parameters `entries` with the tensors of `source`. Throws `missingTensor` with the names if nothing
    /// matches or, unless `allowingMissing`, if any parameter of the encoder is lacking; throws `tensorMismatch` for
    /// wrong shapes.
    func match(
        _ source: any StateDictSource, _ entries: [ParameterEntry], allowingMissing: Bool
    ) throws(ModelsError) -> TensorNameMatcher.Match {
        let matcher = nameMatcher
        let match = matcher.match(parameters: entries.map(\.name), tensors: source.names)
        let report = match.report
        let unexpected = report.unexpected.isEmpty ? "" : "; unexpected: \(NameList(report.unexpected))"
        guard !report.loaded.isEmpty else {
            throw ModelsError(
                .missingTensor, source: source.path,
                "none of its \(source.names.count) tensors belongs to a model of type "
                    + "'\(type(of: encoder).modelType)'; missing: \(NameList(report.missing))\(unexpected)")
        }
        let lacking = report.missing.filter { $0.hasPrefix(matcher.basePrefix) }
        guard lacking.isEmpty || allowingMissing else {
            throw ModelsError(
                .missingTensor, source: source.path,
                "\(lacking.count) tensors of the encoder are missing: \(NameList(lacking))\(unexpected)")
        }
        try source.requireShapes(of: entries, match.fileNames)
        return match
    }
}
