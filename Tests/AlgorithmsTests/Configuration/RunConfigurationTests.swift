import Algorithms
import Foundation
import Models
import Testing
import Text

@Suite struct RunConfigurationTests {
    static let small = """
        seed: 7
        model:
          preset: albert-base-v2
          num_hidden_layers: 2
        batch:
          global_batch_size: 32
          microbatch_size: 8
        optimizer:
          learning_rate: .005
        schedule:
          warmup_steps: 10
        training:
          steps: 100
        """

    private static func failure(_ yaml: String, _ overrides: [String] = []) -> ConfigurationError? {
        do {
            _ = try RunConfiguration.parse(yaml: yaml, file: "run.yaml", overrides: overrides)
            return nil
        } catch {
            return error
        }
    }

    @Test func keysReplaceDefaultsAndTheRestStays() throws {
        let configuration = try RunConfiguration.parse(yaml: Self.small, file: "run.yaml")
        #expect(configuration.seed == 7)
        #expect(configuration.model.numHiddenLayers == 2)
        #expect(configuration.model.hiddenSize == 768)
        #expect(configuration.optimizer.learningRate == 0.005)
        #expect(configuration.optimizer.beta2 == 0.999)
        #expect(configuration.batch.globalBatchSize / configuration.batch.microbatchSize == 4)
        #expect(configuration.schedule.totalSteps == 100)
    }

    @Test(
        arguments: [
            // The text of the run file, the overrides, and the whole error.
            (
                "model: {preset: albert-base-v2}\noptimizer:\n  name: lamb\n  learnin_rate: 1", [],
                "run.yaml:4: optimizer.learnin_rate: unknown key; did you mean optimizer.learning_rate?"
            ),
            (
                "model: {preset: albert-base-v2}\nlearning_rate: 1", [],
                "run.yaml:2: learning_rate: unknown key; did you mean optimizer.learning_rate?"
            ),
            (
                "model: {preset: albert-bse-v2}", [],
                "run.yaml:1: model.preset: no published model is called 'albert-bse-v2'; did you mean 'albert-base-v2'?"
            ),
            (
                "model:\n  preset: albert-base-v2\nbatch:\n  global_batch_size: many", [],
                "run.yaml:4: batch.global_batch_size: expected a whole number, got many"
            ),
            (
                "model:\n  preset: albert-base-v2\nseed: '7'", [],
                "run.yaml:3: seed: expected a whole number from 0, got the text \"7\""
            ),
            (
                "model: {preset: albert-base-v2}\noptimizer:\n  beta1: 1.0", [],
                "run.yaml:3: optimizer.beta1: expected at least 0.0 and below 1.0, got 1.0"
            ),
            (
                "model: {preset: albert-base-v2}\noptimizer: fast", [],
                "run.yaml:2: optimizer: expected a group of keys (name, form, learning_rate, beta1, beta2, epsilon, "
                    + "weight_decay, exclude_from_decay, train, freeze, rates, gradient_clip, momentum), got fast"
            ),
            (
                "model: {preset: albert-base-v2}\nbatch:\n  global_batch_size: 33\n  microbatch_size: 8", [],
                "run.yaml:3: batch.global_batch_size: 33 is not a multiple of microbatch_size, 8"
            ),
            ("seed: 1", [], "run.yaml:1: model.preset: must be given"),
            (
                "model:\n  type: albert\n  vocab_size: 10", [], "run.yaml:2: model.hidden_size: must be given"
            ),
            (
                "model:\n  type: bert\n  preset: albert-base-v2", [],
                "run.yaml:2: model.type: bert is not the type of albert-base-v2"
            ),
            (
                "model:\n  preset: bert-base-uncased\n  embedding_size: 12", [],
                "run.yaml:3: model.embedding_size: has no meaning here: only for type albert"
            ),
            (
                "model: {preset: albert-base-v2}\ndata:\n  preparation: {objective: sentence_oder}", [],
                "run.yaml:3: data.preparation.objective: expected one of sentence_order, next_sentence, "
                    + "got sentence_oder; did you mean sentence_order?"
            ),
            (
                "model: {preset: albert-base-v2}\nprecision: fp16", [],
                "run.yaml:2: precision: expected one of fp32, bf16, got fp16; did you mean bf16?"
            ),
            (
                "model: {preset: albert-base-v2}\noptimizer:\n  form: hf3", [],
                "run.yaml:3: optimizer.form: hf3 is a form of adamw; lamb has albert, nvidia, nvlamb, bias_corrected"
            ),
            (
                "model: {preset: albert-base-v2}\nschedule:\n  warmup_steps: 50\ntraining:\n  steps: 40", [],
                "run.yaml:3: schedule.warmup_steps: 50 is more than total_steps, 40"
            ),
            (
                "model: {preset: albert-base-v2}", ["optimizer.lerning_rate=3"],
                "--set optimizer.lerning_rate=3: optimizer.lerning_rate: unknown key; "
                    + "did you mean optimizer.learning_rate?"
            ),
            (
                "model: {preset: albert-base-v2}", ["batch.global_batch_size=33"],
                "--set batch.global_batch_size=33: batch.global_batch_size: 33 is not a multiple of microbatch_size, 16"
            ),
            (
                "seed: 3", ["seed.x=1"], "--set seed.x=1: seed: is not a group of keys, got 3"
            ),
            ("seed: 3", ["seed"], "--set seed: expected KEY=VALUE"),
            ("seed: 3", ["a..b=1"], "--set a..b=1: expected a dotted key such as optimizer.beta1"),
        ] as [(String, [String], String)])
    func everyRefusalNamesThePlaceTheKeyAndTheRemedy(yaml: String, overrides: [String], message: String) {
        let error = Self.failure(yaml, overrides)
        #expect(error?.description == message)
        #expect(error?.exitCode == 65)
    }

