"""Times the sum of a buffer over several processes by torch.distributed with gloo, the peer of `troupe bench all-reduce`.

One sum after the other; rank 0's durations count. Prints a JSON object with the keys of `troupe bench all-reduce`.
"""

import argparse
import json
import math
import os
import socket
import statistics
import time

import torch
import torch.distributed
import torch.multiprocessing


def work(rank, options, port):
    os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "GLOO_SOCKET_IFNAME": "lo"}
    torch.set_num_threads(1)
    torch.distributed.init_process_group("gloo", rank=rank, world_size=options.ranks)
    buffer = torch.full((options.bytes // 4,), float(rank + 1))
    torch.distributed.all_reduce(buffer)
    assert torch.all(buffer == options.ranks * (options.ranks + 1) / 2)
    buffer.zero_()
    for _ in range(5):
        torch.distributed.all_reduce(buffer)
    torch.distributed.barrier()
    times = []
    for _ in range(options.repeats):
        start = time.perf_counter()
        torch.distributed.all_reduce(buffer)
        times.append(time.perf_counter() - start)
    torch.distributed.barrier()
    if rank == 0:
        median = statistics.median(times)
        share = 2 * (options.ranks - 1) / options.ranks
        print(json.dumps(vars(options) | {
            "peer": "gloo", "transport": "tcp", "versions": {"torch": torch.__version__}, "median_seconds": median,
            "p99_seconds": sorted(times)[math.ceil(0.99 * len(times)) - 1],
            "bus_bandwidth_gb_per_s": share * options.bytes / median / 1e9,
        }), flush=True)
    torch.distributed.destroy_process_group()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ranks", type=int, default=2)
    parser.add_argument("--bytes", type=int, default=1 << 26)
    parser.add_argument("--repeats", type=int, default=20)
    options = parser.parse_args()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    torch.multiprocessing.spawn(work, (options, port), nprocs=options.ranks)


if __name__ == "__main__":
    main()
