/// The order in which partial sums that several ranks hold are added, element by element: a program for a stack of
/// buffers. Floating-point sums depend on it, so one that the world size does not change gives bits that the world size
/// does not change.
package struct SummationOrder: Sendable, Equatable {
    /// One action on the stack.
    package enum Action: Sendable, Equatable {
        /// A copy of a part goes on top.
        case push(rank: Int, part: Int)
        /// A part is added to the top.
        case add(rank: Int, part: Int)
        /// The top is taken off and added to the one below.
        case fold
    }

    /// How many parts each rank holds.
    package let partCounts: [Int]
    /// What to do, in order; one buffer is left.
    package let actions: [Action]
    /// The largest number of buffers on the stack at once.
    package let depth: Int

    /// Traps unless `actions` leave one buffer and use every part once.
    package init(partCounts: [Int], actions: [Action]) {
        self.partCounts = partCounts
        self.actions = actions
        var (height, depth, used) = (0, 0, 0)
        for action in actions {
            switch action {
            case .push: (height, used) = (height + 1, used + 1)
            case .add: used += 1
            case .fold: height -= 1
            }
            depth = max(depth, height)
            require(height > 0, "a summation order takes from an empty stack")
        }
        require(
            height == 1 && used == partCounts.reduce(0, +),
            "a summation order leaves \(height) buffers and uses \(used) of \(partCounts) parts")
        self.depth = depth
    }

    /// Adds up a range of elements. `withPart` lends the numbers of a part there, at any alignment, to its last argument.
    package func sum<Failure: Error>(
        into target: UnsafeMutableBufferPointer<Float>,
        withPart: (_ rank: Int, _ part: Int, _ use: (UnsafeRawBufferPointer) -> Void) throws(Failure) -> Void
    ) throws(Failure) {
        let scratch = UnsafeMutableBufferPointer<Float>.allocate(capacity: (depth - 1) * target.count)
        defer { unsafe scratch.deallocate() }
        func buffer(_ height: Int) -> UnsafeMutableBufferPointer<Float> {
            guard height > 0 else { return unsafe target }
            let start = (height - 1) * target.count
            return unsafe UnsafeMutableBufferPointer(rebasing: scratch[start..<start + target.count])
        }
        var height = 0
        for action in actions {
            switch action {
            case .push(let rank, let part):
                let slot = unsafe buffer(height)
                try unsafe withPart(rank, part) { bytes in
                    unsafe UnsafeMutableRawBufferPointer(slot).copyMemory(from: bytes)
                }
                height += 1
            case .add(let rank, let part):
                let top = unsafe buffer(height - 1)
                try unsafe withPart(rank, part) { bytes in unsafe RawKernels.add(bytes, to: top) }
            case .fold:
                height -= 1
                unsafe RawKernels.add(UnsafeRawBufferPointer(buffer(height)), to: buffer(height - 1))
            }
        }
    }
}
