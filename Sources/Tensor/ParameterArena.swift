/// All parameters of a model in one flat buffer, and their gradients in another of the same layout, so that optimizers
/// and collectives work on long contiguous ranges.
///
/// Every parameter that does not join the one before it starts at a multiple of 16 elements (one 64-byte line of
/// float32); the elements between parameters are zero in both buffers and stay so. `backward()` accumulates straight
/// into the gradient buffer.
///
/// With the compute type bfloat16 the arena also keeps a rounded copy of all values, which matrix products read; the
/// values themselves, their gradients and the optimizer's states stay float32 (mixed precision, Micikevicius et al. 2018).
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
    /// The type in which matrix products take weights.
    package let computeType: DType
    /// What `weight` gives parts of: the values, or their bfloat16 copy.
    private let computeValues: Tensor
    private let parameters: [String: Tensor]
    private let indices: [String: Int]
    /// What `weight` has given out, by the names that were joined: leaves of their own, which freezing must reach.
    private var weights: [[String]: Tensor] = [:]
    /// The parameters that get no gradients; see `freeze`.
    package private(set) var frozenNames: Set<String> = []

    /// An arena with all values and gradients zero. Names must differ. The extra elements are of type `dtype` like the
    /// rest. `computeType` is `dtype` if nil, or bfloat16 for a float32 arena.
    package init(
        entries: [ParameterEntry], dtype: DType = .float32, computeType: DType? = nil, extraGradientElements: Int = 0,
        in context: ComputeContext
    ) {
        let computeType = computeType ?? dtype
        require(
            dtype == .float64 || dtype == .float32 && (computeType == dtype || computeType == .bfloat16),
            "parameters cannot be of \(dtype) with products of \(computeType)")
        require(extraGradientElements >= 0, "an arena cannot have \(extraGradientElements) extra elements")
        let names = Set(entries.map(\.name))
        require(names.count == entries.count, "an arena cannot hold two parameters of one name")
        var end = 0
        var ranges: [Range<Int>] = []
        for entry in entries {
            let start = entry.joinsPrevious ? end : Self.alignedUp(end)
            end = start + entry.shape.count
            ranges.append(start..<end)
        }
        let count = Self.alignedUp(end)
        self.entries = entries
        self.ranges = ranges
        values = Tensor(zeros: [count], dtype: dtype, in: context)
        gradients = Tensor(zeros: [count + extraGradientElements], dtype: dtype, in: context)
        extraRange = count..<count + extraGradientElements
        self.computeType = computeType
        computeValues = computeType == dtype ? values : Tensor(zeros: [count], dtype: computeType, in: context)
        indices = Dictionary(uniqueKeysWithValues: entries.enumerated().map { ($1.name, $0) })
        var parameters: [String: Tensor] = [:]
        for (entry, range) in zip(entries, ranges) {
            let gradient = gradients.alias(offset: range.lowerBound, shape: entry.shape)
            let value = values.parameterView(offset: range.lowerBound, shape: entry.shape, boundGradient: gradient)
            parameters[entry.name] = value
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

    /// One parameter as matrix products take it: in the compute type, with the same gradient. See `refreshWeights`.
    package func weight(_ name: String) -> Tensor {
        computeType == values.dtype ? self[name] : weight(joining: [name])
    }

    /// Several parameters [n_i, ...] that lie directly behind each other, as one [Σ n_i, ...] in the compute type, or
    /// vectors [n_i] as one [Σ n_i] in the type of the values: what makes one product of several that read the same
    /// rows. The gradient is that of the parts. Always the same object for the same names. Traps if a name is unknown or
    /// a part does not join the one before.
    package func weight(joining names: [String]) -> Tensor {
        if let known = weights[names] { return known }
        let found = names.map { name in
            guard let index = indices[name] else { fatalError("the arena has no parameter named \(name)") }
            return index
        }
        guard let first = found.first else { fatalError("cannot join no parameters") }
        for (part, next) in zip(found, found.dropFirst()) {
            require(
                ranges[next].lowerBound == ranges[part].upperBound
                    && entries[next].shape.dimensions.dropFirst() == entries[part].shape.dimensions.dropFirst(),
                "\(entries[next].name) \(entries[next].shape) does not join \(entries[part].name) \(entries[part].shape)"
            )
        }
        let rows = found.reduce(0) { $0 + entries[$1].shape[0] }
        let shape = Shape([rows] + entries[first].shape.dimensions.dropFirst())
        let source = shape.rank == 1 ? values : computeValues
        let start = ranges[first].lowerBound
        let weight = source.parameterView(
            offset: start, shape: shape, boundGradient: gradients.alias(offset: start, shape: shape))
        weight.requiresGradient = !isFrozen(names)
        weights[names] = weight
        return weight
    }

    /// Freezes the parameters of these names, and no others: their gradients are neither computed nor changed by any
    /// tape recorded afterwards. Parts that were or will be joined must be frozen together.
    package func freeze(_ names: Set<String>) {
        frozenNames = names
        for (name, parameter) in parameters { parameter.requiresGradient = !names.contains(name) }
        for (parts, weight) in weights { weight.requiresGradient = !isFrozen(parts) }
    }

    private func isFrozen(_ parts: [String]) -> Bool {
        let frozen = parts.count { frozenNames.contains($0) }
        require(frozen == 0 || frozen == parts.count, "only \(frozen) of the joined parameters \(parts) are frozen")
        return frozen > 0
    }

    /// Rounds all values anew for the products, after they were changed: call it before a forward pass that follows an
    /// update. Does nothing when products take the values themselves.
    package func refreshWeights() {
        if computeType != values.dtype { Elementwise.convert(values, into: computeValues) }
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
