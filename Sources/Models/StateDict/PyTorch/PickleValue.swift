/// What a pickle may build. Containers lie in a `PickleHeap` and are named by their index in it, so that values that
/// refer to each other, however deeply or in circles, cost no recursion.
enum PickleValue {
    case none
    case bool(Bool)
    case integer(Int)
    /// An integer of more than 64 bits: two's complement, least significant byte first.
    case long([UInt8])
    case real(Double)
    case string(String)
    case tuple(Int)
    case list(Int)
    /// A dict, or an OrderedDict.
    case dictionary(Int)
    case global(PickleGlobal)
    case storage(Int)
    case tensor(Int)

    /// The name of the value's type, for error messages.
    var kind: String {
        switch self {
        case .none: "None"
        case .bool: "a boolean"
        case .integer, .long: "an integer"
        case .real: "a number"
        case .string: "a string"
        case .tuple: "a tuple"
        case .list: "a list"
        case .dictionary: "a dict"
        case .global(let global): "'\(global.name)'"
        case .storage: "a storage"
        case .tensor: "a tensor"
        }
    }
}

/// Everything outside of the pickle that it may name. Nothing is executed: each of these has one meaning here.
enum PickleGlobal {
    /// `collections.OrderedDict`
    case orderedDictionary
    /// `torch._utils._rebuild_tensor_v2`: a view of a storage.
    case rebuildTensor
    /// `torch._utils._rebuild_parameter`: a tensor with a flag.
    case rebuildParameter
    /// `torch.FloatStorage` and its like.
    case storage(SafetensorsDType)

    /// As Python writes it.
    var name: String {
        switch self {
        case .orderedDictionary: "collections.OrderedDict"
        case .rebuildTensor: "torch._utils._rebuild_tensor_v2"
        case .rebuildParameter: "torch._utils._rebuild_parameter"
        case .storage(let dtype): "torch.\(Self.storages.first { $0.value == dtype }?.key ?? "")"
        }
    }

    /// The global `module.name`; nil if a pickle may not name it.
    init?(module: String, name: String) {
        switch (module, name) {
        case ("collections", "OrderedDict"): self = .orderedDictionary
        case ("torch._utils", "_rebuild_tensor_v2"): self = .rebuildTensor
        case ("torch._utils", "_rebuild_parameter"): self = .rebuildParameter
        case ("torch", _):
            guard let dtype = Self.storages[name] else { return nil }
            self = .storage(dtype)
        default: return nil
        }
    }

    private static let storages: [String: SafetensorsDType] = [
        "DoubleStorage": .float64, "FloatStorage": .float32, "HalfStorage": .float16, "BFloat16Storage": .bfloat16,
        "LongStorage": .int64, "IntStorage": .int32, "ShortStorage": .int16, "CharStorage": .int8,
        "ByteStorage": .uint8, "BoolStorage": .bool,
    ]
}

/// Numbers of one type that tensors view: `key` says where in the file they are.
struct PickleStorage {
    let dtype: SafetensorsDType
    let key: String
    let count: Int
}

/// A view of a storage, not yet checked against it.
struct PickleTensor {
    /// Index in the heap.
    let storage: Int
    let offset: Int
    let shape: [Int]
    let strides: [Int]
}

/// The containers that a pickle builds.
struct PickleHeap {
    var tuples: [[PickleValue]] = []
    var lists: [[PickleValue]] = []
    var dictionaries: [[(key: PickleValue, value: PickleValue)]] = []
    var storages: [PickleStorage] = []
    var tensors: [PickleTensor] = []
}
