internal import CKernels

/// Sums over tensors. Their order is fixed by block sizes that do not depend on the number of threads.
enum Reductions {
    /// Rows per partial sum.
    static let rowBlock = 256
    /// Elements per partial sum of a whole tensor.
    private static let elementBlock = 1 << 16

    /// The sum of all elements.
    static func sum(_ x: Tensor) -> Double {
        guard x.dtype == .float32 else { return x.doubles().reduce(0, +) }
        let source = unsafe x.floatAddress
        return x.context.sumOverBlocks(of: x.count, length: elementBlock) { range in
            unsafe tk_sum(source + range.lowerBound, range.count)
        }
    }

    /// Adds the sum of the rows of `x`, each as long as `target`, to `target`, which has the parameter type of `x`.
    static func accumulateColumnSums(_ x: Tensor, into target: Tensor) {
        let width = target.count
        guard width > 0 else { return }
        guard x.dtype != .float64 else {
            let sums = Twins.columnSums(x.doubles(), width: width)
            Elementwise.overwrite(target, with: Twins.sum(target.doubles(), sums))
            return
        }
        let (source, type, rowSize) = unsafe (x.address, x.dtype.kernelType, width * x.dtype.byteSize)
        x.context.measured(.elementwise) {
            unsafe accumulateByRowBlocks(rows: x.count / width, into: [target]) { rows, partials in
                unsafe tk_bias_gradient(type, source + rows.lowerBound * rowSize, rows.count, width, partials[0])
            }
        }
        withExtendedLifetime(x) {}
    }

    /// Runs `body` on blocks of rows, which adds sums over its rows to one zeroed partial vector per target, then adds
    /// the partial vectors to the targets in ascending order of blocks.
    static func accumulateByRowBlocks(
        rows: Int, into targets: [Tensor],
        _ body: (_ rows: Range<Int>, _ partials: [UnsafeMutablePointer<Float>]) -> Void
    ) {
        guard let context = targets.first?.context, rows > 0 else { return }
        let blocks = (rows + rowBlock - 1) / rowBlock
        let partials = targets.map { Tensor(zeros: [blocks, $0.count], in: context) }
        let starts = unsafe partials.map { unsafe $0.floatAddress }
        let widths = targets.map(\.count)
        context.forEachBlock(of: rows, length: rowBlock) { range in
            let block = range.lowerBound / rowBlock
            let own = unsafe zip(starts, widths).map { unsafe $0 + block * $1 }
            unsafe body(range, own)
        }
        for (index, target) in targets.enumerated() {
            unsafe tk_bias_gradient(TK_FLOAT32, starts[index], blocks, widths[index], target.floatAddress)
        }
        withExtendedLifetime(partials) {}
    }
}
