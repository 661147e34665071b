"""Lets PyTorch multiply float32 matrices by oneDNN, where that is still float32 arithmetic.

PyTorch multiplies float32 matrices by MKL, which knows some processors poorly. The setting "medium" lets it use oneDNN
and *allows* bfloat16 arithmetic; where oneDNN has no faster bfloat16 path for float32 matrices it computes in float32
all the same. So the results decide: they must be as exact as float32 is, else this is no peer of the same precision.
"""

import torch


def use_onednn_for_float32():
    """Switches over; returns why that would be no peer of the same precision, or None if it is one."""
    torch.set_float32_matmul_precision("medium")
    generator = torch.Generator().manual_seed(1)
    left, right = (torch.randn((512, 768), generator=generator) for _ in range(2))
    batches = left.view(8, 64, 768), right.view(8, 64, 768)
    pairs = [
        (torch.nn.functional.linear(left, right), left.double() @ right.double().T),
        (batches[0] @ batches[1].mT, batches[0].double() @ batches[1].double().mT),
    ]
    # A sum of 768 products errs by about 1e-6 of its scale in float32 and by 3e-3 if the factors are bfloat16.
    error = max(((result - exact).abs().max() / exact.abs().max()).item() for result, exact in pairs)
    if error < 1e-5:
        return None
    torch.set_float32_matmul_precision("highest")
    return f"oneDNN multiplies float32 in a lower precision here: relative error {error:.1e}"
