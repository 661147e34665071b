import Tensor

/// What a family calls the parameters above its encoder.
struct PretrainingHeadNames {
    let pooler: String
    let maskedLM: MaskedLMHeadNames
    /// The sentence-pair classifier.
    let pair: String

    /// The parameters of the heads among `contents`, in the order of the computation.
    func entries(_ configuration: some EncoderConfiguration, _ contents: ModelContents) -> [ParameterEntry] {
        let (hidden, std) = (configuration.hiddenSize, configuration.initializerRange)
        var entries: [ParameterEntry] = []
        if contents.contains(.pooler) { entries += Linear.entries(pooler, output: hidden, input: hidden, std: std) }
        if contents.contains(.maskedLMHead) { entries += MaskedLMHead.entries(maskedLM, configuration) }
        if contents.contains(.pairHead) { entries += Linear.entries(pair, output: 2, input: hidden, std: std) }
        return entries
    }
}
