import Models
import Tensor

extension EncoderModel {
    /// Freezes what a run file does not train, and returns every parameter's share of the learning rate.
    ///
    /// - Throws: `AlgorithmsError` for a pattern that matches no parameter, `ModelsError` for one that splits the query,
    ///   key and value weights of a layer.
    func select(_ optimizer: OptimizerSection) throws -> [Double] {
        let names = parameters.entries.map(\.name)
        let scales = try ParameterSelection(optimizer).scales(of: names, peak: optimizer.learningRate)
        let frozen = Set(zip(names, scales).filter { $1 == 0 }.map(\.0))
        try freeze { frozen.contains($0) }
        return scales
    }
}
