extension PickleReader {
    /// The tensors of `root`, a dict of tensors under names, in its order. `place` gives the type and the bytes of a
    /// storage. Throws `malformedFile` naming the tensor.
    func tensors(
        of root: PickleValue, place: (PickleStorage) throws(ModelsError) -> Range<Int>
    ) throws(ModelsError) -> [(name: String, tensor: StoredTensor)] {
        func malformed(_ message: String) -> ModelsError {
            ModelsError(.malformedFile, source: cursor.file.path, message)
        }
        guard case .dictionary(let index) = root else {
            throw malformed("expected a dict of tensors, got \(root.kind)")
        }
        var result: [(name: String, tensor: StoredTensor)] = []
        for (key, value) in heap.dictionaries[index] {
            guard case .string(let name) = key else { throw malformed("expected names as keys, got \(key.kind)") }
            guard case .tensor(let tensor) = value else {
                throw malformed("'\(name)': expected a tensor, got \(value.kind)")
            }
            let view = heap.tensors[tensor]
            let storage = heap.storages[view.storage]
            let bytes = try place(storage)
            guard bytes.count / storage.dtype.byteSize == storage.count, bytes.count % storage.dtype.byteSize == 0
            else {
                throw malformed(
                    "'\(name)': storage '\(storage.key)' has \(bytes.count) bytes, expected \(storage.count) "
                        + "elements of \(storage.dtype.rawValue)")
            }
            guard
                let stored = StoredTensor(
                    cursor.file, bytes, storage.dtype, shape: view.shape, strides: view.strides,
                    firstElement: view.offset)
            else {
                throw malformed(
                    "'\(name)': shape \(view.shape) with strides \(view.strides) from element \(view.offset) does not "
                        + "fit a storage of \(storage.count) elements")
            }
            result.append((name, stored))
        }
        return result
    }
}
