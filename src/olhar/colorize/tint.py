"""Whether a picture is in colour, or in black and white on toned paper.

A sepia or blue toned print, a yellowed scan and a grey picture have one thing in common: their
colour follows from their lightness. So a* and b* are fitted as a curve over L*, and what the curve
leaves over says how much colour there is. A small copy is measured, in which the grain of a scan
and the chroma noise of JPEG average out.
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor

from olhar.media.color import srgb_to_lab
from olhar.media.picture import resize

_SIDE = 32  # shorter side of the copy
_KNOTS = 11  # of the curve, from black to white
_LEAST = 2.0  # what noise leaves over, in units of a* and b* ...
_SHARE = 0.1  # ... and more where the tone is strong: JPEG shifts it from block to block


def is_colored(image: Tensor) -> bool:
    """Whether an image has colours of its own, beside those of its tone.

    Args:
        image: (3, H, W) in [0, 1].

    Returns:
        False for grey pictures, sepia and other tones, and colours so faint that they could be a
        tone's.
    """
    left, chroma = beside_tone(image)
    return left > _LEAST + _SHARE * chroma


def beside_tone(image: Tensor) -> tuple[float, float]:
    """How much colour an image has that does not follow from its lightness.

    Args:
        image: (3, H, W) in [0, 1].

    Returns:
        The root mean square of what a curve over L* leaves of a* and b*, and the mean chroma.
    """
    height, width = image.shape[1:]
    scale = min(1.0, _SIDE / min(height, width))
    small = resize(image, (max(1, round(height * scale)), max(1, round(width * scale))))
    light, *colors = srgb_to_lab(small).flatten(1)
    ab = torch.stack(colors)  # (2, N)
    step = 100 / (_KNOTS - 1)
    knots = step * torch.arange(_KNOTS)
    hats = (1 - (light - knots[:, None]).abs() / step).clamp_min(0)  # (K, N), piecewise linear
    mean = ab.mean(1, keepdim=True)
    # The ridge ties knots that few samples see to the mean.
    normal = hats @ hats.T + 0.5 * torch.eye(_KNOTS)
    curve = cast("Tensor", torch.linalg.solve(normal, hats @ (ab - mean).T))  # (K, 2)
    left = ab - mean - curve.T @ hats
    return left.square().sum(0).mean().sqrt().item(), ab.square().sum(0).sqrt().mean().item()
