internal import Glibc

/// The functions of MeCab that a splitter needs, looked up at run time. A model and its tagger are only read after
/// loading; every call has a lattice of its own.
@safe
final class MecabLibrary: @unchecked Sendable {
    private typealias Make = @convention(c) (CInt, UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> OpaquePointer?
    private typealias Derive = @convention(c) (OpaquePointer) -> OpaquePointer?
    private typealias Destroy = @convention(c) (OpaquePointer) -> Void
    private typealias SetSentence = @convention(c) (OpaquePointer, UnsafePointer<CChar>, Int) -> Void
    private typealias Parse = @convention(c) (OpaquePointer, OpaquePointer) -> CInt
    private typealias Describe = @convention(c) (OpaquePointer) -> UnsafePointer<CChar>?

    private let model: OpaquePointer
    private let tagger: OpaquePointer
    private let makeLattice: Derive
    private let setSentence: SetSentence
    private let parse: Parse
    private let describe: Describe
    private let destroyLattice: Destroy
    private let destroyTagger: Destroy
    private let destroyModel: Destroy

    /// Opens the library and loads a dictionary, without one that of `/etc/mecabrc`. The library stays open.
    init(name: String, dictionary: String?) throws(TextError) {
        let packages = "install the Debian packages libmecab2 and mecab-ipadic-utf8, or split the words by white space"
        guard let handle = unsafe dlopen(name, RTLD_NOW | RTLD_LOCAL) else {
            throw TextError(.command, "MeCab, which splits Japanese text into words, is missing (\(name)): \(packages)")
        }
        func function<Function>(_ symbol: String, _: Function.Type) throws(TextError) -> Function {
            guard let address = unsafe dlsym(handle, symbol) else {
                throw TextError(.command, "\(name) has no function \(symbol): expected MeCab 0.996; \(packages)")
            }
            return unsafe unsafeBitCast(address, to: Function.self)
        }
        let makeModel = try unsafe function("mecab_model_new", Make.self)
        let makeTagger = try unsafe function("mecab_model_new_tagger", Derive.self)
        unsafe makeLattice = try unsafe function("mecab_model_new_lattice", Derive.self)
        unsafe setSentence = try unsafe function("mecab_lattice_set_sentence2", SetSentence.self)
        unsafe parse = try unsafe function("mecab_parse_lattice", Parse.self)
        unsafe describe = try unsafe function("mecab_lattice_tostr", Describe.self)
        unsafe destroyLattice = try unsafe function("mecab_lattice_destroy", Destroy.self)
        unsafe destroyTagger = try unsafe function("mecab_destroy", Destroy.self)
        unsafe destroyModel = try unsafe function("mecab_model_destroy", Destroy.self)

        // Words with spaces between them; a path may hold spaces itself, so options are not given as one string.
        let options = ["mecab", "-O", "wakati"] + (dictionary.map { ["-d", $0] } ?? [])
        var arguments = unsafe options.map { unsafe strdup($0) }
        defer { for index in unsafe arguments.indices { unsafe free(arguments[index]) } }
        guard let model = unsafe makeModel(CInt(options.count), &arguments) else {
            throw TextError(.command, "MeCab has no dictionary\(dictionary.map { " in \($0)" } ?? ""): \(packages)")
        }
        guard let tagger = unsafe makeTagger(model) else {
            unsafe destroyModel(model)
            throw TextError(.command, "MeCab cannot use its dictionary\(dictionary.map { " in \($0)" } ?? "")")
        }
        unsafe self.model = model
        unsafe self.tagger = tagger
    }

    deinit {
        unsafe destroyTagger(tagger)
        unsafe destroyModel(model)
    }

    /// The words of a sentence without NUL.
    func words(_ sentence: [UInt8]) throws(TextError) -> [[UInt8]] {
        guard let lattice = unsafe makeLattice(model) else { throw TextError(.tokenizer, "MeCab is out of memory") }
        defer { unsafe destroyLattice(lattice) }
        let output: String? = unsafe sentence.withUnsafeBytes { bytes in
            // The sentence is not copied: it must live as long as the lattice is used.
            guard let start = unsafe bytes.baseAddress?.assumingMemoryBound(to: CChar.self) else { return "" }
            unsafe setSentence(lattice, start, bytes.count)
            guard unsafe parse(tagger, lattice) != 0, let text = unsafe describe(lattice) else { return nil }
            return unsafe String(cString: text)
        }
        guard let output else {
            throw TextError(.tokenizer, "MeCab cannot split a text of \(sentence.count) bytes")
        }
        return output.utf8.split(whereSeparator: { $0 == 0x20 || $0 == 0x0A }).map(Array.init)
    }
}
