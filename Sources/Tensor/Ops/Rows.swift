internal import CKernels

/// Reading rows by index, and adding rows back to where they came from.
enum Rows {
    /// Rows per block of gathering; columns per block of scattering.
    private static let gatherBlock = 256
    private static let scatterColumns = 64

    /// The rows of `table` (any leading shape, rows of its innermost extent) named by `indices`, as `shape`.
    static func gathered(_ table: Tensor, _ indices: Tensor, shape: Shape) -> Tensor {
        let width = table.shape.width
        guard table.dtype != .float64 else {
            let values = Twins.rows(of: table.doubles(), width: width, at: indices.int32s())
            return Tensor(values, shape: shape, in: table.context)
        }
        let result = Tensor(uninitialized: shape, dtype: table.dtype, in: table.context)
        let (type, rowSize) = (table.dtype.kernelType, width * table.dtype.byteSize)
        let (source, rows, target) = unsafe (table.address, indices.int32Address, result.address)
        table.context.measured(.embedding) {
            table.context.forEachBlock(of: indices.count, length: gatherBlock) { range in
                let first = range.lowerBound
                unsafe tk_gather_rows(type, source, width, rows + first, range.count, width, target + first * rowSize)
            }
        }
        withExtendedLifetime((table, indices)) {}
        return result
    }

    /// Adds each row of `gradient` to the row of `target` that `indices` names, in ascending order of position.
    static func scatter(_ gradient: Tensor, _ indices: Tensor, into target: Tensor) {
        let width = target.shape.width
        guard target.dtype != .float64 else {
            let added = Twins.scatteredRows(
                gradient.doubles(), width: width, at: indices.int32s(), rowCount: target.shape.rows)
            Elementwise.overwrite(target, with: Twins.sum(target.doubles(), added))
            return
        }
        let (type, size) = (target.dtype.kernelType, target.dtype.byteSize)
        let (source, rows, table) = unsafe (gradient.address, indices.int32Address, target.address)
        let count = indices.count
        // Blocks of columns, so that rows that occur several times are added by one thread in one order.
        target.context.measured(.embedding) {
            target.context.forEachBlock(of: width, length: scatterColumns) { columns in
                let first = columns.lowerBound * size
                unsafe tk_scatter_add_rows(
                    type, source + first, width, rows, count, columns.count, table + first, width)
            }
        }
        withExtendedLifetime((gradient, indices)) {}
    }
}

extension Tensor {
    /// Index and value of the first element of an int32 tensor outside 0 ..< `limit`, or nil: what a reader of ids
    /// from files checks before it calls `embedding`, `gatherRows` or `crossEntropy`, which trap on such an element.
    package func firstOutside(_ limit: Int) -> (index: Int, value: Int32)? {
        require(dtype == .int32, "firstOutside: needs int32, got \(dtype) \(shape)")
        let bound = Int32(clamping: limit)
        let index = unsafe tk_first_outside(int32Address, count, bound)
        return index == count ? nil : withInt32s { (index, $0[index]) }
    }

    /// The rows of a [V, E] table that `ids` (int32, any shape) names: `ids.shape` + [E]. The gradient adds every row
    /// back to the table; rows that occur several times sum in ascending order of position.
    package func embedding(ids: Tensor) -> Tensor {
        require(shape.rank == 2, "embedding: the table must be [rows, width], got \(shape)")
        return gather("embedding", ids, shape: Shape(ids.shape.dimensions + [shape.width]))
    }

    /// The rows of an [R, H] tensor that `indices` (int32, [n]) names: [n, H].
    package func gatherRows(indices: Tensor) -> Tensor {
        require(
            shape.rank == 2 && indices.shape.rank == 1,
            "gatherRows: needs [rows, width] and [n], got \(shape) and \(indices.shape)")
        return gather("gatherRows", indices, shape: [indices.count, shape.width])
    }

    private func gather(_ operation: StaticString, _ indices: Tensor, shape result: Shape) -> Tensor {
        checkType(operation)
        require(indices.dtype == .int32, "\(operation): row numbers must be int32, got \(indices.dtype)")
        if let (index, value) = indices.firstOutside(shape.rows) {
            fatalError(
                "\(operation): element \(index) is \(value), outside the \(shape.rows) rows of \(shape)")
        }
        let output = Rows.gathered(self, indices, shape: result)
        if Tensor.records(self) {
            let slot = slot
            output.record(operation, from: [self]) { gradient in
                guard let slot else { return }
                Rows.scatter(gradient, indices, into: slot.zeroedTarget())
            }
        }
        return output
    }
}
