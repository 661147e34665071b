import Models
import Tensor

/// Batches of sequences of several lengths, drawn from a seed.
enum RandomBatches {
    /// One sequence per length, of tokens below `vocabulary`; every third token but the first is masked.
    static func batch(
        lengths: [Int], vocabulary: Int32 = 20, seed: UInt64, dtype: DType = .float32, in context: ComputeContext
    ) -> PretrainingBatch {
        var generator = PhiloxGenerator(key: RandomKey(seed: seed, step: 0, shard: 0), site: 0)
        func draw(_ limit: Int32) -> Int32 { min(limit - 1, Int32(generator.nextUniform() * Double(limit))) }
        var (ids, segments, rows, targets): ([Int32], [Int32], [Int32], [Int32]) = ([], [], [], [])
        for length in lengths {
            for position in 0..<length {
                if position % 3 == 1 {
                    rows.append(Int32(ids.count))
                    targets.append(draw(vocabulary))
                }
                ids.append(draw(vocabulary))
                segments.append(position < length / 2 ? 0 : 1)
            }
        }
        return PretrainingBatch(
            inputIDs: ids, segmentIDs: segments, lengths: lengths, maskedRows: rows, maskedIDs: targets,
            maskedWeights: rows.map { _ in 1 }, pairLabels: lengths.map { _ in draw(2) }, dtype: dtype, in: context)
    }

    /// Runs one forward and backward pass. Returns the logits, the loss and all gradients.
    static func run(
        _ model: EncoderModel, _ batch: PretrainingBatch, _ options: ForwardOptions
    ) -> (logits: [Double], loss: Double, gradients: [Double]) {
        model.parameters.zeroGradients()
        let output = model.forward(batch, options)
        let logits = output.predictionLogits.doubles() + output.pairLogits.doubles()
        let loss = PretrainingLoss.compute(
            output, batch, predictionDenominator: Double(batch.predictionCount),
            pairDenominator: Double(batch.batchSize)
        ).loss
        loss.backward()
        return (logits, loss.item(), model.parameters.gradients.doubles())
    }
}
