/// How the files of a task are laid out.
enum TaskLayout: Sendable, Hashable {
    /// TAB-separated files of the GLUE benchmark, in `folder` or in the data folder itself.
    case glue(folder: String, GlueLayout)
    /// `XNLI-MT-1.0/multinli/multinli.train.<language>.tsv` and `XNLI-1.0/xnli.{dev,test}.tsv`.
    case xnli(language: String)
    /// A word and its tag per line, in `{train,dev,test}.txt`.
    case conll
    /// `{train,dev,test}/{middle,high}/*.txt`.
    case race
    /// `{train,val,test}.csv`.
    case swag
    /// `{train,dev,test}.jsonl`.
    case arc
    /// `{train,dev}-v<version>.json`.
    case squad(version: String)
    /// `jsonl`, `tsv` or `csv` with named columns.
    case user
}

/// The columns of the GLUE files of one task, counted from 0.
struct GlueLayout: Sendable, Hashable {
    /// Where the label is.
    enum Label: Sendable, Hashable {
        case column(Int)
        case last
        case none
    }

    /// Whether the first line is no example.
    enum Header: Sendable, Hashable {
        case always
        case inTestOnly
        /// Copies of the data go round whose lines are all examples, test file included: the first line is a header
        /// unless it has a label where labels are.
        case unlessLabelled
    }

    /// The columns of the one or two texts.
    let texts: [Int]
    /// The column of the label.
    let label: Label
    /// The columns of the texts in the test file, which has no labels.
    let testTexts: [Int]
    var header = Header.always
    /// What the names of the development and test files end with.
    var suffix = ""
    /// Whether rows with too few columns are known to occur.
    var skipsShortRows = false
    /// The one file that there is, without extension.
    var onlyFile: String?

    /// The names of the file of a split, most usual first.
    func fileNames(_ split: DataSplit, task: String) -> [String] {
        if let onlyFile { return split == .train ? [] : ["\(onlyFile).tsv"] }
        let name = split == .train ? "train.tsv" : "\(split.rawValue)\(suffix).tsv"
        // The corpus of MRPC as its authors publish it has two parts, both labelled, and the second serves as
        // development and as test data.
        guard task == "mrpc" else { return [name] }
        return [name, "msr_paraphrase_\(split == .train ? "train" : "test").txt"]
    }

    /// The column of the label in a row of so many columns.
    func labelColumn(_ count: Int) -> Int? {
        switch label {
        case .column(let column): column
        case .last: count - 1
        case .none: nil
        }
    }

    /// The columns that a row must have at least.
    func columnCount(isTest: Bool) -> Int {
        let last = (isTest ? testTexts : texts).max() ?? 0
        if isTest { return last + 1 }
        return switch label {
        case .column(let column): max(last, column) + 1
        case .last: last + 2
        case .none: last + 1
        }
    }
}
