internal import CKernels

/// The arithmetic of optimizers, in place over tensors of equal count: whole parameters, or flat ranges of an arena
/// (`values.flat(range)`). Nothing here is recorded. Sums have a fixed order that depends on the count alone.
package enum ParameterUpdate {
    /// Elements per block of work and per partial sum.
    private static let blockLength = 1 << 16

    /// `x ·= factor`.
    package static func scale(_ x: Tensor, by factor: Double) {
        guard x.dtype == .float32 else {
            return Elementwise.overwrite(x, with: x.doubles().map { factor * $0 })
        }
        let start = unsafe x.floatAddress
        forEachBlock(of: x) { range in
            unsafe tk_scale(Float(factor), start + range.lowerBound, start + range.lowerBound, range.count)
        }
    }

    /// `target += factor·x`. With `factor` = −rate this applies an optimizer's direction.
    package static func add(_ x: Tensor, scaledBy factor: Double, to target: Tensor) {
        check("add", target, x)
        guard target.dtype == .float32 else {
            let sums = zip(target.doubles(), x.doubles()).map { $0 + factor * $1 }
            return Elementwise.overwrite(target, with: sums)
        }
        let (source, sums) = unsafe (x.floatAddress, target.floatAddress)
        forEachBlock(of: target) { range in
            unsafe tk_axpy(Float(factor), source + range.lowerBound, sums + range.lowerBound, range.count)
        }
        withExtendedLifetime(x) {}
    }

    /// The sum of squares, accumulated in double precision.
    package static func sumOfSquares(_ x: Tensor) -> Double {
        guard x.dtype == .float32 else { return x.doubles().reduce(0) { $0 + $1 * $1 } }
        let start = unsafe x.floatAddress
        defer { withExtendedLifetime(x) {} }
        return x.context.sumOverBlocks(of: x.count, length: blockLength) { range in
            unsafe tk_sum_of_squares(start + range.lowerBound, range.count)
        }
    }

    /// Exponential averages of gradient and squared gradient: `m = β₁m + (1 − β₁)g`, `v = β₂v + (1 − β₂)g²`, with
    /// g = `scale`·`gradient` (averaging and clipping). Kingma & Ba 2015, Algorithm 1.
    package static func moments(
        of gradient: Tensor, scale: Double = 1, first: Tensor, second: Tensor, beta1: Double, beta2: Double
    ) {
        check("moments", gradient, first, second)
        guard gradient.dtype == .float32 else {
            let g = gradient.doubles().map { scale * $0 }
            Elementwise.overwrite(first, with: zip(first.doubles(), g).map { beta1 * $0 + (1 - beta1) * $1 })
            Elementwise.overwrite(second, with: zip(second.doubles(), g).map { beta2 * $0 + (1 - beta2) * $1 * $1 })
            return
        }
        let (g, m, v) = unsafe (gradient.floatAddress, first.floatAddress, second.floatAddress)
        forEachBlock(of: gradient) { range in
            let start = range.lowerBound
            unsafe tk_moments(g + start, scale, m + start, v + start, range.count, beta1, beta2)
        }
        withExtendedLifetime((first, second)) {}
    }

    /// `direction = c₁m/(√(c₂v) + ε) + decay·w`, and the sums of squares of `w` and of the direction. Corrections are
    /// 1/(1 − βᵗ), or 1 for the form without them (You et al. 2020, Algorithm 2). `direction` may be the gradient's
    /// tensor, once the moments have taken it in.
    package static func adamDirection(
        first: Tensor, second: Tensor, weights: Tensor, into direction: Tensor, firstCorrection: Double = 1,
        secondCorrection: Double = 1, epsilon: Double, decay: Double
    ) -> UpdateNorms {
        check("adamDirection", first, second, weights, direction)
        guard first.dtype == .float32 else {
            let (m, v, w) = (first.doubles(), second.doubles(), weights.doubles())
            let values = m.indices.map {
                firstCorrection * m[$0] / ((secondCorrection * v[$0]).squareRoot() + epsilon) + decay * w[$0]
            }
            Elementwise.overwrite(direction, with: values)
            return UpdateNorms(weights: sumOfSquares(weights), direction: sumOfSquares(direction))
        }
        let (m, v) = unsafe (first.floatAddress, second.floatAddress)
        let (w, u) = unsafe (weights.floatAddress, direction.floatAddress)
        let sums = first.context.sumsOverBlocks(of: first.count, length: blockLength) { range in
            let start = range.lowerBound
            let norms = unsafe tk_adam_direction(
                m + start, v + start, w + start, u + start, range.count, firstCorrection, secondCorrection, epsilon,
                decay)
            return (norms.weights, norms.direction)
        }
        withExtendedLifetime((first, second, weights, direction)) {}
        return UpdateNorms(weights: sums.0, direction: sums.1)
    }

    static func forEachBlock(of x: Tensor, _ body: (Range<Int>) -> Void) {
        x.context.forEachBlock(of: x.count, length: blockLength, body)
        withExtendedLifetime(x) {}
    }

    /// Traps unless all tensors have the count and the arithmetic type of the first.
    static func check(_ operation: StaticString, _ first: Tensor, _ others: Tensor...) {
        first.checkArithmetic(operation)
        for other in others {
            require(
                other.count == first.count && other.dtype == first.dtype,
                "\(operation): \(first.dtype) \(first.shape) and \(other.dtype) \(other.shape) do not match")
        }
    }
}
