"""How probable each number of a coded picture is: the part of a codec that must be exact.

Two machines that disagree here in the last bit of one number lose the rest of the picture. So
when pictures are coded, in float64, every weight is a multiple of 2^-12 below 2^7 and every
activation one of 2^-8 below 2^14: sums of up to 2^11 such products have at most 53 bits, are exact
in any order, and the same on every machine, with any number of threads (`Prior.exact`). In training
the same code runs in float32.

Three sources tell what a number will be (means and scales, as Minnen et al. 2018, "Joint
Autoregressive and Hierarchical Priors for Learned Image Compression"): side information, coded
first (Ballé et al. 2018, "Variational Image Compression with a Scale Hyperprior"); the coarser
channels of the same place; and neighbours that are known already. Channels come in groups from
coarse to fine, and the coarse ones, whose neighbours tell most, in passes over a checkerboard (He
et al. 2022, "ELIC"): seven stages, each at once for a whole picture.

Cost: about 5 thousand multiply-adds a pixel.
"""

from __future__ import annotations

import copy
import math
from typing import TYPE_CHECKING, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

if TYPE_CHECKING:
    from typing import Self

KNOTS = 5
"""Values of a curve, evenly spaced over the qualities."""
SCALES = 48
"""Scales that probabilities are tabulated for."""
SMALLEST, LARGEST = 0.06, 64.0
"""The first and the last of them: standard deviations, in steps of the quantiser."""
LEVELS = 33
"""Qualities that pictures can be coded with, evenly spaced from 0 to 1."""

_WEIGHT, _ACTIVATION = 2.0**12, 2.0**8
_BOUND, _HEAVIEST = 2.0**13, 2.0**7


class Curve(nn.Module):
    """Numbers that depend on the quality, linear between knots.

    Args:
        channels: how many.
        start: all of them, at every quality.
    """

    def __init__(self, channels: int, start: float = 0.0) -> None:
        super().__init__()
        self.knots = nn.Parameter(torch.full((KNOTS, channels), start))

    def forward(self, quality: Tensor) -> Tensor:
        """(N,) in [0, 1] -> (N, channels, 1, 1)."""
        place = quality.to(self.knots.dtype) * (KNOTS - 1)
        left = place.floor().clamp(0, KNOTS - 2).long()
        part = (place - left)[:, None]
        values = self.knots[left] * (1 - part) + self.knots[left + 1] * part
        return values[:, :, None, None]


