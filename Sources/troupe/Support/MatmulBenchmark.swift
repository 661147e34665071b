import Algorithms
import Tensor

/// Times the matrix products of a linear layer, made through `Tensor` as a training step makes them.
struct MatmulBenchmark {
    /// The products.
    enum Product: String, CaseIterable {
        /// rows x inputs by outputs x inputs, transposed.
        case forward
        /// rows x outputs by outputs x inputs.
        case inputGradient = "input_gradient"
        /// rows x outputs, transposed, by rows x inputs; added to the parameter's gradient.
        case weightGradient = "weight_gradient"
    }

    /// The sizes of a linear layer.
    struct Layer {
        let rows: Int
        let outputs: Int
        let inputs: Int

        /// The linear layers of BERT-base over a batch of 16 x 128 tokens; the last one joins query, key and value.
        static let bertBase = [(768, 768), (768, 3072), (3072, 768), (768, 2304)].map {
            Layer(rows: 2048, outputs: $0.1, inputs: $0.0)
        }

        /// Additions and multiplications of each of its products.
        var operations: Double { 2 * Double(rows) * Double(outputs) * Double(inputs) }

        /// rows x inputs -> outputs.
        var name: String { "\(rows) x \(inputs) -> \(outputs)" }
    }

    /// One product, measured.
    struct Result {
        let product: Product
        let layer: Layer
        let samples: Samples

        /// Additions and multiplications per second.
        var operationsPerSecond: Double { layer.operations / samples.median }
    }

    let context: ComputeContext
    let precision: RunConfiguration.Precision
    let repeats: Int

    /// Times `product` of `layer` on random numbers.
    func measure(_ product: Product, of layer: Layer) -> Result {
        let type = precision.elementType
        let arena = precision.makeArena(
            [
                ParameterEntry(
                    name: "weight", shape: [layer.outputs, layer.inputs], initializer: .truncatedNormal(std: 0.02))
            ], in: context)
        let weight = arena.weight("weight")
        weight.requiresGradient = product == .weightGradient
        let input = Tensor.uniform([layer.rows, layer.inputs], type, seed: 1, in: context)
        let samples: Samples
        if product == .forward {
            samples = Samples(repeats: repeats) {
                Tensor.withoutGradient { _ = input.linear(weight: weight) }
            }
        } else {
            let seed = Tensor.uniform([layer.rows, layer.outputs], type, seed: 2, in: context)
            samples = Samples(repeats: repeats) {
                (product == .inputGradient ? input.asLeaf() : input).linear(weight: weight)
            } _: {
                $0.backward(seed: seed)
            }
        }
        return Result(product: product, layer: layer, samples: samples)
    }
}
