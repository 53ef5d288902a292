"""The colours of another picture: which of them go where is left to the network and to likeness.

Each place of the picture asks three things: what the network thinks of it; what colours the
reference has at places that look alike in lightness and texture and that the network thinks alike
(Welsh, Ashikhmin and Mueller 2002, with the network's opinion added); and that all places together
have the reference's distribution of colours. The last is an optimal transport between places and
colours, found by Sinkhorn's scaling (Cuturi 2013).

For painters that say one colour and no distribution, mean and covariance of a* and b* are moved to
the reference's, tone by tone (Reinhard et al. 2001; the linear map of Pitie and Kokaram 2007).
"""

from __future__ import annotations

from typing import NamedTuple, cast

import torch
import torch.nn.functional as F
from torch import Tensor

from olhar.colorize.bins import mean
from olhar.errors import OlharError
from olhar.nets.linalg import power

_SAMPLES = 4096  # of the reference
_LIGHT, _TEXTURE, _THOUGHT = (
    6.0,
    4.0,
    5.0,
)  # differences in L*, its deviation, a* b* that count as 1
_TRUST = 1.0  # weight of likeness against the network
_ROUNDS = 30  # of Sinkhorn's scaling
_TEMPERATURE = 0.5
_FAINT = 2.0  # mean chroma below which a reference has no colours to give
_WHOLE = 0.02  # weight of a sample in the tones that are not its own
_TONES = 5  # from black to white, for painters without a distribution


class Reference(NamedTuple):
    """What is known of an exemplar, on the grid of what a painter said of it in black and white."""

    ab: Tensor
    """(2, h, w): its true a* and b*."""
    light: Tensor
    """(1, h, w): its L*."""
    thought: Tensor
    """(2, h, w): the painter's own guess."""

    def check(self) -> Reference:
        """Itself; refused if it has no colours to give."""
        if self.ab.norm(dim=0).mean() < _FAINT:
            raise OlharError(
                "the reference has hardly any colour; choose one whose colours you want"
            )
        return self


def recolored(
    log_probabilities: Tensor, bins: Tensor, light: Tensor, reference: Reference
) -> Tensor:
    """Decode a distribution so that the colours are those of a reference.

    Args:
        log_probabilities: (1, Q, h, w), of a painter.
        bins: (Q, 2), its a* and b*.
        light: (1, h, w), L* on the same grid.
        reference: the exemplar.

    Returns:
        (1, 2, h, w) float32, a* and b*.
    """
    log_probabilities, bins = log_probabilities.cpu().float(), bins.cpu().float()
    soft = _soft(reference.ab.flatten(1).T, bins)  # (M, Q)
    wanted = soft.mean(0)
    thought = mean(log_probabilities, bins)[0]
    here = _features(light, thought)
    there = _features(reference.light, reference.thought)
    chosen = torch.linspace(0, len(there) - 1, min(len(there), _SAMPLES)).long()
    votes = _votes(here, there[chosen], soft[chosen])  # (N, Q)
    scores = log_probabilities[0].flatten(1).T + _TRUST * (votes + 1e-4).log()
    scores = scores / _TEMPERATURE
    shift = torch.zeros(len(bins))
    for _ in range(_ROUNDS):
        got = (scores + shift).softmax(1).mean(0)
        shift += (wanted + 1e-5).log() - (got + 1e-5).log()
    share = (scores + shift).softmax(1)  # (N, Q)
    ab = (share @ bins).T.view(2, *light.shape[-2:])
    return transported(ab, light, reference, tones=1)[None]


def transported(ab: Tensor, light: Tensor, reference: Reference, tones: int = _TONES) -> Tensor:
    """Move the mean and covariance of a* and b* to the reference's, tone by tone.

    Args:
        ab: (2, h, w).
        light: (1, h, w), L* on the same grid.
        reference: the exemplar.
        tones: how many ranges of L* have a map of their own; maps are blended between them.

    Returns:
        (2, h, w).
    """
    here, there = ab.flatten(1), reference.ab.flatten(1)
    weights_here = _tones(light.flatten(), tones)  # (T, N)
    weights_there = _tones(reference.light.flatten(), tones)
    moved = torch.zeros_like(here)
    for ours, theirs in zip(weights_here, weights_there, strict=True):
        # A tone that one of them lacks is like the whole.
        middle, spread = _moments(here, ours + _WHOLE)
        aim, wide = _moments(there, theirs + _WHOLE)
        root, inverse = power(spread, 0.5, floor=0.25), power(spread, -0.5, floor=0.25)
        linear = (inverse @ power(root @ wide.double() @ root, 0.5) @ inverse).float()
        moved += ours * (linear @ (here - middle) + aim)
    return moved.view_as(ab)


def _tones(light: Tensor, count: int) -> Tensor:
    """(T, N): how much each place belongs to each tone; sums to 1."""
    if count == 1:
        return torch.ones(1, len(light))
    step = 100 / (count - 1)
    hats = (1 - (light - step * torch.arange(count)[:, None]).abs() / step).clamp_min(0)
    return hats / hats.sum(0).clamp_min(1e-6)


def _moments(colors: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
    weights = weights / weights.sum()
    middle = (colors * weights).sum(1, keepdim=True)
    apart = colors - middle
    return middle, (apart * weights) @ apart.T


def _features(light: Tensor, thought: Tensor) -> Tensor:
    """(N, 4): what is compared between places, in units that count alike."""
    padded = F.pad(light[None], (2, 2, 2, 2), mode="replicate")
    average = F.avg_pool2d(padded, 5, 1)
    texture = (F.avg_pool2d(padded.square(), 5, 1) - average.square()).clamp_min(0).sqrt()[0]
    return torch.cat([light / _LIGHT, texture / _TEXTURE, thought / _THOUGHT]).flatten(1).T


def _votes(here: Tensor, there: Tensor, soft: Tensor) -> Tensor:
    """(N, Q): the colours of the reference's places, those that look alike weighing more."""
    parts = cast("tuple[Tensor, ...]", here.split(2048))
    return torch.cat([(-torch.cdist(p, there).square() / 2).softmax(1) @ soft for p in parts])


def _soft(colors: Tensor, bins: Tensor) -> Tensor:
    """(M, Q): colours (M, 2) as shares of the bins around them."""
    return (-torch.cdist(colors, bins).square() / (2 * 5.0**2)).softmax(1)
