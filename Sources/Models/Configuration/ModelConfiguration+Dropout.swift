extension ModelConfiguration {
    /// The same model with other dropout rates; nil leaves a rate as it is. `classifier` is the rate before the head.
    package func withDropout(hidden: Double?, attention: Double?, classifier: Double?) -> ModelConfiguration {
        var result = self
        if let hidden { result.encoder.hiddenDropoutRate = hidden }
        if let attention { result.encoder.attentionDropoutRate = attention }
        guard let classifier else { return result }
        switch result {
        case .albert(var configuration):
            configuration.classifierDropoutRate = classifier
            return .albert(configuration)
        case .bert(var configuration):
            configuration.classifierDropoutRate = classifier
            return .bert(configuration)
        case .distilbert(var configuration):
            configuration.sequenceDropoutRate = classifier
            return .distilbert(configuration)
        case .roberta(var configuration):
            configuration.classifierDropoutRate = classifier
            return .roberta(configuration)
        }
    }
}
