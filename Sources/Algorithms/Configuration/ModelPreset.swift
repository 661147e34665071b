/// The families a run can pretrain.
package enum ModelFamily: String, Sendable, CaseIterable, ConfigurationChoice { case albert, bert }

/// Activation of the feed-forward layers, by Hugging Face's names: `gelu` is the erf form, `gelu_new` the tanh form.
package enum HiddenActivation: String, Sendable, CaseIterable, ConfigurationChoice {
    case gelu, relu, tanh, linear, swish
    case geluNew = "gelu_new"
}

/// The published sizes (ALBERT paper Table 1, version 2 files; BERT paper §3, uncased).
package enum ModelPreset: String, Sendable, CaseIterable, ConfigurationChoice {
    case albertBase = "albert-base"
    case albertLarge = "albert-large"
    case albertXLarge = "albert-xlarge"
    case albertXXLarge = "albert-xxlarge"
    case bertBase = "bert-base"
    case bertLarge = "bert-large"

    package var type: ModelFamily {
        switch self {
        case .albertBase, .albertLarge, .albertXLarge, .albertXXLarge: .albert
        case .bertBase, .bertLarge: .bert
        }
    }

    /// Layers, hidden width, attention heads; the feed-forward width is four times the hidden one in all of them.
    fileprivate var dimensions: (layers: Int, hidden: Int, heads: Int) {
        switch self {
        case .albertBase, .bertBase: (12, 768, 12)
        case .albertLarge, .bertLarge: (24, 1024, 16)
        case .albertXLarge: (24, 2048, 16)
        case .albertXXLarge: (12, 4096, 64)
        }
    }
}

extension ModelSection {
    /// A family with the defaults of its Hugging Face configuration; the dimensions are those of the base size.
    package init(type: ModelFamily) {
        self.init()
        self.type = type
        if type == .bert {
            vocabSize = 30522
            hiddenAct = .gelu
            hiddenDropoutProb = 0.1
            attentionProbsDropoutProb = 0.1
        }
    }

    /// A published size. ALBERT has no dropout, as in its second version.
    package init(preset: ModelPreset) {
        self.init(type: preset.type)
        self.preset = preset
        (numHiddenLayers, hiddenSize, numAttentionHeads) = preset.dimensions
        intermediateSize = 4 * hiddenSize
    }
}
