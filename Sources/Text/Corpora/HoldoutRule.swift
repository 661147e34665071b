/// Decides which documents are held out, from a hash of their key alone: the same on every machine, for every order of
/// the input, and when documents are added later.
package struct HoldoutRule: Sendable, Hashable, Codable {
    /// The share of keys that is held out, in [0, 1).
    package let share: Double

    /// Holds nothing out.
    package static let nothing = HoldoutRule()

    private init() { share = 0 }

    /// Throws `invalidParameter` for a share outside [0, 1).
    package init(share: Double) throws(TextError) {
        guard share >= 0 && share < 1 else {
            throw TextError(.invalidParameter, "held-out share \(share) must be in [0, 1)")
        }
        self.share = share
    }

    /// Whether documents of this key are held out.
    package func holdsOut(key: String) -> Bool { holdsOut(hash: StableHash.of(key)) }

    /// Whether the document is held out: by its key, or by its text if it has none.
    package func holdsOut(_ document: TextDocument) -> Bool {
        document.key.map { holdsOut(key: $0) } ?? holdsOut(hash: document.textHash)
    }

    private func holdsOut(hash: UInt64) -> Bool {
        Double(hash >> 11) * 0x1p-53 < share
    }
}