    @Test(arguments: ["a: [", "a: 1\na: 2", "\"", "- 1\n- 2", "a: &x [1]\nb: *y", "? [1]\n: 2", "\u{1}", "a\n b: c: d"])
    func brokenYAMLIsRefusedWithAPlace(yaml: String) {
        let error = Self.failure(yaml)
        #expect(error?.origin?.hasPrefix("run.yaml:") == true, "\(yaml): \(String(describing: error))")
    }

    @Test func aliasesThatExpandWithoutEndAreRefused() {
        var yaml = "a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n"
        for level in 1...12 {
            yaml += "a\(level): &a\(level) [\((0..<10).map { _ in "*a\(level - 1)" }.joined(separator: ", "))]\n"
        }
        #expect(Self.failure(yaml)?.code == .syntax)
    }

    @Test func hopelessNestingIsRefused() {
        #expect(Self.failure(String(repeating: "[", count: 200_000))?.code == .syntax)
        #expect(
            Self.failure("a:" + String(repeating: " [", count: 40) + String(repeating: "]", count: 40))?.code == .syntax
        )
    }

    @Test func resolvedYAMLReadsBackToAnEqualConfiguration() throws {
        var texts = [Self.small]
        texts.append(
            "model: {preset: bert-large-uncased}\noptimizer: {name: adamw, form: hf3, gradient_clip: {norm: null}}")
        texts.append(
            "model: {preset: albert-xxlarge-v2, classifier_dropout_prob: 0.1}\n"
                + "optimizer: {name: sgd, momentum: 0.9, exclude_from_decay: [bias, \"a: b\", \"null\", \"1\"]}\n"
                + "schedule: {name: polynomial, power: 0.5, end: 1e-7}\ndata: {directory: \"a b: #\\n\\\"é\"}"
        )
        for text in texts {
            let configuration = try RunConfiguration.parse(yaml: text, file: "run.yaml")
            let resolved = configuration.resolvedYAML()
            let again = try RunConfiguration.parse(yaml: resolved, file: "config.yaml")
            #expect(again == configuration, "\(resolved)")
            #expect(again.resolvedYAML() == resolved)
            #expect(again.digest == configuration.digest)
        }
    }

    @Test func resolvedYAMLWritesEveryKey() throws {
        let resolved = try RunConfiguration.parse(yaml: Self.small, file: "run.yaml").resolvedYAML()
        for line in ["seed: 7", "  preset: albert-base-v2", "  hidden_act: gelu_new", "    norm: 1.0", "threads: 0"] {
            #expect(resolved.split(separator: "\n").contains { $0 == line }, "\(line) in \(resolved)")
        }
    }

    @Test func onlyWhatDeterminesTrainingChangesTheDigest() throws {
        let base = try RunConfiguration.parse(yaml: Self.small, file: "run.yaml")
        let free = [
            "threads=2", "evaluation.batch_size=8", "checkpoint.keep=1", "cluster.segment_bytes=4096",
            "evaluation.interval_steps=3", "data.directory=elsewhere",
        ]
        for text in free {
            let other = try RunConfiguration.parse(yaml: Self.small, file: "run.yaml", overrides: [text])
            #expect(other.digest == base.digest, "\(text)")
            #expect(base.differences(to: other).isEmpty, "\(text)")
        }
        let binding = [
            "seed=8", "model.hidden_dropout_prob=0.1", "batch.microbatch_size=16", "optimizer.epsilon=1e-7",
            "schedule.name=linear", "training.steps=200", "data.preparation.seed=1",
        ]
        for text in binding {
            let other = try RunConfiguration.parse(yaml: Self.small, file: "run.yaml", overrides: [text])
            #expect(other.digest != base.digest, "\(text)")
            #expect(base.differences(to: other).count == 1, "\(text): \(base.differences(to: other))")
        }
    }

    @Test func moreStepsOfTheSameScheduleAreTheSameTraining() throws {
        let text = Self.small + "\ncheckpoint: {interval_steps: 1}"
        let short = try RunConfiguration.parse(
            yaml: text, file: "run.yaml", overrides: ["schedule.total_steps=100", "training.steps=50"])
        let long = try RunConfiguration.parse(yaml: text, file: "run.yaml")
        #expect(short.digest == long.digest)
    }

    @Test func differencesNameTheKeysAndBothValues() throws {
        let mine = try RunConfiguration.parse(yaml: Self.small, file: "run.yaml")
        let theirs = try RunConfiguration.parse(
            yaml: Self.small, file: "run.yaml", overrides: ["seed=9", "optimizer.name=sgd", "optimizer.momentum=0.5"])
        let texts = mine.differences(to: theirs).map(\.description)
        #expect(
            texts == [
                "seed: 7 here, 9 there", "optimizer.name: lamb here, sgd there",
                "optimizer.form: albert here, absent there", "optimizer.beta1: 0.9 here, absent there",
                "optimizer.beta2: 0.999 here, absent there", "optimizer.epsilon: 1e-06 here, absent there",
                "optimizer.momentum: absent here, 0.5 there",
            ])
    }

    @Test func configurationsBuiltInCodeAreCheckedToo() {
        var configuration = RunConfiguration()
        configuration.schedule.totalSteps = configuration.training.steps
        #expect(throws: Never.self) { try configuration.validate() }
        configuration.model.numAttentionHeads = 7
        #expect {
            try configuration.validate()
        } throws: {
            "\($0)" == "model.hidden_size: 768 is not a multiple of num_attention_heads, 7"
        }
    }

    @Test(arguments: [
        "demo", "albert-base", "albert-large", "albert-xlarge", "albert-xxlarge", "bert-base", "bert-large",
    ])
    func shippedRunFilesAreValid(name: String) throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
            .deletingLastPathComponent()
        let path = root.appending(path: "configs/\(name).yaml").path(percentEncoded: false)
        let configuration = try RunConfiguration.load(path: path)
        #expect(configuration.model.maxPositionEmbeddings >= configuration.data.preparation.records.maxSequenceLength)
        if name.hasPrefix("albert") {
            #expect(configuration.batch.globalBatchSize == 4096)
            #expect(LearningRateSchedule(configuration).rate(at: 3125) == 0.001716)
            #expect(configuration.optimizer.form == .albert)
            #expect(configuration.data.preparation.records.maxPredictions == 20)
        }
        if name.hasPrefix("bert") {
            #expect(configuration.batch.globalBatchSize == 256)
            #expect(LearningRateSchedule(configuration).rate(at: 5_000) == 0.5e-4)
            #expect(configuration.optimizer.form == .bert)
        }
    }

    static let pretrainable = PublishedModel.names.filter { $0.hasPrefix("albert") || $0.hasPrefix("bert") }

    @Test(arguments: pretrainable)
    func everyPresetBecomesItsModel(name: String) throws {
        let configuration = try RunConfiguration.parse(
            yaml: "model: {preset: \"\(name)\"}", file: "run.yaml", overrides: ["model.vocab_size=321"])
        var expected = try PublishedModel.configuration(named: name)
        expected.encoder.vocabularySize = 321
        #expect(configuration.model.configuration == expected)
    }

    @Test func aPresetThatNoRunPretrainsIsRefused() {
        #expect {
            try RunConfiguration.parse(yaml: "model: {preset: roberta-base}", file: "run.yaml")
        } throws: {
            "\($0)".contains("expected a model of type albert or bert, got 'roberta-base'")
        }
    }

    @Test func aMissingFileIsNamed() {
        #expect {
            try RunConfiguration.load(path: "/nowhere/run.yaml")
        } throws: {
            "\($0)" == "/nowhere/run.yaml: cannot open: No such file or directory"
        }
    }
}
