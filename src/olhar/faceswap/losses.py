"""What a made face is worth: structure and colours where the face is, eyes and mouth before all.

`unlike` is 1 - SSIM over 2 (Wang et al. 2004) under square windows, which cost a tenth of Gaussian
ones. Structure alone leaves colours adrift, and absolute differences alone leave faces smooth, so
both are summed. All in float32: in bfloat16 the variances of SSIM are rounding errors.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

_BRIGHT, _CONTRAST = 0.01**2, 0.03**2
_OUTSIDE = 0.1  # weight of what is no face: it makes the seam, and is hidden but for that
_SOFT = 14  # the edge of the face fades over this part of the side


def weights(mask: Tensor, parts: Tensor, focus: float) -> Tensor:
    """How much each pixel counts.

    Args:
        mask: (N, 1, S, S), which pixels are face.
        parts: (N, 1, S, S), which are eyes and mouth.
        focus: how many times as much as the rest of the face these count.

    Returns:
        (N, 1, S, S), 1 on average in each picture.
    """
    width = 2 * (mask.shape[-1] // (2 * _SOFT)) + 1
    soft = F.avg_pool2d(mask, width, 1, width // 2).lerp(mask, 0.5)
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
    window = max(4, made.shape[-1] // 14)
    step = window // 2

    def mean(x: Tensor) -> Tensor:
        return F.avg_pool2d(x, window, step)

    mean_a, mean_b = mean(made), mean(true)
    product, squares = mean_a * mean_b, mean_a.square() + mean_b.square()
    spread = mean(made.square() + true.square()) - squares
    common = mean(made * true) - product
    alike = (2 * product + _BRIGHT) / (squares + _BRIGHT)
    alike = alike * (2 * common + _CONTRAST) / (spread.clamp_min(0) + _CONTRAST)
    return ((1 - alike) / 2 * mean(weight)).mean((1, 2, 3))


def apart(made: Tensor, true: Tensor, weight: Tensor) -> Tensor:
    """Weighted mean of the absolute differences, (N,)."""
    return ((made - true).abs() * weight).mean((1, 2, 3))