class Conv(nn.Conv2d):
    """A convolution that keeps the size, and can be made exact."""

    exact = False

    def __init__(self, channels: int, outputs: int, kernel: int = 1, gain: float = 2.0) -> None:
        super().__init__(channels, outputs, kernel, padding=kernel // 2)
        nn.init.normal_(self.weight, std=(gain / self.weight[0].numel()) ** 0.5)
        assert self.bias is not None
        nn.init.zeros_(self.bias)

    def forward(self, x: Tensor) -> Tensor:  # pyright: ignore[reportIncompatibleMethodOverride]
        """(N, channels, H, W) -> (N, outputs, H, W)."""
        return rounded(super().forward(x)) if self.exact else super().forward(x)


class Stage(NamedTuple):
    """Which numbers are coded at once."""

    first: int
    """channel"""
    last: int
    """channel, not included"""
    turn: int
    """of those of a checkerboard"""
    turns: int

    def mask(self, height: int, width: int) -> Tensor:
        """(H, W) whose turn it is: all; every other; or every fourth, its diagonal, the rest."""
        y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
        if self.turns == 1:
            return torch.ones(height, width, dtype=torch.bool)
        odd = (y + x) % 2
        if self.turns == 2:
            return odd == self.turn
        return torch.where(odd == 1, 2, y % 2) == self.turn


def stages(groups: tuple[int, ...]) -> list[Stage]:
    """The order: groups end before these channels; the first has three turns, the second two."""
    turns = [3, 2] + [1] * len(groups)
    return [
        Stage(first, last, turn, count)
        for first, last, count in zip((0, *groups), groups, turns, strict=False)
        for turn in range(count)
    ]


class _Guess(nn.Module):
    """Means and scales of one stage."""

    def __init__(self, stage: Stage, features: int, hidden: int) -> None:
        super().__init__()
        self.stage = stage
        seen = stage.last if stage.turn else stage.first
        self.seen = seen
        self.context = Conv(seen, hidden, 5 if stage.first == 0 else 3, gain=0.2) if seen else None
        self.features = Conv(features, hidden)
        self.quality = Curve(hidden)
        self.hidden = Conv(hidden, hidden)
        self.said = Conv(hidden, 2 * (stage.last - stage.first), gain=1e-4)

    def forward(self, features: Tensor, known: Tensor, quality: Tensor) -> tuple[Tensor, Tensor]:
        x = self.features(features) + self.quality(quality)
        if self.context is not None:
            x = x + self.context(known[:, : self.seen])
        mean, scale = self.said(F.relu(self.hidden(F.relu(x)))).chunk(2, 1)
        return mean, scale + SCALES / 4


class Prior(nn.Module):
    """Side information to means and scales, stage by stage.

    Args:
        side: channels of the side information, at a quarter of the size.
        groups: channel before which each group ends; the last is the number of channels.
        features: channels that the side information becomes.
        hidden: width of what guesses.
    """

    def __init__(
        self,
        *,
        side: int = 32,
        groups: tuple[int, ...] = (8, 32, 64, 128),
        features: int = 64,
        hidden: int = 96,
    ) -> None:
        super().__init__()
        self.side_mean, self.side_scale = Curve(side), Curve(side, SCALES / 3)
        self.widen = Conv(side, 96, 3)
        self.quality = Curve(96)
        self.double1 = Conv(96, 4 * features)
        self.between = Conv(features, features, 3)
        self.double2 = Conv(features, 4 * features)
        self.stages = stages(groups)
        self.guesses = nn.ModuleList(_Guess(stage, features, hidden) for stage in self.stages)

    def side(self, quality: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and scale of the side information, (N, side, 1, 1) each."""
        return self.side_mean(quality), self.side_scale(quality)

    def features(self, side: Tensor, quality: Tensor) -> Tensor:
        """(N, side, H/4, W/4) -> (N, features, H, W)."""
        x = F.relu(self.widen(side) + self.quality(quality))
        x = F.relu(F.pixel_shuffle(self.double1(x), 2))
        x = F.relu(self.between(x))
        return F.relu(F.pixel_shuffle(self.double2(x), 2))

    def guess(
        self, number: int, features: Tensor, known: Tensor, quality: Tensor
    ) -> tuple[Tensor, Tensor]:
        """What one stage holds.

        Args:
            number: of the stage.
            features: (N, features, H, W).
            known: (N, M, H, W) in steps; 0 what is not known yet.
            quality: (N,) in [0, 1].

        Returns:
            Means in steps, and scales from 0 to SCALES - 1, (N, last - first, H, W) each.
        """
        return self.guesses[number](features, known, quality)

    def exact(self) -> Self:
        """A copy that computes the same everywhere, on the CPU, for the qualities of LEVELS."""
        other = copy.deepcopy(self).cpu().double().requires_grad_(False).eval()
        for module in other.modules():
            if isinstance(module, Conv):
                module.exact = True
                assert module.bias is not None
                for values in (module.weight, module.bias):
                    values.copy_(
                        ((values * _WEIGHT).round() / _WEIGHT).clamp(-_HEAVIEST, _HEAVIEST)
                    )
            elif isinstance(module, Curve):
                module.knots.copy_((module.knots * _ACTIVATION).round() / _ACTIVATION)
        return other


def rounded(values: Tensor) -> Tensor:
    """To multiples of 2^-8, within the bounds of what is exact."""
    return ((values * _ACTIVATION).round() / _ACTIVATION).clamp(-_BOUND, _BOUND)


def deviation(scale: Tensor) -> Tensor:
    """Scales from 0 to SCALES - 1 to standard deviations, in steps."""
    step = math.log(LARGEST / SMALLEST) / (SCALES - 1)
    return SMALLEST * torch.exp(scale.clamp(0, SCALES - 1) * step)
