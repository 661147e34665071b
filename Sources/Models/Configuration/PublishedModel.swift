/// The published models by name.
package enum PublishedModel {
    /// Every name, sorted.
    package static var names: [String] { table.keys.sorted() }

    /// The configuration called `name`; throws `unknownModel` naming `source` and the nearest name.
    package static func configuration(
        named name: String, source: String = ""
    ) throws(ModelsError) -> ModelConfiguration {
        if let configuration = table[name] { return configuration }
        let nearest = nearestWord(to: name, among: table.keys)
        throw ModelsError(
            .unknownModel, source: source,
            "no published model is called '\(name)'" + (nearest.map { "; did you mean '\($0)'?" } ?? ""))
    }

    private static let table = [bertPresets(), distilledPresets(), robertaPresets()].reduce(albertPresets()) {
        $0.merging($1) { first, _ in first }
    }

    /// ALBERT v1 and v2 (Lan et al. 2020, table 1): v1 drops 0.1 but for xxlarge, v2 drops nothing.
    private static func albertPresets() -> [String: ModelConfiguration] {
        let sizes: [(name: String, layers: Int, hidden: Int, heads: Int)] = [
            ("base", 12, 768, 12), ("large", 24, 1024, 16), ("xlarge", 24, 2048, 16), ("xxlarge", 12, 4096, 64),
        ]
        var presets: [String: ModelConfiguration] = [:]
        for size in sizes {
            for version in ["v1", "v2"] {
                var configuration = AlbertConfiguration()
                configuration.layerCount = size.layers
                configuration.hiddenSize = size.hidden
                configuration.headCount = size.heads
                configuration.intermediateSize = 4 * size.hidden
                let rate = version == "v1" && size.name != "xxlarge" ? 0.1 : 0
                configuration.hiddenDropoutRate = rate
                configuration.attentionDropoutRate = rate
                presets["albert-\(size.name)-\(version)"] = .albert(configuration)
            }
        }
        return presets
    }

    /// BERT in its published sizes and vocabularies (Devlin et al. 2019; Turc et al. 2019 for the 24 small ones).
    private static func bertPresets() -> [String: ModelConfiguration] {
        func bert(_ layers: Int, _ hidden: Int, vocabulary: Int = 30522) -> ModelConfiguration {
            var configuration = BertConfiguration()
            configuration.vocabularySize = vocabulary
            configuration.layerCount = layers
            configuration.hiddenSize = hidden
            configuration.headCount = hidden / 64
            configuration.intermediateSize = 4 * hidden
            return .bert(configuration)
        }
        let cased = 28996
        var presets = [
            "bert-tiny": bert(2, 128), "bert-mini": bert(4, 256), "bert-small": bert(4, 512),
            "bert-medium": bert(8, 512),
            "bert-base-uncased": bert(12, 768), "bert-base-cased": bert(12, 768, vocabulary: cased),
            "bert-large-uncased": bert(24, 1024), "bert-large-cased": bert(24, 1024, vocabulary: cased),
            "bert-large-uncased-whole-word-masking": bert(24, 1024),
            "bert-large-cased-whole-word-masking": bert(24, 1024, vocabulary: cased),
            "bert-base-multilingual-cased": bert(12, 768, vocabulary: 119547),
            "bert-base-chinese": bert(12, 768, vocabulary: 21128),
            "bert-base-japanese": bert(12, 768, vocabulary: 32000),
        ]
        for layers in [2, 4, 6, 8, 10, 12] {
            for hidden in [128, 256, 512, 768] {
                presets["bert_uncased_L-\(layers)_H-\(hidden)_A-\(hidden / 64)"] = bert(layers, hidden)
            }
        }
        return presets
    }

    /// DistilBERT (Sanh et al. 2019): half of BERT-base's layers.
    private static func distilledPresets() -> [String: ModelConfiguration] {
        let vocabularies = [
            "distilbert-base-uncased": 30522, "distilbert-base-cased": 28996,
            "distilbert-base-multilingual-cased": 119547,
        ]
        return vocabularies.mapValues { vocabulary in
            var configuration = DistilBertConfiguration()
            configuration.vocabularySize = vocabulary
            return .distilbert(configuration)
        }
    }

    /// RoBERTa (Liu et al. 2019), and its distilled form.
    private static func robertaPresets() -> [String: ModelConfiguration] {
        func roberta(_ layers: Int, _ hidden: Int) -> ModelConfiguration {
            var configuration = RobertaConfiguration()
            configuration.layerCount = layers
            configuration.hiddenSize = hidden
            configuration.headCount = hidden / 64
            configuration.intermediateSize = 4 * hidden
            return .roberta(configuration)
        }
        return [
            "roberta-base": roberta(12, 768), "roberta-large": roberta(24, 1024), "distilroberta-base": roberta(6, 768),
        ]
    }
}
