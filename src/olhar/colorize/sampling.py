"""Other colours that are as plausible: samples of a distribution that hold together.

Adding Gumbel noise to log probabilities and taking the largest draws a sample (Gumbel 1954). Drawn
for each pixel alone that is confetti. Here the noise is one random field: neighbouring bins get
similar values, so a whole hue gains or loses; and so do places that are near each other, alike in
lightness, and thought alike by the network, so an object changes as one. The field is a sum of
random waves over these features (Rahimi and Recht 2007), and how much it can change is what the
network leaves open: where it is sure, all variants agree.
"""

from __future__ import annotations

from math import log
from typing import cast

import torch
from torch import Tensor

from olhar.colorize.bins import mean
from olhar.errors import OlharError

_WAVES = 96
_WHOLE = 0.5  # share of the noise that is the same all over the picture
_NEAR = 0.9  # of the shorter side: how far places are still near
_ALIKE_LIGHT, _ALIKE_COLOR = 50.0, 10.0  # the same for L*, and for a* and b*
_HUE = 25.0  # how far bins are still neighbours, in units of a* and b*
_TEMPERATURE = 0.7  # of noise and of decoding: towards the largest, with soft seams
_RARE = 0.05  # of the likeliest bin's probability: what is less likely is never drawn
COUNT = 100
"""How many variants can be asked for."""


def check_count(count: int) -> None:
    """Refuse a number of variants that cannot be.

    Raises:
        OlharError: if it is not from 1 to `COUNT`.
    """
    if not isinstance(count, int) or not 1 <= count <= COUNT:  # pyright: ignore[reportUnnecessaryIsInstance]
        raise OlharError(f"variants is {count!r}; it must be a whole number from 1 to {COUNT}")


def sample(
    log_probabilities: Tensor, bins: Tensor, light: Tensor, seed: int, number: int
) -> Tensor:
    """Draw one variant.

    Args:
        log_probabilities: (1, Q, h, w), of a painter.
        bins: (Q, 2), its a* and b*.
        light: (1, h, w), L* on the same grid.
        seed: which variants.
        number: which of them; each can be drawn without the others.

    Returns:
        (1, 2, h, w) float32, a* and b*.
    """
    draw = torch.Generator().manual_seed((seed * 1_000_003 + number) % 2**63)
    log_probabilities, bins, light = log_probabilities.cpu(), bins.cpu().float(), light.cpu()
    height, width = light.shape[-2:]
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    place = torch.stack([y, x]) / (_NEAR * min(height, width))
    thought = mean(log_probabilities, bins)[0] / _ALIKE_COLOR
    features = torch.cat([place, light / _ALIKE_LIGHT, thought]).flatten(1)  # (5, hw)
    waves = torch.randn(_WAVES, len(features), generator=draw) @ features
    phases = 2 * torch.pi * torch.rand(_WAVES, 1, generator=draw)
    waves = (waves + phases).cos() * (2 / _WAVES) ** 0.5  # (D, hw): variance 1 in sum
    basis = torch.cat([torch.full((1, waves.shape[1]), _WHOLE**0.5), waves * (1 - _WHOLE) ** 0.5])
    near = (-torch.cdist(bins, bins).square() / (2 * _HUE**2)).exp().double()
    root = cast("Tensor", torch.linalg.cholesky(near + 1e-4 * torch.eye(len(bins))))
    field = (
        root.float() @ torch.randn(len(bins), len(basis), generator=draw) @ basis
    )  # (Q, hw), normal
    uniform = (0.5 + 0.5 * (field / 2**0.5).erf()).clamp(1e-6, 1 - 1e-6)
    noise = -_TEMPERATURE * (-uniform.log()).log()  # Gumbel
    # Bins are many and rare ones together likely, but a blotch of one is never what is meant.
    least = log_probabilities.amax(1, keepdim=True) + log(_RARE)
    scores = log_probabilities + noise.view(1, -1, height, width)
    return mean(scores.where(log_probabilities >= least, torch.tensor(-1e4)), bins, _TEMPERATURE)
