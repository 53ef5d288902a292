"""What a made face is worth: structure and colours where the face is, eyes and mouth before all.

`unlike` is (1 - SSIM) / 2 (Wang et al. 2004) under Gaussian windows, one for every 4 pixels or so
each way. A picture is seen through all of them by two products with one matrix, which costs a tenth
of convolutions with them. Structure alone leaves colours adrift, and absolute differences alone
leave faces smooth, so both are summed. All is computed in float32: in bfloat16 the variances of
SSIM are rounding errors.
"""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor

_BRIGHT, _CONTRAST = 0.01**2, 0.03**2
_OUTSIDE = 0.1  # weight of what is no face: it makes the seam, and is hidden but for that
_WINDOW = 1 / 64  # deviation of a window, as a share of the side; 11 pixels wide at 112
_SOFT = 1 / 40  # the same of what softens the edge of the face


def weights(mask: Tensor, parts: Tensor, focus: float) -> Tensor:
    """How much each pixel counts.

    Args:
        mask: (N, 1, S, S), which pixels are face.
        parts: (N, 1, S, S), which are eyes and mouth.
        focus: how many times as much as the rest of the face these count.

    Returns:
        (N, 1, S, S) float32, 1 on average in each picture.
    """
    soft = _through(mask, _SOFT, mask.shape[-1])
    weight = _OUTSIDE + (1 - _OUTSIDE) * soft + (focus - 1) * parts
    return weight / weight.mean((2, 3), keepdim=True)


def unlike(made: Tensor, true: Tensor, weight: Tensor) -> Tensor:
    """Unlike structure: 0 for equal pictures, about 0.5 for unrelated ones.

    Args:
        made: (N, 3, S, S) float32 in [0, 1].
        true: the same shape.
        weight: (N, 1, S, S) of `weights`.

    Returns:
        (N,).
    """
    count = max(4, made.shape[-1] // 4)
    seen = torch.cat([made, made.square() + true.square(), made * true], 1)
    mean_a, power, both = _through(seen, _WINDOW, count).chunk(3, 1)
    mean_b = _through(true, _WINDOW, count)
    product, squares = mean_a * mean_b, mean_a.square() + mean_b.square()
    alike = (2 * product + _BRIGHT) / (squares + _BRIGHT)
    alike = alike * (2 * (both - product) + _CONTRAST) / (power - squares + _CONTRAST)
    return ((1 - alike) / 2 * _through(weight, _WINDOW, count)).mean((1, 2, 3))


def apart(made: Tensor, true: Tensor, weight: Tensor) -> Tensor:
    """Weighted mean of the absolute differences, (N,)."""
    return ((made - true).abs() * weight).mean((1, 2, 3))


def _through(x: Tensor, deviation: float, count: int) -> Tensor:
    """(N, C, S, S) through count x count windows: (N, C, count, count)."""
    windows = _windows(x.shape[-1], deviation, count, str(x.device))
    return windows @ x @ windows.mT


@lru_cache(maxsize=16)
def _windows(size: int, deviation: float, count: int, device: str) -> Tensor:
    """(count, size): windows that are spread evenly; each row sums to 1."""
    middle = (torch.arange(count, device=device) + 0.5) * size / count
    place = torch.arange(size, device=device) + 0.5
    far = (place - middle[:, None]) / (deviation * size)
    return (-far.square() / 2).softmax(1)
