"""Colours as bins of the a*b* plane (Zhang, Isola and Efros 2016, section 2.2).

A distribution over bins can say "red or blue, not purple between", which one colour cannot. The
bins are the points of a grid of step 10 that some sRGB colour is nearest to. A target is spread
over its 5 nearest bins, by a table of the whole plane with a step of 2, since searching for them at
every pixel costs more than a network.

Most of what photographs show is grey, brown or pale blue, so a network that is right as often as
possible paints grey. Weights by rarity (their section 2.2, equation 4) make rare colours count.
Training under weights w^t learns p(bin) w(bin)^t, so the network can be asked afterwards for any
other exponent: 0 gives the smallest error, 1 the colourful answer.
"""

from __future__ import annotations

from functools import cache
from typing import cast

import torch
from torch import Tensor

from olhar.media.color import srgb_to_lab

STEP = 10
"""Distance between neighbouring bins, in units of a* and b*."""
COLDEST = 0.38
"""Temperature of the annealed mean at its most vivid (the paper's equation 5)."""
_NEAREST = 5
_SPREAD = 5.0  # deviation of the Gaussian over the nearest bins
_FINE, _REACH = 2, 110  # step and half width of the table of targets


@cache
def grid() -> Tensor:
    """The bins, (Q, 2) float32: a* and b*, by a* and then b*.

    Example:
        >>> grid().shape
        torch.Size([261, 2])
    """
    levels = torch.linspace(0, 1, 86, dtype=torch.float64, device="cpu")
    cube = torch.stack(torch.meshgrid(levels, levels, levels, indexing="ij"))  # (3, 86, 86, 86)
    ab = srgb_to_lab(cube.flatten(2))[1:].flatten(1)  # (2, 86 ** 3)
    reached = cast("Tensor", torch.unique((ab / STEP).round().T, dim=0))
    return reached.float() * STEP


@cache
def _targets() -> tuple[Tensor, Tensor]:
    """For each cell of the plane its nearest bins, (C, 5) int64, and their shares, (C, 5)."""
    axis = torch.arange(-_REACH, _REACH + 1, _FINE, dtype=torch.float32)
    cells = torch.cartesian_prod(axis, axis)  # (C, 2)
    distance, bins = torch.cdist(cells, grid()).topk(_NEAREST, largest=False)
    shares = (-(distance**2) / (2 * _SPREAD**2)).softmax(1)
    return bins, shares


def encode(ab: Tensor) -> tuple[Tensor, Tensor]:
    """Colours as soft targets.

    Args:
        ab: (..., 2, H, W), a* and b*.

    Returns:
        The 5 nearest bins of each, the nearest first, (..., 5, H, W) int64; and their shares, which
        sum to 1, (..., 5, H, W) float32.
    """
    bins, shares = _targets()
    side = 2 * _REACH // _FINE + 1
    a, b = ((ab.float() + _REACH) / _FINE).round().long().clamp(0, side - 1).unbind(-3)
    cell = (a * side + b).cpu()  # (..., H, W)
    where = ab.device
    return bins[cell].movedim(-1, -3).to(where), shares[cell].movedim(-1, -3).to(where)


def rarity(counts: Tensor, uniform: float = 0.5) -> Tensor:
    """Logarithms of the weights of bins: rare ones weigh more (the paper's equation 4).

    Args:
        counts: (Q,) how often each bin occurs, not all 0.
        uniform: share of a uniform distribution that is mixed in, so that no weight is infinite.

    Returns:
        (Q,) float32; the mean weight of what occurs is 1.
    """
    share = counts.double() / counts.sum()
    distance = torch.cdist(grid().double(), grid().double())
    blur = (-(distance**2) / (2 * _SPREAD**2)).exp()
    share = (blur / blur.sum(0)) @ share  # as the targets are spread
    weight = 1 / ((1 - uniform) * share + uniform / len(share))
    return (weight / (weight * share).sum()).log().float()


def mean(log_probabilities: Tensor, bins: Tensor, temperature: float = 1.0) -> Tensor:
    """The annealed mean (the paper's equation 5): 1 is the mean, 0 would be the most likely bin.

    Args:
        log_probabilities: (N, Q, H, W), up to a constant.
        bins: (Q, 2).
        temperature: above 0, at most 1.

    Returns:
        (N, 2, H, W) float32, a* and b*.
    """
    share = (log_probabilities.float() / temperature).softmax(1)
    return torch.einsum("nqhw,qc->nchw", share, bins.float())
