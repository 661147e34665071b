import Tensor

/// What the parts of a head over the first token are called in a family's state dict, and how it computes.
struct FirstTokenHeadNames {
    let dense: String
    let activation: Activation
    let output: String
    /// Whether the token is dropped before the first map too.
    var dropsInput = false
}

/// A head over the first token of each sequence: drop(act(x·W + b))·Wo + bo. In BERT and ALBERT the first map is the
/// pooler.
struct FirstTokenHead {
    private let dense: Linear
    private let activation: Activation
    private let output: Linear
    private let dropsInput: Bool

    /// Binds to the parameters called `names`.
    init(_ names: FirstTokenHeadNames, _ parameters: ParameterArena) {
        dense = Linear(names.dense, parameters)
        activation = names.activation
        output = Linear(names.output, parameters)
        dropsInput = names.dropsInput
    }

    /// First tokens [B, H] -> logits [B, labels] in the type of the parameters.
    func callAsFunction(_ rows: Tensor, dropout: DropoutPlan, rate: Double) -> Tensor {
        let input = dropsInput ? rows.dropped(dropout.headInput(rate: rate)) : rows
        let inner = dense(input, activation: activation).dropped(dropout.headOutput(rate: rate))
        return output(inner, resultType: output.bias.dtype)
    }

    /// The parameters, for `labels` numbers per sequence.
    static func entries(
        _ names: FirstTokenHeadNames, labels: Int, _ configuration: any EncoderConfiguration
    ) -> [ParameterEntry] {
        let (hidden, std) = (configuration.hiddenSize, configuration.initializerRange)
        return Linear.entries(names.dense, output: hidden, input: hidden, std: std)
            + Linear.entries(names.output, output: labels, input: hidden, std: std)
    }
}

extension Tensor {
    /// The tensor with some elements dropped. A mask is applied in the type of the parameters, whatever the tensor's.
    func dropped(_ dropout: Dropout?) -> Tensor {
        guard let dropout else { return self }
        return converted(to: dtype.parameterType).dropout(dropout).converted(to: dtype)
    }
}
