internal import CKernels

extension ParameterUpdate {
    /// One AdamW step in one pass: the moments of `scale`·`gradient`, then the form's update of `weights`.
    package static func adamW(
        weights: Tensor, gradient: Tensor, scale: Double = 1, first: Tensor, second: Tensor, _ options: AdamWOptions
    ) {
        check("adamW", weights, gradient, first, second)
        guard weights.dtype == .float32 else {
            moments(
                of: gradient, scale: scale, first: first, second: second, beta1: options.beta1, beta2: options.beta2)
            let (w, m, v) = (weights.doubles(), first.doubles(), second.doubles())
            return Elementwise.overwrite(weights, with: w.indices.map { stepped(w[$0], m[$0], v[$0], options) })
        }
        let (w, g) = unsafe (weights.floatAddress, gradient.floatAddress)
        let (m, v) = unsafe (first.floatAddress, second.floatAddress)
        forEachBlock(of: weights) { range in
            let start = range.lowerBound
            var kernelOptions = options.kernelOptions
            unsafe tk_adamw(g + start, scale, m + start, v + start, w + start, range.count, &kernelOptions)
        }
        withExtendedLifetime((gradient, first, second)) {}
    }

    /// One weight after an AdamW step.
    private static func stepped(_ w: Double, _ m: Double, _ v: Double, _ options: AdamWOptions) -> Double {
        let (rate, epsilon, decay) = (options.rate, options.epsilon, options.decay)
        switch options.form {
        case .bert:
            return w - rate * (m / (v.squareRoot() + epsilon) + decay * w)
        case .transformers:
            let correction = options.firstCorrection / options.secondCorrection.squareRoot()
            let moved = w - rate * correction * m / (v.squareRoot() + epsilon)
            return moved - rate * decay * moved
        case .torch:
            let root = (options.secondCorrection * v).squareRoot()
            return w * (1 - rate * decay) - rate * options.firstCorrection * m / (root + epsilon)
        }
    }

    /// One step of gradient descent: `d = scale·gradient + decay·w`; with a velocity, `velocity = momentum·velocity + d`
    /// takes the place of d; `w −= rate·d`. Without a velocity the momentum must be 0.
    package static func sgd(
        weights: Tensor, gradient: Tensor, scale: Double = 1, velocity: Tensor?, rate: Double, momentum: Double,
        decay: Double
    ) {
        check("sgd", weights, gradient, velocity ?? gradient)
        require(velocity != nil || momentum == 0, "sgd: a momentum of \(momentum) needs a velocity")
        guard weights.dtype == .float32 else {
            var direction = zip(gradient.doubles(), weights.doubles()).map { scale * $0 + decay * $1 }
            if let velocity {
                direction = zip(velocity.doubles(), direction).map { momentum * $0 + $1 }
                Elementwise.overwrite(velocity, with: direction)
            }
            return Elementwise.overwrite(weights, with: zip(weights.doubles(), direction).map { $0 - rate * $1 })
        }
        let (w, g, speed) = unsafe (weights.floatAddress, gradient.floatAddress, velocity?.floatAddress)
        forEachBlock(of: weights) { range in
            let start = range.lowerBound
            unsafe tk_sgd(
                g + start, scale, speed.map { unsafe $0 + start }, w + start, range.count, rate, momentum, decay)
        }
        withExtendedLifetime((gradient, velocity)) {}
    }
}

extension AdamWOptions {
    /// The form that the kernel takes.
    fileprivate var kernelOptions: tk_adamw_options {
        let kernelForm =
            switch form {
            case .bert: TK_ADAMW_BERT
            case .transformers: TK_ADAMW_TRANSFORMERS
            case .torch: TK_ADAMW_TORCH
            }
        return tk_adamw_options(
            form: kernelForm, rate: rate, beta1: beta1, beta2: beta2, eps: epsilon, decay: decay,
            m_correction: firstCorrection, v_correction: secondCorrection)
    }
}
