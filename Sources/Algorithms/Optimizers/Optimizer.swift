package import Tensor

/// A named state of an optimizer, flat, in the layout of the arena's values.
package struct OptimizerState {
    /// As in PyTorch: `exp_avg`, `exp_avg_sq`, `momentum_buffer`.
    package let name: String
    /// The elements.
    package let values: Tensor
}

/// A rule that turns gradients into new values of all parameters of an arena.
///
/// Driven by the thread that drives the arena's context; the work is shared out over the context's pool in fixed
/// blocks, so that the bits do not depend on the number of threads.
package protocol Optimizer: AnyObject {
    /// The parameters that are updated, and their gradients.
    var arena: ParameterArena { get }
    /// Everything that must be saved besides the values, in a fixed order.
    var states: [OptimizerState] { get }
    /// Updates made so far; the t − 1 of the next bias correction. Set when a checkpoint is restored.
    var updateCount: Int { get set }
    /// Makes one update from the arena's gradients times `gradientScale` (averaging and clipping). The gradients are
    /// spent afterwards: their buffer may hold anything.
    func step(learningRate: Double, gradientScale: Double)
}

/// Which parameters are decayed (and, in LAMB, adapted): those whose name contains none of some texts.
package struct DecayRule: Sendable, Equatable {
    /// For Hugging Face names and for those of the original programs.
    package static let standard = DecayRule(excluding: ["LayerNorm", "layer_norm", "bias"])

    /// Texts that mark a name as excluded, wherever in it they stand; case matters.
    package let excludedTexts: [String]

    /// A rule that excludes names with any of these texts.
    package init(excluding excludedTexts: [String]) { self.excludedTexts = excludedTexts }

    /// Whether the parameter called `name` is decayed.
    package func decays(_ name: String) -> Bool { !excludedTexts.contains { name.contains($0) } }
}
