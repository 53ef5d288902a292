"""How much faster Winograd's convolution is than the direct one, layer by layer of VGG-16.

    python benchmarks/winograd.py

CPU-seconds of one thread, forward, best of five, for the layers of a picture of 256 x 256.
`olhar.nets.winograd.WinogradConv` takes Winograd's way where the ratio is clearly above 1.
"""

import time
from collections.abc import Callable

import torch
import torch.nn.functional as F

from olhar.nets.winograd import transform_filters, winograd_conv


def best_of(run: Callable[[], object], times: int = 5) -> float:
    """CPU-seconds of the fastest run after a warm-up."""
    run()
    seconds: list[float] = []
    for _ in range(times):
        start = time.process_time()
        run()
        seconds.append(time.process_time() - start)
    return min(seconds)


def main() -> None:
    torch.set_num_threads(1)
    print("channels      size  direct ms  winograd ms  ratio  largest error")
    for c_in, c_out, side in (
        (64, 64, 256),
        (64, 128, 128),
        (128, 128, 128),
        (128, 256, 64),
        (256, 256, 64),
        (256, 512, 32),
        (512, 512, 32),
    ):
        x = torch.rand(1, c_in, side, side)
        weight = torch.randn(c_out, c_in, 3, 3) / (9 * c_in) ** 0.5
        filters = transform_filters(weight)
        direct, fast = F.conv2d(x, weight, padding=1), winograd_conv(x, filters)
        error = float((direct - fast).abs().max() / direct.abs().max())
        a = best_of(lambda x=x, w=weight: F.conv2d(x, w, padding=1))
        b = best_of(lambda x=x, f=filters: winograd_conv(x, f))
        print(
            f"{c_in:4d} -> {c_out:4d}  {side:4d}  {a * 1e3:9.1f}  {b * 1e3:11.1f}  "
            f"{a / b:5.2f}  {error:.0e}"
        )


if __name__ == "__main__":
    main()
