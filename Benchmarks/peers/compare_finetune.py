"""Fine-tunes with Troupe and with PyTorch in turn by the same recipes and prints one table. Called by scripts/bench.

Every result goes to the output file as it comes; what is in the file already is not run again. Needs the standard
library only: the peer runs in PEER_PYTHON.
"""

import argparse
import json
import os
import pathlib
import statistics
import tempfile
import time

import recipes
from contest import PEER_SETTINGS, Arguments, append_result, progress, run, stamped
from recipes import RECIPES
from split_squad import split

PEERS = pathlib.Path(__file__).resolve().parent
SYSTEMS = ["troupe", "torch"]
# Two results are of the same work if these agree.
IDENTITY = ["system", "task", "seed", "precision", "epochs", "model_directory", "threads", "workers", "options"]


def read_lines(path):
    """The objects of a file of JSON lines."""
    with open(path) as lines:
        return [json.loads(line) for line in lines]


def run_troupe(options, work, data, scratch):
    """One run of `troupe finetune`, as many workers as threads and one thread each unless told otherwise."""
    recipe, directory = RECIPES[work["task"]], scratch / "run"
    command = [options.troupe, "finetune", "--task", recipe.troupe_task, "--model", options.model, "--data", data]
    command += ["--train-file", recipe.train_file, "--dev-file", recipe.development_file]
    command += ["--max-length", recipe.maximum_length, "--epochs", work["epochs"], "--batch-size", recipes.BATCH]
    command += ["--learning-rate", recipe.learning_rate, "--warmup-ratio", recipes.WARMUP_RATIO]
    command += ["--precision", work["precision"], "--seed", work["seed"], "--run-dir", directory]
    command += ["--set", f"optimizer.weight_decay={recipes.WEIGHT_DECAY}"]
    command += ["--workers", options.workers, "--threads", options.threads // options.workers]
    run([str(word) for word in command + options.troupe_options.split()], options.threads)

    steps = read_lines(directory / "metrics.jsonl")
    events = read_lines(directory / "events.jsonl")
    evaluations = [event["details"] for event in events if event["event"] == "evaluation"]
    seconds = sum(step["seconds"] for step in steps)
    return {
        # The model that is written is that of the best evaluation, which result.json does not repeat.
        "metrics": max(evaluations, key=lambda evaluation: metric(evaluation, recipe.best)),
        "tokens_per_second": sum(step["tokens"] for step in steps) / seconds,
        "train_seconds": seconds,
        "steps": len(steps),
        "final_loss": statistics.mean(step["loss"] for step in steps[-10:]),
    }


def run_torch(options, work, data, _):
    """One run of finetune.py."""
    command = [options.python, PEERS / "finetune.py", "--model", options.model, "--data", data]
    for name in ("task", "seed", "precision", "epochs", "threads"):
        command += [f"--{name}", work[name]]
    command += options.peer_options.split()
    result = run([str(word) for word in command], options.threads, options.peer_settings)[-1]
    if "unavailable" in result:
        raise SystemExit(f"bench: torch cannot run so: {result['unavailable']}")
    return result | {"peer_settings": options.peer_settings}


def metric(metrics, key):
    """A metric by its key, with or without the prefix."""
    return metrics[key] if key in metrics else metrics[key.removeprefix("eval_")]


def works(options):
    """Everything to be measured, in the order of measuring; who goes first alternates with the seeds."""
    for round_number, seed in enumerate(options.seeds.split()):
        for task in options.tasks.split():
            for system in SYSTEMS if round_number % 2 == 0 else SYSTEMS[::-1]:
                yield {
                    "system": system,
                    "task": task,
                    "seed": int(seed),
                    "precision": options.precision,
                    "epochs": options.epochs or RECIPES[task].epochs,
                    "model_directory": os.path.abspath(options.model),
                    "threads": options.threads,
                    "workers": options.workers if system == "troupe" else 1,
                    "options": options.troupe_options if system == "troupe" else options.peer_options,
                }


def data_folder(options, task, scratch):
    """The task's folder under that of all data; that of questions is split here."""
    folder = pathlib.Path(options.data, RECIPES[task].folder)
    if RECIPES[task].form != "answers" or (folder / RECIPES[task].train_file).exists():
        return folder
    split(options.squad_file or folder / "xquad.en.json", scratch / "squad")
    return scratch / "squad"


def same_work(result, work):
    return all(result.get(key) == work[key] for key in IDENTITY)


def compare(options):
    """Runs what is not in the output file yet; returns all results that were asked for."""
    known = read_lines(options.output) if options.output and os.path.exists(options.output) else []
    results = []
    for work in works(options):
        finished = [result for result in known if same_work(result, work)]
        if finished:
            results.append(finished[-1])
            continue
        progress(f"{work['task']}, seed {work['seed']}, {work['precision']}: {work['system']}")
        with tempfile.TemporaryDirectory(prefix="troupe-bench-") as scratch:
            scratch = pathlib.Path(scratch)
            data = data_folder(options, work["task"], scratch)
            start = time.monotonic()
            result = (run_troupe if work["system"] == "troupe" else run_torch)(options, work, data, scratch)
        result = stamped(result | work | {"wall_seconds": time.monotonic() - start})
        append_result(options.output, result)
        results.append(result)
    return results


def spread(values, scale):
    """Mean and standard deviation as a cell."""
    deviation = f" ± {statistics.stdev(values) * scale:.1f}" if len(values) > 1 else ""
    return f"{statistics.mean(values) * scale:.1f}{deviation}"


def print_table(options, results):
    """A row per task and metric, in Markdown; metrics in per cent."""
    print(
        f"\nFine-tuning of {os.path.basename(os.path.normpath(options.model))}, {options.precision}, batch "
        f"{recipes.BATCH}, {options.threads} threads, seeds {options.seeds}; "
        "mean ± standard deviation, in per cent\n"
    )
    print("| task | metric | Troupe | PyTorch | Troupe tokens/s | PyTorch tokens/s | ratio |")
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: |")
    for task in options.tasks.split():
        mine = {name: [r for r in results if r["task"] == task and r["system"] == name] for name in SYSTEMS}
        speeds = [statistics.median(result["tokens_per_second"] for result in mine[name]) for name in SYSTEMS]
        for row, key in enumerate(RECIPES[task].metrics):
            # The scorer of SQuAD counts in per cent already.
            scale = 1 if RECIPES[task].form == "answers" else 100
            cells = [spread([metric(result["metrics"], key) for result in mine[name]], scale) for name in SYSTEMS]
            # Speed is the task's, not the metric's.
            cells += [f"{speeds[0]:.0f}", f"{speeds[1]:.0f}", f"{speeds[0] / speeds[1]:.2f}"] if row == 0 else [""] * 3
            print(f"| {' | '.join([task, key.removeprefix('eval_'), *cells])} |")


def parse_arguments():
    parser = Arguments(prog="scripts/bench", description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help=argparse.SUPPRESS)
    kinds = parser.add_subparsers(dest="kind", required=True)
    kind = kinds.add_parser("finetune", help="fine-tuning against PyTorch")
    kind.add_argument("--model", required=True, metavar="DIR", help="the model that both start from")
    kind.add_argument(
        "--data",
        required=True,
        metavar="DIR",
        help="the folder of all data: "
        + ", ".join(f"{recipe.folder}/{recipe.train_file}" for recipe in RECIPES.values())
        + " and the files to evaluate beside them; for squad a file to split will do",
    )
    kind.add_argument("--squad-file", metavar="FILE", help="what to split (default: xquad.en.json in the folder squad)")
    kind.add_argument("--tasks", default=" ".join(RECIPES), help="(default: %(default)s)")
    kind.add_argument("--seeds", default="1 2 3", help="(default: %(default)s)")
    kind.add_argument("--precision", choices=["fp32", "bf16"], default="fp32")
    kind.add_argument("--epochs", type=int, help="(default: 1 of sst-2, 3 of the others)")
    kind.add_argument("--threads", type=int, default=2, help="of each side in all (default: %(default)s)")
    kind.add_argument("--workers", type=int, help="processes of Troupe that share them (default: one a thread)")
    kind.add_argument("--output", metavar="FILE", help="append every result as a line of JSON; skip what is there")
    kind.add_argument("--troupe-options", default="", help="more options of troupe finetune")
    kind.add_argument(
        "--peer-options",
        default="--parts 4",
        help="more options of finetune.py (default: %(default)s, which leaves the recipe as it is and saves padding)",
    )
    kind.add_argument(
        "--peer-settings",
        default=PEER_SETTINGS,
        help="more variables in torch's environment (default: %(default)s, which keep freed memory for reuse)",
    )
    options = parser.parse_args()
    options.workers = options.workers or options.threads
    for name in ("epochs", "threads", "workers"):
        if (getattr(options, name) or 1) < 1:
            parser.error(f"--{name} is {getattr(options, name)}, expected at least 1")
    if options.threads % options.workers:
        parser.error(f"--threads is {options.threads}, expected a multiple of the {options.workers} workers")
    unknown = [task for task in options.tasks.split() if task not in RECIPES]
    if unknown or not options.tasks.split():
        parser.error(f"--tasks is '{options.tasks}', expected some of {', '.join(RECIPES)}")
    if not options.seeds.split() or not all(seed.isdigit() for seed in options.seeds.split()):
        parser.error(f"--seeds is '{options.seeds}', expected whole numbers, separated by blanks")
    return options


def main():
    options = parse_arguments()
    if options.check:
        return
    options.troupe = os.environ["TROUPE"]
    options.python = os.environ["PEER_PYTHON"]
    print_table(options, compare(options))


if __name__ == "__main__":
    main()
