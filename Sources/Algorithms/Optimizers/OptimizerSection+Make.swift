package import Tensor

extension OptimizerSection {
    /// The optimizer that this configuration describes, with all states zero; `scales` as in the optimizers.
    package func makeOptimizer(for arena: ParameterArena, scales: [Double]? = nil) -> any Optimizer {
        let rule = DecayRule(excluding: excludeFromDecay)
        switch name {
        case .lamb:
            return Lamb(
                arena, form: lambForm, beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: weightDecay,
                decayRule: rule, scales: scales)
        case .adamw:
            return AdamW(
                arena, form: adamWForm, beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: weightDecay,
                decayRule: rule, scales: scales)
        case .sgd:
            return StochasticGradientDescent(
                arena, momentum: momentum, weightDecay: weightDecay, decayRule: rule, scales: scales)
        }
    }

    private var lambForm: LambForm {
        switch form {
        case .albert: .albert
        case .biasCorrected, .nvidia: .biasCorrected
        case .nvlamb: .nvlamb
        case .bert, .hf3, .torch: preconditionFailure("\(form) is no form of LAMB: validate first")
        }
    }

    private var adamWForm: AdamW.Form {
        switch form {
        case .bert: .bert
        case .hf3: .transformers3
        case .torch: .torch
        case .albert, .biasCorrected, .nvidia, .nvlamb:
            preconditionFailure("\(form) is no form of AdamW: validate first")
        }
    }
}
