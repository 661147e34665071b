import Algorithms
import Testing
import Text

struct RecipeTests {
    private func settings(_ recipe: String, _ task: String) throws -> Recipe.Settings {
        try Recipe.named(recipe).settings(for: .named(task))
    }

    /// The lines of run_glue.sh: warmup, rate, steps, interval, batch.
    @Test(arguments: [
        ("sst-2", 1256, 1e-5, 20935, 100, 32), ("mnli", 1000, 3e-5, 10000, 100, 128),
        ("mnli-mm", 1000, 3e-5, 10000, 100, 128), ("cola", 320, 1e-5, 5336, 100, 16),
        ("qnli", 1986, 1e-5, 33112, 200, 32), ("qqp", 1000, 5e-5, 14000, 100, 128), ("rte", 200, 3e-5, 800, 100, 32),
        ("sts-b", 214, 2e-5, 3598, 100, 16), ("mrpc", 200, 2e-5, 800, 100, 32),
    ])
    func albertsScript(task: String, warmup: Int, rate: Double, steps: Int, save: Int, batch: Int) throws {
        let row = try settings("albert-glue", task)
        #expect(row.warmupSteps == warmup && row.learningRate == rate && row.steps == steps)
        #expect(row.saveInterval == save && row.batchSize == batch && row.maxLength == 512)
        #expect(row.encoderDropout == nil && row.epochs == nil)
    }

    @Test func thePaperDropsInFourTasks() throws {
        for task in ["qqp", "rte", "wnli", "race", "mnli", "cola"] {
            let row = try settings("albert-paper", task)
            #expect(row.encoderDropout == (["mnli", "cola"].contains(task) ? 0 : 0.1) && row.headDropout == 0.1)
        }
        let race = try settings("albert-paper", "race")
        #expect(race.batchSize == 32 && race.steps == 12000 && race.learningRate == 2e-5 && race.maxLength == 512)
        let readme = try settings("albert-race", "race")
        #expect(readme.learningRate == 1e-5 && readme.encoderDropout == 0 && readme.saveInterval == 100)
    }

    @Test func theScriptsOfHuggingFace() throws {
        let mrpc = try settings("hf", "mrpc")
        #expect(mrpc.batchSize == 8 && mrpc.learningRate == 5e-5 && mrpc.epochs == 3 && mrpc.warmupSteps == 0)
        let swag = try settings("hf", "swag")
        #expect(swag.maxLength == 80 && swag.batchSize == 32)
        #expect(Recipe.usual(for: try .named("swag")).maxLength == 80)
        #expect(Recipe.usual(for: try .named("race")).maxLength == 512)
        #expect(Recipe.usual(for: try .named("conll2003")).maxLength == 128)
    }

    /// Every recipe's keys are keys of run files that fit together.
    @Test(arguments: Recipe.list.map(\.name)) func theirKeysFitTogether(name: String) throws {
        let run = try RunConfiguration.parse(
            yaml: "program: finetuning\nmodel: {directory: m}\ntask: {name: rte, data: d}", file: "test",
            overrides: try Recipe.named(name).overrides)
        #expect(run.optimizer.name == .adamw)
    }

    @Test func whatThereIsNotIsNamed() throws {
        let unknown = #expect(throws: ConfigurationError.self) { try Recipe.named("albert-glu") }
        #expect(unknown?.message.contains("did you mean albert-glue?") == true)
        let other = #expect(throws: ConfigurationError.self) { try settings("albert-glue", "race") }
        #expect(other?.message.contains("cola, mnli") == true)
    }
}
