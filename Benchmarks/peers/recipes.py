"""What both sides of the fine-tuning benchmark are told about each task. Needs the standard library only."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Recipe:
    """A task: its data, how it is trained, and by what it is measured. Metrics have the keys of `troupe finetune`."""

    form: str  # classification, tagging or answers
    folder: str  # under the folder of all data
    metrics: tuple[str, ...]
    best: str  # the metric by which evaluations are compared
    troupe_task: str
    train_file: str = ""
    development_file: str = ""
    # The columns of the texts and of the label in a TAB-separated file, and whether its first line is a header.
    texts: tuple[int, ...] = ()
    label: int = 0
    has_header: bool = False
    labels: tuple[str, ...] = ()  # empty: those of the training file, sorted
    epochs: int = 3
    maximum_length: int = 128
    learning_rate: float = 1e-4


BINARY = ("0", "1")
BATCH = 32
WARMUP_RATIO = 0.1
WEIGHT_DECAY = 0.01
EVALUATION_BATCH = 32

RECIPES = {
    "mrpc": Recipe(
        "classification",
        "glue/MRPC",
        ("eval_accuracy", "eval_f1"),
        "eval_accuracy",
        "mrpc",
        "msr_paraphrase_train.txt",
        "msr_paraphrase_test.txt",
        texts=(3, 4),
        label=0,
        has_header=True,
        labels=BINARY,
    ),
    "sst-2": Recipe(
        "classification",
        "glue/SST-2",
        ("eval_accuracy",),
        "eval_accuracy",
        "sst-2",
        "train.tsv",
        "dev.tsv",
        texts=(0,),
        label=1,
        labels=BINARY,
        epochs=1,
    ),
    "cola": Recipe(
        "classification",
        "glue/CoLA",
        ("eval_mcc", "eval_accuracy"),
        "eval_mcc",
        "cola",
        "train.tsv",
        "dev.tsv",
        texts=(3,),
        label=1,
        labels=BINARY,
    ),
    "chemprot": Recipe(
        "classification",
        "chemprot",
        ("eval_f1_micro", "eval_f1_macro"),
        "eval_accuracy",
        "classification",
        "train.jsonl",
        "dev.jsonl",
        maximum_length=256,
    ),
    "ner-scierc": Recipe(
        "tagging",
        "ner-scierc",
        ("eval_f1", "eval_accuracy"),
        "eval_f1",
        "tagging",
        "train.txt",
        "dev.txt",
    ),
    # The training and development files are made by split_squad.py.
    "squad": Recipe(
        "answers",
        "squad",
        ("eval_exact_match", "eval_f1"),
        "eval_f1",
        "squad",
        "train.json",
        "dev.json",
        maximum_length=384,
        # So few questions need larger steps.
        learning_rate=3e-4,
    ),
}
