/// Elementwise non-linearities, named as in the `hidden_act` key of published model configurations.
package enum Activation: String, Sendable, CaseIterable {
    /// The identity.
    case none = "linear"
    /// `x·Φ(x)` with the error function (Hendrycks & Gimpel 2016).
    case gelu
    /// The tanh approximation, `x/2·(1 + tanh(√(2/π)(x + 0.044715x³)))`: the form ALBERT was trained with.
    case geluNew = "gelu_new"
    case relu
    case tanh
    /// `x·σ(x)`.
    case swish
}
