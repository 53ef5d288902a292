"""What a colorizer practises on: photographs made old, and hints as people would give them."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

_POINTS = 0.2  # as one more point is less likely each time: 5 on average
_LARGEST = 9  # side of the square that a hint is the mean of, in pixels of the training's images


def aged(light: Tensor, share: float) -> Tensor:
    """Lightness as old photographs have it: another tone curve, less contrast, grain, softness.

    Args:
        light: (N, 1, H, W), L* in [0, 100].
        share: of the images that are changed.

    Returns:
        The same shape, in [0, 100].
    """
    n, device = len(light), light.device
    chosen, curve, low, span, grain, soft = torch.rand(6, n, 1, 1, 1, device=device)
    gamma = (1.4 * curve - 0.7).exp2()  # 0.6 to 1.6
    low, span = 0.15 * low, 1 - 0.3 * span  # black that faded, white that yellowed
    old = (low + (1 - low) * span * (light / 100).clamp(0, 1).pow(gamma)) * 100
    blurred = F.avg_pool2d(F.pad(old, (1, 1, 1, 1), mode="replicate"), 3, 1)
    old = torch.where(soft < 0.3, blurred, old)
    old = old + 5 * grain.square() * torch.randn_like(old)
    return torch.where(chosen < share, old, light).clamp(0, 100)


def simulated(ab: Tensor, share: float) -> Tensor:
    """Hints as a person would give them (Zhang et al. 2017, section 3.1): few, near the middle.

    Args:
        ab: (N, 2, H, W), the true colours.
        share: of the images that get any.

    Returns:
        (N, 3, H, W) hints as a `Painter` takes them; the colour of each square is its mean.
    """
    n, _, height, width = ab.shape
    hints = ab.new_zeros(n, 3, height, width)
    counts = torch.empty(n).geometric_(_POINTS).long() * (torch.rand(n) < share)
    for image in range(n):
        for _ in range(int(counts[image])):
            half = int(torch.randint(0, _LARGEST // 2 + 1, ()))
            spot = torch.randn(2) / 4 + 0.5
            y, x = int(spot[0] * height), int(spot[1] * width)
            top, left = max(0, min(y, height - 1) - half), max(0, min(x, width - 1) - half)
            part = ..., slice(top, top + 2 * half + 1), slice(left, left + 2 * half + 1)
            hints[image, :2][part] = ab[image][part].mean((1, 2), keepdim=True)
            hints[image, 2][part] = 1
    return hints
