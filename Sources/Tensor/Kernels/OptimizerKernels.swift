internal import CKernels

/// The arithmetic of the optimizers over ranges of flat tensors of one arithmetic type: float32 by the C kernels,
/// float64 by their plain twins. Single-threaded; disjoint ranges may be worked on by several threads at once.
package enum OptimizerKernels {
    /// Sums of squares that a layer-wise trust ratio needs.
    package struct Squares: Sendable, Equatable {
        /// Of the weights.
        package var weights: Double
        /// Of the direction.
        package var direction: Double

        /// Sums of nothing.
        package static let zero = Squares(weights: 0, direction: 0)
    }

    /// Where AdamW puts its bias corrections and its weight decay.
    package enum AdamWForm: Sendable {
        /// Of the BERT and ALBERT programs: w −= rate·(m/(√v + ε) + decay·w); no bias correction.
        case bert
        /// Of transformers 3: w −= rate·√(1 − β2^t)/(1 − β1^t)·m/(√v + ε), then w −= rate·decay·w.
        case transformers3
        /// Of PyTorch: w·=1 − rate·decay, then w −= rate·m̂/(√v̂ + ε).
        case torch
    }

    /// The sum of the squares of `range`, in double precision.
    package static func sumOfSquares(_ tensor: Tensor, _ range: Range<Int>) -> Double {
        defer { withExtendedLifetime(tensor) {} }
        if tensor.dtype == .float32 {
            return unsafe tk_sum_of_squares(floats(tensor, range), range.count)
        }
        let values = unsafe doubles(tensor, range)
        return (0..<range.count).reduce(0) { unsafe $0 + values[$1] * values[$1] }
    }

    /// m = β1·m + (1 − β1)·g and v = β2·v + (1 − β2)·g², with g the gradient times `scale`.
    package static func moments(
        gradient: Tensor, scale: Double, first: Tensor, second: Tensor, _ range: Range<Int>, beta1: Double,
        beta2: Double
    ) {
        defer { withExtendedLifetime((gradient, first, second)) {} }
        if gradient.dtype == .float32 {
            unsafe tk_moments(
                floats(gradient, range), scale, floats(first, range), floats(second, range), range.count, beta1, beta2)
        } else {
            let (g, m, v) = unsafe (doubles(gradient, range), doubles(first, range), doubles(second, range))
            for i in 0..<range.count { unsafe moments(g[i] * scale, &m[i], &v[i], beta1, beta2) }
        }
    }

    /// u = c1·m/(√(c2·v) + ε) + decay·w into `direction`, which may be the gradient; returns the squares of w and u.
    /// You et al. 2020, Algorithm 2.
    package static func adamDirection(
        first: Tensor, second: Tensor, weights: Tensor, into direction: Tensor, _ range: Range<Int>,
        corrections: (first: Double, second: Double), epsilon: Double, decay: Double
    ) -> Squares {
        defer { withExtendedLifetime((first, second, weights, direction)) {} }
        if weights.dtype == .float32 {
            let norms = unsafe tk_adam_direction(
                floats(first, range), floats(second, range), floats(weights, range), floats(direction, range),
                range.count, corrections.first, corrections.second, epsilon, decay)
            return Squares(weights: norms.weights, direction: norms.direction)
        }
        let (m, v) = unsafe (doubles(first, range), doubles(second, range))
        let (w, u) = unsafe (doubles(weights, range), doubles(direction, range))
        var squares = Squares.zero
        for i in 0..<range.count {
            let root = unsafe (corrections.second * v[i]).squareRoot()
            unsafe u[i] = corrections.first * m[i] / (root + epsilon) + decay * w[i]
            unsafe squares.weights += w[i] * w[i]
            unsafe squares.direction += u[i] * u[i]
        }
        return squares
    }

    /// target += factor·source.
    package static func addScaled(_ source: Tensor, by factor: Double, to target: Tensor, _ range: Range<Int>) {
        defer { withExtendedLifetime((source, target)) {} }
        if target.dtype == .float32 {
            unsafe tk_axpy(Float(factor), floats(source, range), floats(target, range), range.count)
        } else {
            let (x, y) = unsafe (doubles(source, range), doubles(target, range))
            for i in 0..<range.count { unsafe y[i] += factor * x[i] }
        }
    }

    /// One step of AdamW: the moments, then the update of the weights in the given form.
    package static func adamW(
        gradient: Tensor, scale: Double, first: Tensor, second: Tensor, weights: Tensor, _ range: Range<Int>,
        form: AdamWForm, rate: Double, beta1: Double, beta2: Double, epsilon: Double, decay: Double,
        corrections: (first: Double, second: Double)
    ) {
        defer { withExtendedLifetime((gradient, first, second, weights)) {} }
        if weights.dtype == .float32 {
            var options = tk_adamw_options(
                form: form.native, rate: rate, beta1: beta1, beta2: beta2, eps: epsilon, decay: decay,
                m_correction: corrections.first, v_correction: corrections.second)
            unsafe tk_adamw(
                floats(gradient, range), scale, floats(first, range), floats(second, range), floats(weights, range),
                range.count, &options)
            return
        }
        let (g, m) = unsafe (doubles(gradient, range), doubles(first, range))
        let (v, w) = unsafe (doubles(second, range), doubles(weights, range))
        for i in 0..<range.count {
            unsafe moments(g[i] * scale, &m[i], &v[i], beta1, beta2)
            switch form {
            case .bert:
                unsafe w[i] -= rate * (m[i] / (v[i].squareRoot() + epsilon) + decay * w[i])
            case .transformers3:
                let corrected = rate * corrections.first / corrections.second.squareRoot()
                unsafe w[i] -= corrected * m[i] / (v[i].squareRoot() + epsilon)
                unsafe w[i] -= rate * decay * w[i]
            case .torch:
                unsafe w[i] *= 1 - rate * decay
                let root = unsafe (corrections.second * v[i]).squareRoot()
                unsafe w[i] -= rate * corrections.first * m[i] / (root + epsilon)
            }
        }
    }

    /// One step of gradient descent: d = g·scale + decay·w; velocity = momentum·velocity + d; w −= rate·velocity.
    /// Without a velocity d takes its place.
    package static func sgd(
        gradient: Tensor, scale: Double, velocity: Tensor?, weights: Tensor, _ range: Range<Int>, rate: Double,
        momentum: Double, decay: Double
    ) {
        defer { withExtendedLifetime((gradient, velocity, weights)) {} }
        if weights.dtype == .float32 {
            let velocity = unsafe velocity.map { unsafe floats($0, range) }
            unsafe tk_sgd(
                floats(gradient, range), scale, velocity, floats(weights, range), range.count, rate, momentum, decay)
            return
        }
        let (g, w) = unsafe (doubles(gradient, range), doubles(weights, range))
        let v = unsafe velocity.map { unsafe doubles($0, range) }
        for i in 0..<range.count {
            var d = unsafe g[i] * scale + decay * w[i]
            if let v = unsafe v {
                d += unsafe momentum * v[i]
                unsafe v[i] = d
            }
            unsafe w[i] -= rate * d
        }
    }

    private static func moments(_ g: Double, _ m: inout Double, _ v: inout Double, _ beta1: Double, _ beta2: Double) {
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g * g
    }

    private static func floats(_ tensor: Tensor, _ range: Range<Int>) -> UnsafeMutablePointer<Float> {
        unsafe elements(tensor, range, .float32)
    }

    private static func doubles(_ tensor: Tensor, _ range: Range<Int>) -> UnsafeMutablePointer<Double> {
        unsafe elements(tensor, range, .float64)
    }

    /// The elements of `range`; the caller keeps the tensor alive.
    private static func elements<Element>(
        _ tensor: Tensor, _ range: Range<Int>, _ dtype: DType
    ) -> UnsafeMutablePointer<Element> {
        require(
            tensor.dtype == dtype && range.lowerBound >= 0 && range.upperBound <= tensor.count,
            "cannot update \(range) of a tensor \(tensor.shape) of \(tensor.dtype) as \(dtype)")
        return unsafe tensor.address.assumingMemoryBound(to: Element.self) + range.lowerBound
    }
}

extension OptimizerKernels.AdamWForm {
    fileprivate var native: tk_adamw_form {
        switch self {
        case .bert: TK_ADAMW_BERT
        case .transformers3: TK_ADAMW_TRANSFORMERS
        case .torch: TK_ADAMW_TORCH
        }
    }
}
