import ArgumentParser
import Models

/// The models that a benchmark may be asked for: the published ones, and short names for the usual sizes.
enum BenchModels {
    /// Short names. ALBERT's are version 1, which drops 10 % like BERT.
    private static let shortNames = [
        "bert-base": "bert-base-uncased", "bert-large": "bert-large-uncased",
        "albert-base": "albert-base-v1", "albert-large": "albert-large-v1", "albert-xlarge": "albert-xlarge-v1",
        "albert-xxlarge": "albert-xxlarge-v1",
    ]

    /// The full name and the configuration behind `name`; throws a usage error that names the nearest one.
    static func model(named name: String) throws -> (name: String, configuration: ModelConfiguration) {
        let published = shortNames[name] ?? name
        if let configuration = try? PublishedModel.configuration(named: published) {
            // The benchmarked step is that of pretraining on pairs.
            guard configuration.hasPairHead else {
                throw ValidationError("--model: expected a BERT or ALBERT model, got '\(name)'")
            }
            return (published, configuration)
        }
        let candidates = shortNames.keys.sorted() + PublishedModel.names
        let hint =
            nearestWord(to: name, among: candidates).map { "did you mean '\($0)'?" }
            ?? "there are \(shortNames.keys.sorted().joined(separator: ", ")) and others, such as bert-tiny"
        throw ValidationError("--model: no published model is called '\(name)'; \(hint)")
    }
}
