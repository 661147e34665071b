/// Runs a pickle that can build nothing but tensors and plain containers: opcodes and globals outside of what PyTorch
/// writes for a state dict (pickle protocol 2) end it with an error that names them.
///
/// A pickle is a program for a machine with a stack, a memo and marks. Memory is bounded by its length and by fixed
/// limits, whatever it does.
struct PickleReader {
    /// What the pickles of one file have built so far.
    private(set) var heap = PickleHeap()
    private(set) var cursor: ByteCursor
    private var stack: [PickleValue] = []
    /// Where on the stack each open mark stands.
    private var marks: [Int] = []
    private var memo: [Int: PickleValue] = [:]
    private var opcodeCount = 0

    /// A thousand tensors take about 40,000 opcodes, each of which builds one value at most.
    private static let opcodeLimit = 1 << 19
    private static let longestText = 1 << 12
    private static let largestRank = 64

    /// Reads from `cursor`, which may hold several pickles, one behind the other.
    init(_ cursor: ByteCursor) { self.cursor = cursor }

    /// Runs the next pickle up to its STOP, and returns what it built. Throws `malformedFile`.
    mutating func next() throws(ModelsError) -> PickleValue {
        stack = []
        marks = []
        memo = [:]
        while true {
            let start = cursor
            let opcode = try cursor.integer(UInt8.self)
            guard opcode != UInt8(ascii: ".") else { break }
            opcodeCount += 1
            guard opcodeCount <= Self.opcodeLimit else {
                throw start.malformed("more than \(Self.opcodeLimit) pickle opcodes")
            }
            try run(opcode, at: start)
        }
        guard marks.isEmpty, stack.count == 1, let value = stack.popLast() else {
            throw cursor.malformed("the pickle ends with \(stack.count) values instead of one")
        }
        return value
    }

    /// The rest of the file behind the pickles read.
    var rest: ByteCursor { cursor }

    private mutating func run(_ opcode: UInt8, at start: ByteCursor) throws(ModelsError) {
        switch Character(UnicodeScalar(opcode)) {
        case "\u{80}":  // PROTO
            let version = try cursor.integer(UInt8.self)
            guard version == 2 else { throw start.malformed("pickle protocol \(version), expected 2") }
        case "N": stack.append(.none)
        case "\u{88}": stack.append(.bool(true))
        case "\u{89}": stack.append(.bool(false))
        case "J": stack.append(.integer(Int(try cursor.integer(Int32.self))))
        case "K": stack.append(.integer(Int(try cursor.integer(UInt8.self))))
        case "M": stack.append(.integer(Int(try cursor.integer(UInt16.self))))
        case "\u{8A}": stack.append(try long())
        case "G": stack.append(.real(Double(bitPattern: try cursor.integer(UInt64.self).byteSwapped)))
        case "X": stack.append(.string(try text()))
        case "c": stack.append(.global(try global(at: start)))
        case "}":
            heap.dictionaries.append([])
            stack.append(.dictionary(heap.dictionaries.count - 1))
        case "]":
            heap.lists.append([])
            stack.append(.list(heap.lists.count - 1))
        case ")": pushTuple([])
        case "\u{85}": pushTuple(try pop(1))
        case "\u{86}": pushTuple(try pop(2))
        case "\u{87}": pushTuple(try pop(3))
        case "t": pushTuple(try popToMark())
        case "(": marks.append(stack.count)
        case "q": memo[Int(try cursor.integer(UInt8.self))] = try top()
        case "r": memo[Int(try cursor.integer(UInt32.self))] = try top()
        case "h": stack.append(try remembered(Int(cursor.integer(UInt8.self))))
        case "j": stack.append(try remembered(Int(cursor.integer(UInt32.self))))
        case "s": try store(try pop(2))
        case "u": try store(try popToMark())
        case "a": try append(try pop(1))
        case "e": try append(try popToMark())
        case "Q":
            heap.storages.append(try storage(try pop(1)[0]))
            stack.append(.storage(heap.storages.count - 1))
        case "R":
            let operands = try pop(2)
            stack.append(try reduce(operands[0], operands[1]))
        case "b":  // BUILD: attributes of an OrderedDict, such as `_metadata`, are no tensors.
            _ = try pop(1)
            guard case .dictionary = try top() else { throw start.malformed("BUILD of \(try top().kind)") }
        default:
            let printed =
                opcode < 0x7F && opcode > 0x20 ? "'\(UnicodeScalar(opcode))'" : "0x" + String(opcode, radix: 16)
            throw start.malformed("refused: pickle opcode \(printed) is none that a file of tensors needs")
        }
    }

    // MARK: The stack

    private func top() throws(ModelsError) -> PickleValue {
        guard let value = stack.last, stack.count > (marks.last ?? 0) else { throw underflow() }
        return value
    }

    private mutating func pop(_ count: Int) throws(ModelsError) -> [PickleValue] {
        guard stack.count - count >= (marks.last ?? 0) else { throw underflow() }
        defer { stack.removeLast(count) }
        return Array(stack.suffix(count))
    }

