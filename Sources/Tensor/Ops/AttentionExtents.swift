/// The extents of one multi-head attention, and the layout of what it reads and writes.
package struct AttentionExtents: Sendable {
    /// Sequences.
    let batch: Int
    /// Positions per sequence.
    let sequence: Int
    let heads: Int
    /// Columns per head.
    let width: Int

    package init(batch: Int, sequence: Int, heads: Int, width: Int) {
        self.batch = batch
        self.sequence = sequence
        self.heads = heads
        self.width = width
    }

    /// Shape of the probabilities.
    var probabilityShape: Shape { [batch, heads, sequence, sequence] }

    /// Index into a [B, S, heads·width] operand.
    func index(_ b: Int, _ position: Int, _ head: Int, _ column: Int) -> Int {
        ((b * sequence + position) * heads + head) * width + column
    }

    /// Index into the probabilities.
    func probability(_ b: Int, _ head: Int, _ query: Int, _ key: Int) -> Int {
        ((b * heads + head) * sequence + query) * sequence + key
    }

    /// Visits every (batch, head, query, key, column).
    func forEachProduct(_ body: (_ b: Int, _ head: Int, _ query: Int, _ key: Int, _ column: Int) -> Void) {
        for b in 0..<batch {
            for head in 0..<heads {
                for query in 0..<sequence {
                    for key in 0..<sequence {
                        for column in 0..<width { body(b, head, query, key, column) }
                    }
                }
            }
        }
    }
}
