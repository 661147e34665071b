"""Sums buffers over processes with Troupe, torch's gloo and Open MPI in turn and prints one table with ratios. Called by
scripts/bench.

Every round runs each contestant once. Needs the standard library only: gloo runs in PEER_PYTHON, Open MPI by MPIRUN.
"""

import os
import pathlib

from compare import Journal, print_table
from contest import Arguments, cpu_name, progress, run

PEERS = pathlib.Path(__file__).resolve().parent
# What Open MPI is told about its ways, for each: it picks by itself otherwise, and never tcp between ranks of one host.
MPI_WAYS = {"tcp": "tcp,self", "shm": "vader,self"}
# Which peers compete with which of our transports.
KINDS = {"tcp": ["gloo tcp", "Open MPI tcp"], "shm": ["Open MPI shm"]}


def repeats_for(size):
    """As many sums as `troupe bench all-reduce` makes of its own accord."""
    return min(2000, max(20, (2 << 30) // size))


def commands(options, ranks, size):
    """Each contestant's command."""
    common = ["--ranks", str(ranks), "--bytes", str(size), "--repeats", str(repeats_for(size))]
    yield "gloo tcp", [options.python, PEERS / "all_reduce.py", *common]
    for name, ways in MPI_WAYS.items():
        settings = ["--mca", "pml", "ob1", "--mca", "btl", ways, "--mca", "btl_tcp_if_include", "lo"]
        command = [options.mpirun, "--allow-run-as-root", "--oversubscribe", *settings, "-n", str(ranks)]
        yield f"Open MPI {name}", [*command, options.mpi, str(size), str(repeats_for(size))]
    for transport in KINDS:
        yield f"troupe {transport}", [options.troupe, "bench", "all-reduce", *common, "--transport", transport, "--json"]


def compare(options, journal):
    cases = [(int(ranks), int(size)) for ranks in options.ranks.split() for size in options.bytes.split()]
    for ranks, size in cases:
        for round_number in range(1, options.rounds + 1):
            progress(f"{ranks} ranks, {size} bytes, round {round_number} of {options.rounds}")
            for name, command in commands(options, ranks, size):
                journal.add(name, round_number, run(command, 1)[-1])
    names = [name for name, _ in commands(options, 2, 4)]
    rows = []
    for ranks, size in cases:
        times = {name: journal.median("median_seconds", contestant=name, ranks=ranks, bytes=size) for name in names}
        ratios = [
            f"{min(times[peer] for peer in peers) / times[f'troupe {transport}']:.2f}"
            for transport, peers in KINDS.items()
        ]
        rows.append([str(ranks), str(size), *(f"{1e6 * times[name]:.1f}" for name in names), *ratios])
    print(f"\nAll-reduce of float32 in microseconds, {cpu_name()}; median of {options.rounds} rounds")
    print("ratios: the best peer of the same kind to troupe's\n")
    print_table(["ranks", "bytes", *names, *(f"{transport} ratio" for transport in KINDS)], rows)


def main():
    parser = Arguments(prog="scripts/bench", description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="read the options only")
    kind = parser.add_subparsers(dest="kind", required=True).add_parser("all-reduce", help="sums over processes")
    kind.add_argument("--ranks", default="2 4")
    kind.add_argument("--bytes", default=f"4 {1 << 20} {16 << 20} {64 << 20}")
    kind.add_argument("--rounds", type=int, default=3)
    kind.add_argument("--output", metavar="FILE", help="append every result to FILE as a line of JSON")
    options = parser.parse_args()
    for name in ("ranks", "bytes"):
        words = getattr(options, name).split()
        if not words or not all(word.isdigit() and int(word) > 0 for word in words):
            parser.error(f"--{name} is '{getattr(options, name)}', expected whole numbers, separated by blanks")
    if options.rounds < 1:
        parser.error(f"--rounds is {options.rounds}, expected at least 1")
    if options.check:
        return
    options.troupe, options.python = os.environ["TROUPE"], os.environ["PEER_PYTHON"]
    options.mpirun, options.mpi = os.environ["MPIRUN"], os.environ["MPI_ALL_REDUCE"]
    compare(options, Journal(options.output))


if __name__ == "__main__":
    main()
