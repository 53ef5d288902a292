"""ConvNeXt, the encoder of DDColor ("A ConvNet for the 2020s", Liu et al. 2022).

Blocks of a wide depthwise convolution and a perceptron at each place, in four stages of 1/4 to 1/32
of the size. What the decoder sees of each stage is normalised; the next stage sees it as it is.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, cast

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from collections.abc import Sequence

_EPSILON = 1e-6


class ConvNeXt(nn.Module):
    """Images to features of four sizes.

    Args:
        depths: blocks of each stage.
        widths: channels of each stage.
    """

    def __init__(self, depths: Sequence[int], widths: Sequence[int]) -> None:
        super().__init__()
        stem = nn.Sequential(nn.Conv2d(3, widths[0], 4, stride=4), PlaceNorm(widths[0]))
        self.downsample_layers = nn.ModuleList([stem])
        for before, after in pairwise(widths):
            down = nn.Conv2d(before, after, 2, stride=2)
            self.downsample_layers.append(nn.Sequential(PlaceNorm(before), down))
        self.stages = nn.ModuleList(
            nn.Sequential(*(Block(width) for _ in range(depth)))
            for depth, width in zip(depths, widths, strict=True)
        )
        for index, width in enumerate(widths):
            self.add_module(f"norm{index}", PlaceNorm(width))
        # Of a classifier that is not there: nothing uses it, and the published weights have it.
        self.norm = nn.LayerNorm(widths[-1], _EPSILON)

    def forward(self, x: Tensor) -> list[Tensor]:
        """(N, 3, H, W), normalised -> (N, widths[i], H/s, W/s) for s = 4, 8, 16, 32."""
        features: list[Tensor] = []
        for index, (down, stage) in enumerate(
            zip(self.downsample_layers, self.stages, strict=True)
        ):
            x = stage(down(x))
            features.append(cast("PlaceNorm", getattr(self, f"norm{index}"))(x))
        return features


class PlaceNorm(nn.LayerNorm):
    """Layer normalisation over the channels of each place."""

    def __init__(self, width: int) -> None:
        super().__init__(width, _EPSILON)

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002  torch's name
        """(N, C, H, W) -> the same shape."""
        return super().forward(input.movedim(1, -1)).movedim(-1, 1)


class Block(nn.Module):
    """What a 7 x 7 neighbourhood says of each channel, then of all of them at each place."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.dwconv = nn.Conv2d(width, width, 7, padding=3, groups=width)
        self.norm = nn.LayerNorm(width, _EPSILON)
        self.pwconv1 = nn.Linear(width, 4 * width)
        self.pwconv2 = nn.Linear(4 * width, width)
        self.gamma = nn.Parameter(torch.full((width,), 1e-6))

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> the same shape."""
        y = self.norm(self.dwconv(x).movedim(1, -1))  # (N, H, W, C)
        y = self.pwconv2(nn.functional.gelu(self.pwconv1(y)))
        return x + (self.gamma * y).movedim(-1, 1)
