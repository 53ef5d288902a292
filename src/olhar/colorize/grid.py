"""From one grid of samples to another: what a network says has fewer samples than the picture.

Separable cubic convolution (Keys 1981, a = -1/2), as two small matrices: a band of the result costs
one matrix product and needs no memory but its own, so 24 megapixels can be made band by band. Where
the result has fewer samples the kernel is widened, so that nothing aliases.
"""

from __future__ import annotations

import torch
from torch import Tensor


def cubic(count: int, known: int, extent: float) -> Tensor:
    """The matrix that makes `count` samples of `known` ones.

    Args:
        count: how many samples the result has.
        known: how many there are.
        extent: how many of the known ones, from the first on, the result spans: less than `known`
            leaves out a margin at the end.

    Returns:
        (count, known) float32; rows sum to 1. Beyond the ends the last sample goes on.
    """
    step = extent / count
    centre = (torch.arange(count, dtype=torch.float64) + 0.5) * step - 0.5
    wide = max(step, 1.0)
    reach = int(2 * wide) + 2
    near = centre.floor().long()[:, None] + torch.arange(-reach, reach + 2)  # (count, taps)
    apart = ((near - centre[:, None]) / wide).abs()
    inner = (1.5 * apart - 2.5) * apart.square() + 1
    outer = ((2.5 - 0.5 * apart) * apart - 4) * apart + 2
    taps = torch.where(apart < 1, inner, torch.where(apart < 2, outer, torch.zeros(())))
    taps /= taps.sum(1, keepdim=True)
    matrix = torch.zeros(count, known, dtype=torch.float64)
    return matrix.scatter_add_(1, near.clamp(0, known - 1), taps).float()


def resample(samples: Tensor, size: tuple[int, int], extent: tuple[float, float]) -> Tensor:
    """Bring samples to another grid.

    Args:
        samples: (..., h, w) float32.
        size: height and width of the result.
        extent: how many rows and columns of the samples the result spans (see `cubic`).

    Returns:
        (..., *size) float32.
    """
    height, width = samples.shape[-2:]
    down = cubic(size[0], height, extent[0]).to(samples.device)
    across = cubic(size[1], width, extent[1]).to(samples.device)
    return down @ samples @ across.T
