"""Runs Troupe and its peers in turn on the same work and prints one table with ratios. Called by scripts/bench.

Every round runs each contestant once, in a process of its own, so that a slow stretch of the machine meets all of
them; figures are medians over the rounds. Needs the standard library only: the peers run in PEER_PYTHON.
"""

import argparse
import os
import pathlib
import statistics

from contest import PEER_SETTINGS, Arguments, append_result, cpu_name, progress, run, stamped

PEERS = pathlib.Path(__file__).resolve().parent
# What a variant of torch adds to its mode, and the option behind it.
MODIFIERS = {"": [], "-onednn": ["--float32-onednn"], "-masked": ["--head", "masked"]}
TORCH_VARIANTS = [mode + modifier for modifier in MODIFIERS for mode in ("eager", "compiled")]


class Journal:
    """Keeps every result, and appends it to a file of JSON lines if there is one."""

    def __init__(self, path):
        self.path = path
        self.results = []

    def add(self, contestant, round_number, result):
        """`contestant` is what tables call it."""
        result = stamped({"contestant": contestant, "round": round_number, **result})
        self.results.append(result)
        append_result(self.path, result)

    def median(self, key, **conditions):
        """The median of `key` over the results that meet the conditions; None if there is none."""
        values = [
            result[key] for result in self.results if all(result.get(name) == value for name, value in conditions.items())
        ]
        return statistics.median(values) if values else None


def print_table(titles, rows):
    """Columns as wide as they need be, the first two flush left, the others flush right."""
    cells = [titles] + rows
    widths = [max(len(row[column]) for row in cells) for column in range(len(titles))]
    for row in cells:
        aligned = [cell.ljust(width) if i < 2 else cell.rjust(width) for i, (cell, width) in enumerate(zip(row, widths))]
        print("  " + "  ".join(aligned).rstrip())


def shape_arguments(options):
    """What both sides are told about the batch."""
    return [
        *("--batch", str(options.batch), "--sequence-length", str(options.sequence_length)),
        *("--lengths", options.lengths, "--threads", str(options.threads), "--steps", str(options.steps)),
    ]


def compare_train_steps(options, journal):
    """Tokens per second and peak memory of a pretraining step."""
    cases = [(model, precision) for model in options.models.split() for precision in options.precisions.split()]
    for model, precision in cases:
        variants = variants_for(precision, options)
        for round_number in range(1, options.rounds + 1):
            common = ["--model", model, "--precision", precision, *shape_arguments(options)]
            for variant in variants:
                progress(f"{model} {precision}, round {round_number} of {options.rounds}: torch {variant}")
                mode, separator, word = variant.partition("-")
                command = [options.python, PEERS / "train_step.py", *common, "--mode", mode]
                result = run(command + MODIFIERS[separator + word], options.threads, options.peer_settings)[-1]
                if "unavailable" in result:
                    progress(f"torch {variant} is left out: {result['unavailable']}")
                else:
                    journal.add(f"torch {variant}", round_number, result | {"peer_settings": options.peer_settings})
            progress(f"{model} {precision}, round {round_number} of {options.rounds}: troupe")
            command = [options.troupe, "bench", "train-step", *common, "--json"]
            journal.add("troupe", round_number, run(command, options.threads)[-1] | {"model": model})
    print_train_steps(options, journal, cases)


def variants_for(precision, options):
    """The variants of torch that differ in this precision."""
    return [name for name in options.variants.split() if precision == "fp32" or not name.endswith("-onednn")]


def print_train_steps(options, journal, cases):
    """One row per model and precision. Memory is held against the peer variant that needs least."""
    peers = [f"torch {variant}" for variant in options.variants.split()]
    rows = []
    for model, precision in cases:
        case = {"model": model, "precision": precision}
        speeds = [journal.median("tokens_per_second", contestant=peer, **case) for peer in peers]
        memories = [journal.median("peak_rss_mib", contestant=peer, **case) for peer in peers]
        ours = journal.median("tokens_per_second", contestant="troupe", **case)
        memory = journal.median("peak_rss_mib", contestant="troupe", **case)
        fastest = max(speed for speed in speeds if speed)
        smallest = min(size for size in memories if size)
        rows.append(
            [model, precision, *(f"{speed:.1f}" if speed else "-" for speed in speeds), f"{ours:.1f}"]
            + [f"{ours / fastest:.2f}", f"{smallest:.0f}", f"{memory:.0f}", f"{memory / smallest:.2f}"]
        )
    print(
        f"\nPretraining step, {options.batch} x {options.sequence_length} ({options.lengths} sequences), "
        f"{options.threads} threads, {cpu_name()}"
    )
    print(f"tokens/s: median of {options.rounds} rounds of {options.steps} steps; ratio to the fastest torch")
    print("peak memory in MiB; ratio to the torch that needs least\n")
    titles = ["model", "precision", *peers, "troupe", "ratio", "torch MiB", "troupe MiB", "ratio"]
    print_table(titles, rows)


