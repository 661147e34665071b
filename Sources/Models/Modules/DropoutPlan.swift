package import Tensor

/// The dropout of every place in one forward pass.
///
/// A mask is a function of (key, site, element), so two places must never share a site: layers that share weights still
/// get a site per *use*. Sites are part of what a seed means; changing their numbers changes every training run.
package struct DropoutPlan {
    /// nil in evaluation: nothing is dropped.
    let key: RandomKey?
    let hiddenRate: Double
    let attentionRate: Double
    private let dropsAttentionOutput: Bool

    /// The rates of `configuration` under `key`.
    package init(key: RandomKey?, _ configuration: any EncoderConfiguration) {
        self.key = key
        hiddenRate = configuration.hiddenDropoutRate
        attentionRate = configuration.attentionDropoutRate
        dropsAttentionOutput = type(of: configuration).dropsAttentionOutput
    }

    /// After the embedding layer norm: site 0.
    package var embeddings: Dropout? { dropout(hiddenRate, site: 0) }

    /// Before the first map of a head: site 1.
    package func headInput(rate: Double) -> Dropout? { dropout(rate, site: 1) }

    /// Before the last map of a head: site 2.
    package func headOutput(rate: Double) -> Dropout? { dropout(rate, site: 2) }

    /// On the attention probabilities of layer use `use`, counted from 0.
    package func attentionProbabilities(use: Int) -> Dropout? { dropout(attentionRate, site: Self.site(use, place: 0)) }

    /// On the attention output, before the residual sum, where the family has a dropout there.
    package func attentionOutput(use: Int) -> Dropout? {
        dropsAttentionOutput ? dropout(hiddenRate, site: Self.site(use, place: 1)) : nil
    }

    /// On the feed-forward output, before the residual sum.
    package func feedForwardOutput(use: Int) -> Dropout? { dropout(hiddenRate, site: Self.site(use, place: 2)) }

    /// Sites 8, 16, ... begin the layer uses; the gaps leave room for places that other families have.
    private static func site(_ use: Int, place: UInt32) -> UInt32 { 8 * UInt32(use + 1) + place }

    private func dropout(_ rate: Double, site: UInt32) -> Dropout? {
        guard let key, rate > 0 else { return nil }
        return Dropout(rate: rate, key: key, site: site)
    }
}
