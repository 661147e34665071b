extension Recipe {
    /// Every recipe there is.
    static let all: [Recipe] = [
        Recipe("albert-glue", source: "run_glue.sh of ALBERT's repository", overrides: google, albertGLUE),
        Recipe(
            "albert-paper", source: "ALBERT's paper, table 14: the GLUE tasks, SQuAD and RACE, with dropout",
            overrides: google, albertPaper),
        Recipe(
            "albert-race", source: "ALBERT's readme: RACE with the v2 models, which diverge with the paper's rate",
            overrides: google,
            ["race": steps(1000, 1e-5, 12000, save: 100, batch: 32, encoderDropout: 0, headDropout: 0.1)]),
        Recipe(
            "bert", source: "BERT's paper, appendix A.3: one of the batches, rates and lengths it chose from",
            overrides: google, [:],
            others: Settings(learningRate: 2e-5, batchSize: 32, maxLength: 128, epochs: 3, warmupRatio: 0.1)),
        Recipe(
            "hf", source: "defaults of transformers 3.1 (run_glue, run_multiple_choice)",
            overrides: [
                "optimizer.name=adamw", "optimizer.form=hf3", "optimizer.epsilon=1e-8", "optimizer.weight_decay=0",
                "optimizer.gradient_clip.form=torch", "schedule.name=linear",
            ],
            ["swag": Settings(learningRate: 5e-5, batchSize: 32, maxLength: 80, epochs: 3, warmupSteps: 0)],
            others: Settings(
                learningRate: 5e-5, batchSize: 8, maxLength: 128, epochs: 3, warmupSteps: 0, saveInterval: 500)),
    ]

    /// AdamW, its decay and its schedule as the programs of BERT and ALBERT have them.
    private static let google = [
        "optimizer.name=adamw", "optimizer.form=bert", "optimizer.epsilon=1e-6", "optimizer.weight_decay=0.01",
        "optimizer.gradient_clip.form=tf", "schedule.name=tf_linear",
    ]

    private static func steps(
        _ warmup: Int, _ rate: Double, _ steps: Int, save: Int?, batch: Int, maxLength: Int = 512,
        encoderDropout: Double? = nil, headDropout: Double? = nil
    ) -> Settings {
        Settings(
            learningRate: rate, batchSize: batch, maxLength: maxLength, steps: steps, warmupSteps: warmup,
            saveInterval: save, encoderDropout: encoderDropout, headDropout: headDropout)
    }

    private static let albertGLUE = [
        "sst-2": steps(1256, 1e-5, 20935, save: 100, batch: 32),
        "mnli": steps(1000, 3e-5, 10000, save: 100, batch: 128),
        "cola": steps(320, 1e-5, 5336, save: 100, batch: 16),
        "qnli": steps(1986, 1e-5, 33112, save: 200, batch: 32),
        "qqp": steps(1000, 5e-5, 14000, save: 100, batch: 128),
        "rte": steps(200, 3e-5, 800, save: 100, batch: 32),
        "sts-b": steps(214, 2e-5, 3598, save: 100, batch: 16),
        "mrpc": steps(200, 2e-5, 800, save: 100, batch: 32),
    ]

    /// The same numbers, those of four more tasks, and the dropout of the paper's appendix.
    private static let albertPaper: [String: Settings] = {
        var tasks = albertGLUE
        tasks["wnli"] = steps(250, 2e-5, 2000, save: nil, batch: 16)
        tasks["race"] = steps(1000, 2e-5, 12000, save: nil, batch: 32)
        tasks["squad"] = steps(365, 5e-5, 3649, save: nil, batch: 48, maxLength: 384)
        tasks["squad-v2"] = steps(814, 3e-5, 8144, save: nil, batch: 48)
        let dropping: Set<String> = ["qqp", "rte", "wnli", "race"]
        for name in Array(tasks.keys) {
            tasks[name]?.encoderDropout = dropping.contains(name) ? 0.1 : 0
            tasks[name]?.headDropout = 0.1
        }
        return tasks
    }()
}