def compare_matmul(options, journal):
    """GFLOP/s of one product of a linear layer."""
    sizes = [str(size) for size in (options.m, options.n, options.k)]
    precisions = options.precisions.split()
    names = ["torch", "torch by oneDNN", "oneDNN plain", "oneDNN packed", "troupe"]
    for precision in precisions:
        for round_number in range(1, options.rounds + 1):
            progress(f"matmul {precision}, round {round_number} of {options.rounds}")
            common = ["--m", sizes[0], "--n", sizes[1], "--k", sizes[2], "--precision", precision]
            common += ["--threads", str(options.threads), "--repeats", str(options.repeats)]
            commands = [
                [options.python, PEERS / "matmul.py", *common],
                [options.onednn, precision, *sizes, str(options.repeats)],
                [options.troupe, "bench", "matmul", *common, "--json"],
            ]
            for command in commands:
                for result in run(command, options.threads):
                    journal.add(result.get("peer", "troupe"), round_number, result)
    rows = []
    for precision in precisions:
        speeds = [journal.median("flops_per_second", contestant=name, precision=precision) for name in names]
        ratios = [f"{speeds[-1] / speed:.2f}" if speed else "-" for speed in speeds[:-1]]
        rows.append(
            [" x ".join(sizes), precision, *(f"{speed / 1e9:.1f}" if speed else "-" for speed in speeds), *ratios]
        )
    print(f"\nMatrix product in GFLOP/s, {options.threads} threads, {cpu_name()}")
    print(f"median of {options.rounds} rounds of {options.repeats} products; ratios are troupe's to each\n")
    print_table(["m x n x k", "precision", *names, *(f"to {name}" for name in names[:-1])], rows)


def parse_arguments():
    parser = Arguments(prog="scripts/bench", description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help=argparse.SUPPRESS)
    kinds = parser.add_subparsers(dest="kind", required=True)
    train_step = kinds.add_parser("train-step", help="a pretraining step against PyTorch")
    train_step.add_argument("--models", default="bert-base albert-base")
    train_step.add_argument(
        "--variants",
        default="eager compiled compiled-onednn",
        help="of torch: eager or compiled; with -onednn after it (fp32 only) float32 products by oneDNN instead of MKL; "
        "with -masked after it the vocabulary head at the predicted positions only, which the class of transformers "
        "does not offer (default: %(default)s)",
    )
    train_step.add_argument(
        "--peer-settings",
        default=PEER_SETTINGS,
        help="more variables in torch's environment (default: %(default)s, which keep freed memory for reuse)",
    )
    train_step.add_argument("--steps", type=int, default=7)
    train_step.add_argument("--batch", type=int, default=16)
    train_step.add_argument("--sequence-length", type=int, default=128)
    train_step.add_argument("--lengths", choices=["full", "real"], default="full")
    matmul = kinds.add_parser("matmul", help="a matrix product against PyTorch and oneDNN alone")
    matmul.add_argument("--m", type=int, default=4096)
    matmul.add_argument("--n", type=int, default=768)
    matmul.add_argument("--k", type=int, default=768)
    matmul.add_argument("--repeats", type=int, default=50)
    for kind in (train_step, matmul):
        kind.add_argument("--precisions", default="fp32 bf16")
        kind.add_argument("--threads", type=int, default=2)
        kind.add_argument("--rounds", type=int, default=2)
        kind.add_argument("--output", metavar="FILE", help="append every result to FILE as a line of JSON")
    options = parser.parse_args()
    for name in ("steps", "batch", "sequence_length", "m", "n", "k", "repeats", "threads", "rounds"):
        if getattr(options, name, 1) < 1:
            parser.error(f"--{name.replace('_', '-')} is {getattr(options, name)}, expected at least 1")
    if options.kind == "train-step" and not all("=" in word for word in options.peer_settings.split()):
        parser.error(f"--peer-settings is '{options.peer_settings}', expected NAME=VALUE, separated by blanks")
    if options.kind == "train-step" and not variants_for("bf16", options) and "bf16" in options.precisions.split():
        parser.error(f"--variants '{options.variants}' has none for bf16: -onednn is a way to multiply float32")
    for name, known in [("precisions", ["fp32", "bf16"]), ("variants", TORCH_VARIANTS)]:
        words = getattr(options, name, known[0]).split()
        unknown = [word for word in words if word not in known]
        if unknown or not words:
            parser.error(f"--{name} is '{getattr(options, name)}', expected some of {', '.join(known)}")
    return options


def main():
    options = parse_arguments()
    if options.check:
        return
    options.troupe = os.environ["TROUPE"]
    options.python = os.environ["PEER_PYTHON"]
    options.onednn = os.environ.get("ONEDNN_MATMUL", "")
    journal = Journal(options.output)
    (compare_train_steps if options.kind == "train-step" else compare_matmul)(options, journal)


if __name__ == "__main__":
    main()
