"""Looking for better numbers, picture by picture, when there is time to pack and none to train.

Cost: a step is a forward and a backward pass, about five times what packing costs without.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch

from olhar.codec.network import weights
from olhar.codec.prior import LEVELS

if TYPE_CHECKING:
    from torch import Tensor

    from olhar.codec.network import Codec

_RATE = 0.05  # steps of the quantiser by which a number moves at first


def refined(network: Codec, numbers: Tensor, images: Tensor, level: int, steps: int) -> Tensor:
    """Numbers that cost less, or paint better: descent on what training descends on.

    Whoever reads an archive does not notice (Campos et al. 2019, "Content Adaptive Optimization for
    Neural Image Compression").

    Args:
        network: the codec, on the device of the images.
        numbers: (N, M, H/8, W/8), see `Codec.analyse`.
        images: (N, 3, H, W), sides are multiples of BLOCK.
        level: of the quality.
        steps: as many forward and backward passes.

    Returns:
        As `numbers`.
    """
    quality = torch.full((len(images),), level / (LEVELS - 1), device=images.device)
    weight = float(weights(quality[:1])) * images[0, 0].numel()
    best = numbers.clone()
    least = _costs(network, best, images, quality, weight)
    with torch.inference_mode(False), torch.enable_grad():
        trial = numbers.clone().requires_grad_()
        optimizer = torch.optim.Adam([trial], lr=_RATE)
        for step in range(steps):
            for group in optimizer.param_groups:
                group["lr"] = _RATE * (1 + math.cos(math.pi * step / steps)) / 2
            painted, bits = network.spend(trial, quality)
            loss = bits + weight * (painted - images).square().mean((1, 2, 3))
            (gradient,) = torch.autograd.grad(loss.sum(), trial)
            trial.grad = gradient
            optimizer.step()
    found = _costs(network, trial.detach(), images, quality, weight)
    better = found < least
    best[better] = trial.detach()[better]
    return best


def _costs(
    network: Codec, numbers: Tensor, images: Tensor, quality: Tensor, weight: float
) -> Tensor:
    with torch.no_grad():
        painted, bits = network.spend(numbers, quality)
        return bits + weight * (painted.clamp(0, 1) - images).square().mean((1, 2, 3))
