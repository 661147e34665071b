/// Spaces in text that was put together from tokens, as Hugging Face tightens them.
enum DecodedSpacing {
    private static let replacements = [
        (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"), (" 'm", "'m"), (" 's", "'s"),
        (" 've", "'ve"), (" 're", "'re"),
    ]

    /// `text` without the spaces before punctuation and around contractions.
    static func tightened(_ text: String) -> String {
        replacements.reduce(text) { $0.replacing($1.0, with: $1.1) }
    }
}
