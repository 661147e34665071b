"""Times a matrix product in PyTorch, the peer of `troupe bench matmul`.

The product is that of a linear layer without bias, m x k by k x n. Prints a JSON object with the keys of
`troupe bench matmul`; in fp32 another one for products by oneDNN (see float32.py).
"""

import argparse
import json
import statistics
import time

import torch

from float32 import use_onednn_for_float32


def measure(options, peer):
    """Times the product and prints the result under this name."""
    generator = torch.Generator().manual_seed(1)
    dtype = torch.float32 if options.precision == "fp32" else torch.bfloat16
    left = torch.randn((options.m, options.k), generator=generator).to(dtype)
    weight = torch.randn((options.n, options.k), generator=generator).to(dtype)
    times = []
    with torch.inference_mode():
        for _ in range(options.repeats + 5):
            start = time.perf_counter()
            torch.nn.functional.linear(left, weight)
            times.append(time.perf_counter() - start)
    median = statistics.median(times[5:])
    result = vars(options) | {
        "peer": peer,
        "versions": {"torch": torch.__version__},
        "median_seconds": median,
        "flops_per_second": 2 * options.m * options.n * options.k / median,
    }
    print(json.dumps(result))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--m", type=int, default=4096)
    parser.add_argument("--n", type=int, default=768)
    parser.add_argument("--k", type=int, default=768)
    parser.add_argument("--precision", choices=["fp32", "bf16"], default="fp32")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=20)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    measure(options, "torch")
    if options.precision == "fp32" and use_onednn_for_float32() is None:
        measure(options, "torch by oneDNN")


if __name__ == "__main__":
    main()
