/// Where AdamW puts its bias corrections and its weight decay: the three forms in use.
package enum AdamWForm: Sendable, CaseIterable {
    /// Google's BERT and ALBERT: `w −= rate·(m/(√v + ε) + decay·w)`, without bias correction.
    case bert
    /// Hugging Face transformers 3: `w −= rate·c₁/√c₂·m/(√v + ε)`, then `w −= rate·decay·w`.
    case transformers
    /// PyTorch: `w ·= 1 − rate·decay`, then `w −= rate·c₁m/(√(c₂v) + ε)`.
    case torch
}

/// The numbers of one AdamW step. The corrections c₁ and c₂ are 1/(1 − βᵗ); `AdamWForm.bert` does not read them.
package struct AdamWOptions: Sendable {
    package var form: AdamWForm
    package var rate: Double
    package var beta1: Double
    package var beta2: Double
    package var epsilon: Double
    package var decay: Double
    package var firstCorrection: Double
    package var secondCorrection: Double

    package init(
        form: AdamWForm, rate: Double, beta1: Double, beta2: Double, epsilon: Double, decay: Double,
        firstCorrection: Double = 1, secondCorrection: Double = 1
    ) {
        self.form = form
        self.rate = rate
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.decay = decay
        self.firstCorrection = firstCorrection
        self.secondCorrection = secondCorrection
    }
}

/// The sums of squares from which a layer-wise trust ratio is formed.
package struct UpdateNorms: Sendable, Equatable {
    package var weights: Double
    package var direction: Double
}
