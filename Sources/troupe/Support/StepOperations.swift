import Models

/// Counts the floating-point operations that a training step needs, whatever an implementation makes of them.
///
/// Only matrix products count, an addition and a multiplication as two. With T tokens in B sequences of lengths l, n
/// predicted positions, V tokens in the vocabulary, widths E (embedding), H (encoder), I (inner) and L uses of a layer,
/// the forward pass needs
///
///     2·( L·(T·(4·H² + 2·H·I) + 2·H·Σl²)     query, key, value, output and feed-forward; scores and weighted sums
///       + T·E·H                              ALBERT's map from embedding to encoder
///       + B·H² + 2·B·H                       pooler and pair head
///       + n·(H·E + E·V) )                    masked-LM head (E = H in BERT)
///
/// and the backward pass twice that: one product for each of the two operands. Padding is not needed, and what an
/// implementation computes a second time in the backward pass is not counted again. All rows of the last layer are
/// counted, though past its attention only those are needed that a head reads (5 % of all in BERT-base at 16 x 128).
struct StepOperations {
    private let configuration: any EncoderConfiguration
    private let layerUses: Int
    private let hasMapping: Bool

    /// Counts for this model.
    init(_ model: ModelConfiguration) {
        configuration = model.encoder
        layerUses = model.layerUseCount
        hasMapping = model.mapsEmbeddings
    }

    /// Forward and backward pass together.
    func perStep(lengths: [Int], predictions: Int) -> Double {
        let tokens = Double(lengths.reduce(0, +))
        let pairs = lengths.reduce(0.0) { $0 + Double($1) * Double($1) }
        let hidden = Double(configuration.hiddenSize)
        let inner = Double(configuration.intermediateSize)
        let embedding = Double(configuration.embeddingWidth)
        let batch = Double(lengths.count)
        let layers = Double(layerUses) * (tokens * (4 * hidden * hidden + 2 * hidden * inner) + 2 * hidden * pairs)
        let mapping = hasMapping ? tokens * embedding * hidden : 0
        let pair = batch * hidden * hidden + 2 * batch * hidden
        let head = Double(predictions) * (hidden * embedding + embedding * Double(configuration.vocabularySize))
        return 3 * 2 * (layers + mapping + pair + head)
    }
}
