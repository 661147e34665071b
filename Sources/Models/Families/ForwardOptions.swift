package import Tensor

/// How a forward pass is made.
package struct ForwardOptions: Sendable {
    /// Decides which elements are dropped; nil drops nothing, as in evaluation.
    package var dropout: RandomKey?
    /// Keeps every hidden state alive in the output. The last layer then computes all rows, not only those that the
    /// heads read.
    package var keepingHiddenStates: Bool
    /// Also computes the attention probabilities of every layer, with one more product per layer.
    package var keepingAttentions: Bool
    /// Keeps only the input of each use of a layer for the backward pass, which computes the rest again: the same
    /// bits, with less memory and about a third more work.
    package var checkpointing: Bool

    /// A pass with these choices.
    package init(
        dropout: RandomKey? = nil, keepingHiddenStates: Bool = false, keepingAttentions: Bool = false,
        checkpointing: Bool = false
    ) {
        self.dropout = dropout
        self.keepingHiddenStates = keepingHiddenStates
        self.keepingAttentions = keepingAttentions
        self.checkpointing = checkpointing
    }
}
