/// The update rules.
package enum OptimizerName: String, Sendable, CaseIterable, ConfigurationChoice { case lamb, adamw, sgd }

/// The forms in which a rule was published; see `LambForm` and `AdamWForm`.
package enum OptimizerForm: String, Sendable, CaseIterable, ConfigurationChoice {
    case albert, nvidia, nvlamb
    case biasCorrected = "bias_corrected"
    case bert, hf3, torch

    /// The rule this is a form of.
    package var optimizer: OptimizerName {
        switch self {
        case .albert, .biasCorrected, .nvidia, .nvlamb: .lamb
        case .bert, .hf3, .torch: .adamw
        }
    }
}

/// How gradients become updates.
package struct OptimizerSection: ConfigurationSection {
    /// The update rule.
    package var name = OptimizerName.lamb
    /// Of LAMB `albert`, of AdamW `bert` unless said otherwise; SGD has one form only.
    package var form = OptimizerForm.albert
    /// The peak rate; the schedule scales it.
    package var learningRate = 0.00176
    /// Decay of the first moment.
    package var beta1 = 0.9
    /// Decay of the second moment.
    package var beta2 = 0.999
    /// Added to the root of the second moment.
    package var epsilon = 1e-6
    /// Decoupled weight decay.
    package var weightDecay = 0.01
    /// A parameter whose name contains one of these is neither decayed nor, in LAMB, adapted.
    package var excludeFromDecay = ["LayerNorm", "layer_norm", "bias"]
    /// Patterns over names: only these parameters are trained, all if empty. See `ParameterSelection`.
    package var train: [String] = []
    /// Patterns over names: these parameters are not trained.
    package var freeze: [String] = []
    /// `PATTERN=RATE`: peak rates of their own.
    package var rates: [String] = []
    /// How gradients that are too long are shortened.
    package var gradientClip = GradientClipSection()
    /// Of SGD.
    package var momentum = 0.0

    /// The defaults above.
    package init() {}

    private static let adaptiveOnly: @Sendable (OptimizerSection) -> String? = {
        $0.name == .sgd ? "sgd has none" : nil
    }

    static let fields: [ConfigurationField<OptimizerSection>] = [
        .value(
            "name", \.name,
            assign: { name, _, section throws(ConfigurationError) in
                section.name = name
                section.form = name == .adamw ? .bert : .albert
            }),
        .value(
            "form", \.form, inapplicability: adaptiveOnly,
            assign: { form, path, section throws(ConfigurationError) in
                guard form.optimizer == section.name else {
                    let forms = OptimizerForm.allCases.filter { $0.optimizer == section.name }.map(\.rawValue)
                    throw ConfigurationError(
                        .inconsistent, key: path,
                        message: "\(form.rawValue) is a form of \(form.optimizer.rawValue); "
                            + "\(section.name.rawValue) has \(forms.joined(separator: ", "))")
                }
                section.form = form
            }),
        .value("learning_rate", \.learningRate, .above(0)),
        .value("beta1", \.beta1, .below(1, from: 0), inapplicability: adaptiveOnly),
        .value("beta2", \.beta2, .below(1, from: 0), inapplicability: adaptiveOnly),
        .value("epsilon", \.epsilon, .above(0), inapplicability: adaptiveOnly),
        .value("weight_decay", \.weightDecay, .atLeast(0)),
        .value("exclude_from_decay", \.excludeFromDecay),
        .value("train", \.train),
        .value("freeze", \.freeze),
        .value("rates", \.rates),
        .group("gradient_clip", \.gradientClip),
        .value(
            "momentum", \.momentum, .below(1, from: 0),
            inapplicability: { $0.name == .sgd ? nil : "only for sgd" }),
    ]

    func checkRelations(path: String) throws(ConfigurationError) {
        guard name == .sgd || form.optimizer == name else {
            throw ConfigurationError(
                .inconsistent, key: "\(path).form", message: "\(form.rawValue) is no form of \(name.rawValue)")
        }
        _ = try ParameterSelection(self)
    }
}

/// Clipping by the global norm of all gradients.
package struct GradientClipSection: ConfigurationSection {
    /// The largest norm let through; null lets every norm through.
    package var norm: Double? = 1.0
    /// How the factor is computed.
    package var form = Form.tf

    /// `tf`: g·c/max(n, c). `torch`: g·min(1, c/(n + 1e-6)).
    package enum Form: String, Sendable, CaseIterable, ConfigurationChoice { case tf, torch }

    /// The defaults above.
    package init() {}

    static let fields: [ConfigurationField<GradientClipSection>] = [
        .value("norm", \.norm, .orNull(.above(0))),
        .value("form", \.form),
    ]
}
