/// All parameters of a model in one flat buffer, and their gradients in another of the same layout, so that optimizers
/// and collectives work on long contiguous ranges.
///
/// Every parameter starts at a multiple of 16 elements (one 64-byte line of float32); the elements between parameters
/// are zero in both buffers and stay so. `backward()` accumulates straight into the gradient buffer.
package final class ParameterArena {
    /// Parameters start at multiples of this many elements.
    package static let alignment = 16

    /// The parameters in the order they were given.
    package let entries: [ParameterEntry]
    /// The elements of each entry in the flat buffers.
    package let ranges: [Range<Int>]
    /// All values, flat: `elementCount` elements.
    package let values: Tensor
    /// All gradients, flat, in the layout of `values`, followed by the extra elements that were asked for.
    package let gradients: Tensor
    /// The extra elements at the end of `gradients`, for numbers that travel with them (loss sums, token counts).
    package let extraRange: Range<Int>
    private let parameters: [String: Tensor]

    /// An arena with all values and gradients zero. Names must differ. The extra elements are float32 like the rest.
    package init(
        entries: [ParameterEntry], dtype: DType = .float32, extraGradientElements: Int = 0, in context: ComputeContext
    ) {
        require(dtype.isArithmetic, "parameters cannot be of \(dtype)")
        require(extraGradientElements >= 0, "an arena cannot have \(extraGradientElements) extra elements")
        var end = 0
        var ranges: [Range<Int>] = []
        for entry in entries {
            let start = Self.alignedUp(end)
            end = start + entry.shape.count
            ranges.append(start..<end)
        }
        let count = Self.alignedUp(end)
        self.entries = entries
        self.ranges = ranges
        values = Tensor(zeros: [count], dtype: dtype, in: context)
        gradients = Tensor(zeros: [count + extraGradientElements], dtype: dtype, in: context)
        extraRange = count..<count + extraGradientElements
        var parameters: [String: Tensor] = [:]
        for (entry, range) in zip(entries, ranges) {
            let gradient = gradients.alias(offset: range.lowerBound, shape: entry.shape)
            let value = values.parameterView(offset: range.lowerBound, shape: entry.shape, boundGradient: gradient)
            require(
                parameters.updateValue(value, forKey: entry.name) == nil,
                "an arena cannot hold two parameters named \(entry.name)")
        }
        self.parameters = parameters
    }

    /// The leaf tensor of one parameter; always the same object, so freezing it (`requiresGradient = false`) lasts.
    /// Traps on an unknown name.
    package subscript(name: String) -> Tensor {
        guard let parameter = parameters[name] else {
            fatalError("the arena has no parameter named \(name)")
        }
        return parameter
    }

    /// Whether one of the entries has this name.
    package func contains(_ name: String) -> Bool { parameters[name] != nil }

    /// Number of parameters, without the elements in between.
    package var parameterCount: Int { entries.reduce(0) { $0 + $1.shape.count } }

    /// Elements of the flat buffers, the ones in between included, the extra ones not.
    package var elementCount: Int { values.count }

    /// Sets all gradients and the extra elements to zero: the start of a step.
    package func zeroGradients() { gradients.fillWithZeros() }

    private static func alignedUp(_ count: Int) -> Int { (count + alignment - 1) / alignment * alignment }
}
