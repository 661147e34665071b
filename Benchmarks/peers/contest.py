"""What the comparisons of Troupe with its peers share: running a contestant, tables, command lines.

Needs the standard library only: the peers run in PEER_PYTHON.
"""

import argparse
import datetime
import json
import os
import platform
import subprocess
import sys

# Settings that would change what a peer does out of the box, for the worse or for another machine.
FOREIGN = ["OPENBLAS_CORETYPE", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "MKL_DEBUG_CPU_TYPE", "KMP_AFFINITY"]
FOREIGN += ["OMP_PROC_BIND", "OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "DNNL_MAX_CPU_ISA", "ONEDNN_MAX_CPU_ISA"]
FOREIGN += ["ATEN_CPU_CAPABILITY", "TORCH_COMPILE_DISABLE", "TORCHDYNAMO_DISABLE", "LD_PRELOAD"]
# glibc by default returns large blocks to the system after every use, which costs eager torch about a fifth in page
# faults; its own tuning guide recommends an allocator that keeps them.
PEER_SETTINGS = "MALLOC_MMAP_THRESHOLD_=4294967296 MALLOC_TRIM_THRESHOLD_=4294967296"


def run(command, threads, settings=""):
    """The JSON objects that a command prints, one a line; `settings` are more variables for its environment."""
    environment = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    environment |= {"OMP_NUM_THREADS": str(threads), "TOKENIZERS_PARALLELISM": "false", "PYTHONWARNINGS": "ignore"}
    environment |= dict(setting.split("=", 1) for setting in settings.split())
    finished = subprocess.run(command, env=environment, capture_output=True, text=True)
    if finished.returncode != 0:
        sys.stderr.write(finished.stderr[-4000:])
        sys.exit(f"bench: exit code {finished.returncode} from: {' '.join(map(str, command))}")
    return [json.loads(line) for line in finished.stdout.splitlines() if line.startswith("{")]


def cpu_name():
    """What the kernel calls the processor."""
    try:
        with open("/proc/cpuinfo") as lines:
            names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    except OSError:
        names = []
    return names[0] if names else platform.processor()


def stamped(result):
    """A result with the time and the processor."""
    now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
    return {"time": now, "cpu": cpu_name(), **result}


def append_result(path, result):
    """Adds a result to a file of JSON lines, if there is one."""
    if path:
        with open(path, "a") as file:
            file.write(json.dumps(result, sort_keys=True) + "\n")


def progress(text):
    """A line on standard error about what runs now."""
    print(f"bench: {text}", file=sys.stderr, flush=True)


class Arguments(argparse.ArgumentParser):
    """Takes whole names only, and ends with the exit code that Troupe's commands give a bad command line."""

    def __init__(self, **options):
        super().__init__(allow_abbrev=False, **options)

    def error(self, message):
        self.print_usage(sys.stderr)
        self.exit(64, f"{self.prog}: {message}\n")
