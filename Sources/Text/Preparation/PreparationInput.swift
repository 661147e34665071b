internal import Foundation

/// Where the text of a data preparation comes from.
package enum PreparationInput: Sendable {
    /// The package descriptions of this machine's Debian or Ubuntu archive; fetched with apt if they are not there.
    case debianPackages
    /// Text files, or directories whose `.txt` files are taken in the order of their names.
    case plainText(paths: [String], layout: PlainTextSource.Layout)

    /// The files behind paths that may be directories; throws `unreadable` or `emptyCorpus`.
    static func files(_ paths: [String]) throws(TextError) -> [String] {
        var files: [String] = []
        for path in paths {
            var isDirectory: ObjCBool = false
            guard unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
                throw TextError(.unreadable, "there is no file or directory \(path)")
            }
            guard isDirectory.boolValue else {
                files.append(path)
                continue
            }
            let names = ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
            files += names.filter { $0.hasSuffix(".txt") }.map { "\(path)/\($0)" }
        }
        guard !files.isEmpty else {
            throw TextError(.emptyCorpus, "no .txt file in \(paths.joined(separator: ", "))")
        }
        return files
    }
}

/// An input that has been found and can be read any number of times.
struct PreparedInput {
    /// SHA-256 over names and contents.
    let digest: String
    /// The package descriptions, if that is what the input is.
    let packages: DebianPackages?
    private let makeSource: (HoldoutRule) throws(TextError) -> any DocumentSource

    /// Finds the input; `directory` receives fetched lists.
    init(_ input: PreparationInput, fetchingInto directory: String) throws(TextError) {
        switch input {
        case .debianPackages:
            let packages = try DebianPackages(AptLists.find(fetchingInto: directory))
            digest = packages.digest
            self.packages = packages
            makeSource = { (holdout) throws(TextError) in packages.documents(holdout: holdout) }
        case .plainText(let paths, let layout):
            let files = try PreparationInput.files(paths)
            var digest = ContentDigest()
            digest.update(field: layout.rawValue)
            for file in files {
                digest.update(field: URL(fileURLWithPath: file).lastPathComponent)
                digest.update(field: try MappedFile(file).digest())
            }
            self.digest = digest.hexadecimal()
            packages = nil
            makeSource = { (_) throws(TextError) in try PlainTextSource(files: files, layout: layout) }
        }
    }

    /// A fresh stream of the documents.
    func source(_ holdout: HoldoutRule) throws(TextError) -> any DocumentSource { try makeSource(holdout) }
}
