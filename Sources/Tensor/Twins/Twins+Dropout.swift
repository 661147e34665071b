extension Twins {
    /// `x` with the elements that the mask drops set to zero and the others scaled by 1 / (1 - rate).
    package static func dropped(_ x: [Double], _ dropout: Dropout) -> [Double] {
        let threshold = RandomKey.threshold(rate: dropout.rate)
        return x.enumerated().map { index, value in
            let word = dropout.key.word(site: dropout.site, element: UInt64(index))
            return word < threshold ? 0 : value / (1 - dropout.rate)
        }
    }
}
