internal import Foundation

/// Names of columns (or JSON keys) in a user's own data.
package struct TaskColumns: Sendable, Hashable {
    /// The text, or the first of a pair.
    package var text: String
    /// The second text; nil if the texts come alone.
    package var pair: String?
    /// The label; files without the column are unlabelled, if they are test files.
    package var label: String

    /// These columns.
    package init(text: String = "text", pair: String? = nil, label: String = "label") {
        self.text = text
        self.pair = pair
        self.label = label
    }
}

/// The files of a task.
package struct TaskData: Sendable {
    /// The task.
    package let task: TaskDescription
    /// The folder, or the one file that is there.
    package let path: String
    /// The training file, where it is not the task's own.
    package var trainFile: String?
    /// The development file, where it is not the task's own.
    package var developmentFile: String?
    /// The test file, where it is not the task's own.
    package var testFile: String?
    /// The columns of a user's own data.
    package var columns = TaskColumns()
    /// The classes that labels must be among: the task's own, or once `labels(in:)` of the training data is known, those.
    /// Empty allows all.
    package var knownLabels: [String]
    /// The levels of RACE that are read.
    package var levels = ["middle", "high"]

    /// The part of the data that `path` is where it is a file.
    package var singleFileSplit = DataSplit.train

    /// A task's data under `path`: its folder, that folder's parent if it is named as the benchmark names it, or a single
    /// file, which is then that of `singleFileSplit`.
    package init(_ task: TaskDescription, path: String) {
        self.task = task
        self.path = path
        knownLabels = task.labels
    }

    // MARK: Files

    /// Names the file of a part of the data; nil leaves it.
    package mutating func setFile(_ file: String?, of split: DataSplit) {
        guard let file else { return }
        switch split {
        case .train: trainFile = file
        case .development: developmentFile = file
        case .test: testFile = file
        }
    }

    /// Whether there is a file for this part of the data.
    package func contains(_ split: DataSplit) -> Bool { existing(split) != nil }

    /// The file or folder of a part of the data; throws `unreadable` naming what was looked for.
    func file(_ split: DataSplit) throws(TextError) -> String {
        if let found = existing(split) { return found }
        let names = candidates(split)
        throw TextError(
            .unreadable,
            names.isEmpty
                ? "task \(task.name) has no \(split.rawValue) file"
                : "no \(split.rawValue) file of task \(task.name): there is no "
                    + names.joined(separator: ", nor "))
    }

    private func existing(_ split: DataSplit) -> String? {
        candidates(split).first { FileManager.default.fileExists(atPath: $0) }
    }

    /// Where the file of a split may be, in the order of preference.
    private func candidates(_ split: DataSplit) -> [String] {
        let given =
            switch split {
            case .train: trainFile
            case .development: developmentFile
            case .test: testFile
            }
        if let given { return given.hasPrefix("/") ? [given] : ["\(path)/\(given)", given] }
        var isDirectory: ObjCBool = false
        if unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), !isDirectory.boolValue {
            return split == singleFileSplit ? [path] : []
        }
        let folders = task.layout.folder.map { [path, "\(path)/\($0)"] } ?? [path]
        return folders.flatMap { folder in
            task.layout.fileNames(split, task: task.name).map { "\(folder)/\($0)" }
        }
    }
}

extension TaskLayout {
    /// How the benchmark calls the folder of the task.
    var folder: String? {
        switch self {
        case .glue(let folder, _): folder
        case .race: "RACE"
        case .xnli, .conll, .swag, .arc, .squad, .user: nil
        }
    }

    /// The names of the file of a split, most usual first.
    func fileNames(_ split: DataSplit, task: String) -> [String] {
        let name = split.rawValue
        switch self {
        case .glue(_, let layout): return layout.fileNames(split, task: task)
        case .xnli(let language):
            return [
                split == .train
                    ? "XNLI-MT-1.0/multinli/multinli.train.\(language).tsv" : "XNLI-1.0/xnli.\(name).tsv"
            ]
        case .conll: return ["\(name).txt"]
        case .race: return [name]
        case .swag: return split == .development ? ["val.csv", "dev.csv"] : ["\(name).csv"]
        case .arc: return ["\(name).jsonl"]
        case .squad(let version): return ["\(name)-v\(version).json"]
        case .user:
            let names = split == .development ? ["dev", "development", "validation", "valid", "val"] : [name]
            return names.flatMap { name in ["jsonl", "tsv", "csv"].map { "\(name).\($0)" } }
        }
    }
}
