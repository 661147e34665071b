import Tensor

extension EncoderModel {
    /// Freezes the parameters whose names `isFrozen` holds for, and no others: they get no gradients, and the backward
    /// pass ends below the lowest parameter that is not frozen. Dropout goes on in frozen parts.
    ///
    /// An optimizer must leave out `parameters.frozenNames`, since weight decay would move them without a gradient.
    ///
    /// Throws `invalidInput`, and changes nothing, if it would freeze a part of the query, key and value weights (or
    /// biases) of a layer: one product computes the three.
    package func freeze(where isFrozen: (String) -> Bool) throws(ModelsError) {
        let entries = parameters.entries
        for (first, second) in zip(entries, entries.dropFirst())
        where second.joinsPrevious && isFrozen(first.name) != isFrozen(second.name) {
            let (frozen, live) = isFrozen(first.name) ? (first.name, second.name) : (second.name, first.name)
            throw ModelsError(
                .invalidInput, "'\(frozen)' is frozen and '\(live)' is not: expected both or neither to be")
        }
        parameters.freeze(Set(entries.map(\.name).filter(isFrozen)))
    }
}
