/// How a parameter starts.
package enum ParameterInitializer: Sendable, Hashable {
    case zeros
    case ones
    /// A normal distribution around 0.
    case normal(std: Double)
    /// A normal distribution around 0, redrawn outside two standard deviations.
    case truncatedNormal(std: Double)
}

/// One parameter of a model: its name in the state dict, its shape and how it starts.
package struct ParameterEntry: Sendable, Hashable {
    package let name: String
    package let shape: Shape
    package let initializer: ParameterInitializer
    /// Whether it lies directly behind the entry before it in an arena, so that both can be used as one matrix.
    package let joinsPrevious: Bool

    package init(name: String, shape: Shape, initializer: ParameterInitializer, joinsPrevious: Bool = false) {
        self.name = name
        self.shape = shape
        self.initializer = initializer
        self.joinsPrevious = joinsPrevious
    }
}
