import Tensor

extension KernelBenchmark {
    /// Attention of BERT-base over sequences of 128 tokens, products included: nanoseconds per score.
    func attention() -> [Result] {
        let (length, heads) = (128, 12)
        let sequences = max(1, rows / length)
        let dropout = Dropout(rate: 0.1, key: RandomKey(seed: 1), site: 1)
        let offsets = SequenceOffsets(lengths: [Int](repeating: length, count: sequences))
        let type = precision.elementType
        let qkv = Tensor.uniform([offsets.tokenCount, 3 * width], type, seed: 1, in: context)
        let gradient = Tensor.uniform([offsets.tokenCount, width], type, seed: 2, in: context)
        func attended() -> Tensor {
            Tensor.attention(qkv: qkv.asLeaf(), sequences: offsets, heads: heads, dropout: dropout)
        }
        let scores = sequences * heads * length * length
        return [
            result("attention", elements: scores, bytesPerElement: nil, prepare: {}, { _ = attended() }),
            result("attention backward", elements: scores, bytesPerElement: nil, prepare: attended) {
                $0.backward(seed: gradient)
            },
        ]
    }
}
