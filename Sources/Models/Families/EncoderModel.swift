package import Tensor

/// An encoder of any family with a head, over one parameter arena.
///
/// A model holds no state but its parameters; forward passes of one model must not run at the same time. Functions that
/// give logits belong to one head each, and trap in a model with another. Each computes the last layer only at the
/// tokens its head reads. Logits are of the parameters' type, also when the encoder computes in bfloat16.
package final class EncoderModel {
    /// The family and sizes.
    package let configuration: ModelConfiguration
    /// What stands on top.
    package let head: ModelHead
    /// The values and gradients of all parameters.
    package let parameters: ParameterArena
    let layout: ModelLayout
    let network: EncoderNetwork
    let pooler: Linear?
    let maskedLMHead: MaskedLMHead?
    let pairHead: Linear?
    private let firstTokenHead: FirstTokenHead?
    /// A map of single tokens, with nothing between it and the encoder but dropout.
    private let tokenHead: Linear?

    /// Binds to `parameters`, which must hold `configuration.parameterEntries(head: head)`.
    package init(_ configuration: ModelConfiguration, head: ModelHead, parameters: ParameterArena) {
        self.configuration = configuration
        self.head = head
        self.parameters = parameters
        let (layout, encoder) = (configuration.layout, configuration.encoder)
        self.layout = layout
        network = EncoderNetwork(layout, encoder, parameters)
        func linear(_ name: String?) -> Linear? {
            guard let name, parameters.contains("\(name).weight") else { return nil }
            return Linear(name, parameters)
        }
        pooler = linear(layout.pooler)
        maskedLMHead =
            head == .pretraining || head == .maskedLM
            ? MaskedLMHead(layout.maskedLM, encoder, wordTable: layout.wordTable, parameters) : nil
        pairHead = head == .pretraining ? linear(layout.pair) : nil
        switch head {
        case .sequenceClassification:
            (firstTokenHead, tokenHead) = (FirstTokenHead(layout.sequence, parameters), nil)
        case .multipleChoice: (firstTokenHead, tokenHead) = (FirstTokenHead(layout.choice, parameters), nil)
        case .firstTokenClassification: (firstTokenHead, tokenHead) = (nil, Linear(layout.firstToken, parameters))
        case .tokenClassification: (firstTokenHead, tokenHead) = (nil, Linear(layout.token, parameters))
        case .questionAnswering: (firstTokenHead, tokenHead) = (nil, Linear(layout.span, parameters))
        case .pretraining, .maskedLM, .none: (firstTokenHead, tokenHead) = (nil, nil)
        }
    }

    /// A new model whose parameters are drawn from `seed`, in an arena of their own that computes in `computeType`
    /// (nil: `dtype`). `extraGradientElements` numbers travel at the end of the arena's gradients.
    package convenience init(
        _ configuration: ModelConfiguration, head: ModelHead, seed: UInt64, dtype: DType = .float32,
        computeType: DType? = nil, extraGradientElements: Int = 0, in context: ComputeContext
    ) {
        let parameters = ParameterArena(
            entries: configuration.parameterEntries(head: head), dtype: dtype, computeType: computeType,
            extraGradientElements: extraGradientElements, in: context)
        parameters.initialize(seed: seed)
        parameters.refreshWeights()
        self.init(configuration, head: head, parameters: parameters)
    }

    // MARK: The encoder

    /// The hidden states of all tokens.
    package func encode(_ input: EncoderInput, _ options: ForwardOptions = ForwardOptions()) -> EncoderOutput {
        network(input, rows: nil, options, dropoutPlan(options))
    }

    /// tanh(first token · W + b) of each sequence, [B, H]; nil if the model has no pooler.
    package func pooled(_ input: EncoderInput, _ options: ForwardOptions = ForwardOptions()) -> Tensor? {
        pooler?(firstTokens(input, options, dropoutPlan(options)), activation: .tanh)
    }

    /// As the other `pooled`, from what `encode` gave for `input`.
    package func pooled(of output: EncoderOutput, _ input: EncoderInput) -> Tensor? {
        pooler?(output.lastHidden.gatherRows(indices: input.firstRows), activation: .tanh)
    }

    // MARK: Heads

    /// Of a sequence classifier: [B, labels].
    package func sequenceLogits(_ input: EncoderInput, _ options: ForwardOptions = ForwardOptions()) -> Tensor {
        switch head {
        case .sequenceClassification: firstTokenLogits(input, options, rate: layout.sequenceDropoutRate)
        case .firstTokenClassification: tokenLogits(input, rows: input.firstRows, options, rate: 0)
        default: wrongHead("sequenceLogits")
        }
    }

    /// Of a multiple-choice model: the score of each sequence, [B, 1]. The sequences are the choices of all questions
    /// in order.
    package func choiceLogits(_ input: EncoderInput, _ options: ForwardOptions = ForwardOptions()) -> Tensor {
        guard case .multipleChoice = head else { wrongHead("choiceLogits") }
        return firstTokenLogits(input, options, rate: layout.choiceDropoutRate)
    }

    /// Of a token classifier: [T, labels].
    package func tokenLogits(_ input: EncoderInput, _ options: ForwardOptions = ForwardOptions()) -> Tensor {
        guard case .tokenClassification = head else { wrongHead("tokenLogits") }
        return tokenLogits(input, rows: nil, options, rate: layout.tokenDropoutRate)
    }

    /// Of a question-answering model: how well an answer starts and ends at each token, [T, 2].
    package func spanLogits(_ input: EncoderInput, _ options: ForwardOptions = ForwardOptions()) -> Tensor {
        guard case .questionAnswering = head else { wrongHead("spanLogits") }
        return tokenLogits(input, rows: nil, options, rate: layout.spanDropoutRate)
    }

    /// Of a masked-LM (or pretraining) model: the logits over the vocabulary at the tokens `rows`, [n, V]. `rows` counts
    /// through the tokens of all sequences.
    package func maskedLMLogits(
        _ input: EncoderInput, rows: [Int32], _ options: ForwardOptions = ForwardOptions()
    ) -> Tensor {
        guard let maskedLMHead else { wrongHead("maskedLMLogits") }
        let chosen = Tensor(ids: rows, shape: [rows.count], in: input.inputIDs.context)
        return maskedLMHead(network(input, rows: chosen, options, dropoutPlan(options)).lastHidden)
    }

    /// The dropout of one pass.
    func dropoutPlan(_ options: ForwardOptions) -> DropoutPlan {
        DropoutPlan(key: options.dropout, configuration.encoder)
    }

    /// Ends the program: a caller's mistake.
    func wrongHead(_ function: StaticString) -> Never {
        preconditionFailure("\(function) was asked of a model with head \(head)")
    }

    private func firstTokens(_ input: EncoderInput, _ options: ForwardOptions, _ dropout: DropoutPlan) -> Tensor {
        network(input, rows: input.firstRows, options, dropout).lastHidden
    }

    private func firstTokenLogits(_ input: EncoderInput, _ options: ForwardOptions, rate: Double) -> Tensor {
        guard let firstTokenHead else { wrongHead("firstTokenLogits") }
        let dropout = dropoutPlan(options)
        return firstTokenHead(firstTokens(input, options, dropout), dropout: dropout, rate: rate)
    }

    private func tokenLogits(
        _ input: EncoderInput, rows: Tensor?, _ options: ForwardOptions, rate: Double
    ) -> Tensor {
        guard let tokenHead else { wrongHead("tokenLogits") }
        let dropout = dropoutPlan(options)
        let hidden = network(input, rows: rows, options, dropout).lastHidden.dropped(dropout.headOutput(rate: rate))
        return tokenHead(hidden, resultType: tokenHead.bias.dtype)
    }
}
