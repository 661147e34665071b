internal import Foundation

/// The package lists of apt on this machine: `*_Packages*` and `*_Translation-en*` files, possibly compressed.
package struct AptLists: Sendable {
    /// Where apt keeps its lists.
    package static let systemDirectory = "/var/lib/apt/lists"
    private static let update = "/usr/bin/apt-get"
    private static let helper = "/usr/lib/apt/apt-helper"
    private static let compressions: Set<String> = ["lz4", "xz", "gz", "bz2", "zst", "lzma"]

    /// Paths of the package lists, sorted by name.
    package let packages: [String]
    /// Paths of the English descriptions, sorted by name.
    package let translations: [String]

    /// The lists in `directory`, or nil if it lacks packages or their English descriptions.
    package init?(existingIn directory: String) {
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []).sorted()
        let plain = { (name: String) in
            let parts = name.split(separator: ".")
            let isCompressed = parts.count > 1 && Self.compressions.contains(String(parts[parts.count - 1]))
            return isCompressed ? String(name.dropLast(parts[parts.count - 1].count + 1)) : name
        }
        packages = names.filter { plain($0).hasSuffix("_Packages") }.map { "\(directory)/\($0)" }
        translations = names.filter { plain($0).hasSuffix("_Translation-en") }.map { "\(directory)/\($0)" }
        guard !packages.isEmpty && !translations.isEmpty else { return nil }
    }

    /// The system's own lists if they hold English descriptions, else lists fetched into `directory` (and reused from
    /// there the next time). The system's lists are not touched, and no privileges are needed. Throws `command`.
    package static func find(fetchingInto directory: String) throws(TextError) -> AptLists {
        if let lists = AptLists(existingIn: systemDirectory) ?? AptLists(existingIn: "\(directory)/lists") {
            return lists
        }
        try fetch(into: directory)
        guard let lists = AptLists(existingIn: "\(directory)/lists") else {
            throw TextError(
                .command,
                "apt-get update left no *_Packages and *_Translation-en lists in \(directory)/lists: "
                    + "are there deb lines in /etc/apt/sources.list*?")
        }
        return lists
    }

    /// Runs `apt-get update` with its state, cache and lists in `directory`.
    private static func fetch(into directory: String) throws(TextError) {
        let files = FileManager.default
        do {
            for folder in ["lists/partial", "cache/archives/partial", "state"] {
                try files.createDirectory(atPath: "\(directory)/\(folder)", withIntermediateDirectories: true)
            }
        } catch {
            throw TextError(.unwritable, "cannot create folders in \(directory): \(error.localizedDescription)")
        }
        let root = URL(fileURLWithPath: directory).standardizedFileURL.path
        guard !root.contains("\"") else {
            throw TextError(.invalidParameter, "\(root): apt cannot use a directory with a quote in its name")
        }
        // The hooks belong to the system's lists, not to ours; no sandbox user, since it could not enter our folder.
        let configuration = """
            #clear APT::Update::Pre-Invoke;
            #clear APT::Update::Post-Invoke;
            #clear APT::Update::Post-Invoke-Success;
            #clear Acquire::Languages;
            Acquire::Languages { "en"; };
            Acquire::Retries "2";
            Acquire::http::Timeout "30";
            Acquire::https::Timeout "30";
            APT::Sandbox::User "";
            Dir::State "\(root)/state/";
            Dir::State::Lists "\(root)/lists/";
            Dir::State::status "/var/lib/dpkg/status";
            Dir::Cache "\(root)/cache/";
            Dir::Cache::pkgcache "";
            Dir::Cache::srcpkgcache "";

            """
        try OutputFile.create("\(root)/apt.conf", Array(configuration.utf8))
        try SystemCommand.run(update, ["--config-file=\(root)/apt.conf", "update"], environment: ["LC_ALL": "C"])
    }

    /// The bytes of one list, decompressed by apt's own helper if need be.
    static func contents(of path: String) throws(TextError) -> [UInt8] {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        let suffix = name.split(separator: ".").last.map(String.init) ?? ""
        guard compressions.contains(suffix) else {
            let file = try MappedFile(path)
            return unsafe file.withBytes { unsafe Array($0) }
        }
        var bytes: [UInt8] = []
        try SystemCommand.run(helper, ["cat-file", path]) { bytes.append(contentsOf: $0) }
        return bytes
    }
}