    private mutating func popToMark() throws(ModelsError) -> [PickleValue] {
        guard let mark = marks.popLast() else { throw underflow() }
        defer { stack.removeSubrange(mark...) }
        return Array(stack[mark...])
    }

    private func underflow() -> ModelsError { cursor.malformed("the pickle takes a value that it has not built") }

    private func remembered(_ index: Int) throws(ModelsError) -> PickleValue {
        guard let value = memo[index] else { throw cursor.malformed("the pickle has no memo \(index)") }
        return value
    }

    private mutating func pushTuple(_ values: [PickleValue]) {
        heap.tuples.append(values)
        stack.append(.tuple(heap.tuples.count - 1))
    }

    private mutating func store(_ items: [PickleValue]) throws(ModelsError) {
        guard case .dictionary(let index) = try top(), items.count % 2 == 0 else {
            throw cursor.malformed("SETITEMS of \(items.count) values into \(try top().kind)")
        }
        for position in stride(from: 0, to: items.count, by: 2) {
            heap.dictionaries[index].append((items[position], items[position + 1]))
        }
    }

    private mutating func append(_ items: [PickleValue]) throws(ModelsError) {
        guard case .list(let index) = try top() else {
            throw cursor.malformed("APPENDS into \(try top().kind)")
        }
        heap.lists[index] += items
    }

    // MARK: Values

    private mutating func long() throws(ModelsError) -> PickleValue {
        let bytes = try cursor.bytes(Int(try cursor.integer(UInt8.self)))
        guard bytes.count <= 8 else { return .long(bytes) }
        let sign: UInt64 = (bytes.last ?? 0) & 0x80 == 0 ? 0 : .max
        let value = bytes.reversed().reduce(sign) { $0 << 8 | UInt64($1) }
        return .integer(Int(Int64(bitPattern: value)))
    }

    private mutating func text() throws(ModelsError) -> String {
        let start = cursor
        let length = try cursor.integer(UInt32.self)
        guard length <= Self.longestText else { throw start.malformed("a text of \(length) bytes") }
        return try cursor.text(Int(length))
    }

    private mutating func global(at start: ByteCursor) throws(ModelsError) -> PickleGlobal {
        let (module, name) = (try cursor.line(), try cursor.line())
        guard let global = PickleGlobal(module: module, name: name) else {
            throw start.malformed(
                "refused: the pickle names '\(module.prefix(80)).\(name.prefix(80))', which is no part of a tensor")
        }
        return global
    }

    /// The storage of a persistent id: ('storage', type, key, location, count[, view of another storage]).
    private func storage(_ id: PickleValue) throws(ModelsError) -> PickleStorage {
        guard case .tuple(let index) = id, case let fields = heap.tuples[index], (5...6).contains(fields.count),
            case .string("storage") = fields[0], case .global(.storage(let dtype)) = fields[1],
            case .string(let key) = fields[2], case .integer(let count) = fields[4]
        else { throw cursor.malformed("a persistent id that is no storage") }
        if fields.count == 6 {
            guard case .none = fields[5] else {
                throw cursor.malformed("storage '\(key)' is a view of another storage, which is not supported")
            }
        }
        guard count >= 0 else { throw cursor.malformed("storage '\(key)' of \(count) elements") }
        return PickleStorage(dtype: dtype, key: key, count: count)
    }

    private mutating func reduce(_ function: PickleValue, _ arguments: PickleValue) throws(ModelsError) -> PickleValue {
        guard case .global(let global) = function, case .tuple(let index) = arguments else {
            throw cursor.malformed("REDUCE of \(function.kind) with \(arguments.kind)")
        }
        let arguments = heap.tuples[index]
        switch global {
        case .orderedDictionary where arguments.isEmpty:
            heap.dictionaries.append([])
            return .dictionary(heap.dictionaries.count - 1)
        case .rebuildTensor where arguments.count >= 4:
            guard case .storage(let storage) = arguments[0], case .integer(let offset) = arguments[1],
                let shape = integers(arguments[2]), let strides = integers(arguments[3]), shape.count == strides.count
            else { break }
            heap.tensors.append(PickleTensor(storage: storage, offset: offset, shape: shape, strides: strides))
            return .tensor(heap.tensors.count - 1)
        case .rebuildParameter where arguments.count >= 1:
            guard case .tensor = arguments[0] else { break }
            return arguments[0]
        default: break
        }
        throw cursor.malformed("'\(global.name)' of \(arguments.map(\.kind).prefix(8).joined(separator: ", "))")
    }

    private func integers(_ value: PickleValue) -> [Int]? {
        guard case .tuple(let index) = value, heap.tuples[index].count <= Self.largestRank else { return nil }
        var numbers: [Int] = []
        for element in heap.tuples[index] {
            guard case .integer(let number) = element else { return nil }
            numbers.append(number)
        }
        return numbers
    }
}
