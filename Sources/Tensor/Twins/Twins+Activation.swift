internal import Glibc

extension Twins {
    /// √(2/π) and the cubic coefficient of the tanh form of gelu.
    private static let geluScale = (2 / Double.pi).squareRoot()
    private static let geluCubic = 0.044715

    /// The activation of one number.
    package static func value(_ activation: Activation, _ x: Double) -> Double {
        switch activation {
        case .none: x
        case .gelu: x * normalCDF(x)
        case .geluNew: 0.5 * x * (1 + tanh(geluScale * (x + geluCubic * x * x * x)))
        case .relu: max(x, 0)
        case .tanh: tanh(x)
        case .swish: x * sigmoid(x)
        }
    }

    /// The derivative of the activation at `x`; 0 for relu at 0.
    package static func derivative(_ activation: Activation, _ x: Double) -> Double {
        switch activation {
        case .none:
            return 1
        case .gelu:
            return normalCDF(x) + x * exp(-0.5 * x * x) / (2 * Double.pi).squareRoot()
        case .geluNew:
            let t = tanh(geluScale * (x + geluCubic * x * x * x))
            return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * geluScale * (1 + 3 * geluCubic * x * x)
        case .relu:
            return x > 0 ? 1 : 0
        case .tanh:
            let t = tanh(x)
            return 1 - t * t
        case .swish:
            let s = sigmoid(x)
            return s + x * s * (1 - s)
        }
    }

    private static func normalCDF(_ x: Double) -> Double { 0.5 * erfc(-x / 2.0.squareRoot()) }

    private static func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
}
