"""The denoiser: a small residual U-Net that takes noise of any strength off photos of any size.

It works on blocks of 2 x 2 pixels, as FFDNet does (Zhang, Zuo and Zhang 2018): a quarter of the
cost, twice the reach. Three scales of plain residual blocks (DRUNet, Zhang et al. 2021) say what
the noise is, and the image less that is the result. Nobody tells it how strong the noise is. No
layer has a bias, so the network is homogeneous: twice the picture gives twice the result, and what
it learned at one level of noise holds at others (Mohan et al. 2020, "Robust and Interpretable Blind
Image Denoising via Bias-Free Convolutional Neural Networks").

Cost: 1.4 million weights; 98 thousand multiply-adds a pixel.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor, nn

if TYPE_CHECKING:
    from collections.abc import Sequence

_QUIET = 0.1  # of the usual size are the first weights of what ends a block and the network


class Denoiser(nn.Module):
    """Noisy images to clean ones, any size.

    Args:
        widths: channels at 1/2, 1/4, ... of the size.
        blocks: residual blocks at each scale, on the way down and on the way up.

    Example:
        >>> Denoiser(widths=(8, 8), blocks=1)(torch.rand(1, 3, 21, 30)).shape
        torch.Size([1, 3, 21, 30])
    """

    def __init__(self, widths: Sequence[int] = (48, 96, 112), blocks: int = 2) -> None:
        super().__init__()
        self.arguments = {"architecture": "denoiser", "widths": [*widths], "blocks": blocks}
        self.multiple = 2 ** len(widths)
        self.blocks = blocks
        self.first = _conv(12, widths[0])
        self.before = nn.ModuleList(_blocks(width, blocks) for width in widths)
        self.down = nn.ModuleList(
            nn.Conv2d(fine, coarse, 2, 2, bias=False) for fine, coarse in pairwise(widths)
        )
        self.up = nn.ModuleList(
            nn.ConvTranspose2d(coarse, fine, 2, 2, bias=False) for fine, coarse in pairwise(widths)
        )
        self.after = nn.ModuleList(_blocks(width, blocks) for width in widths[:-1])
        self.last = _conv(widths[0], 12)
        with torch.no_grad():
            self.last.weight.mul_(_QUIET)

    @property
    def reach(self) -> int:
        """Pixels by which a pixel of the result can see to each side, rounded up to `multiple`."""
        side = 2  # of a cell, in pixels
        seen = 2 * side  # first and last
        for level in range(len(self.before)):
            ways = 2 if level < len(self.after) else 1
            seen += side * (2 * self.blocks * ways + 1)  # and the other cells of the coarser one
            side *= 2
        return -(-seen // self.multiple) * self.multiple

    def forward(self, batch: Tensor) -> Tensor:
        """(N, 3, H, W), about [0, 1] -> the same, not clipped.

        Sides that are no multiples of `multiple` go on as in a mirror, and are cut off again.
        """
        height, width = batch.shape[-2:]
        padded = _mirrored(_mirrored(batch, -height % self.multiple, 2), -width % self.multiple, 3)
        noise = self.noise(padded)[:, :, :height, :width]
        return batch - noise.to(batch.dtype)

    def noise(self, batch: Tensor) -> Tensor:
        """What is noise in images whose sides are multiples of `multiple`."""
        x = self.first(F.pixel_unshuffle(batch, 2))  # (N, widths[0], H/2, W/2)
        skips: list[Tensor] = []
        for level, block in enumerate(self.before):
            x = block(x)
            if level < len(self.down):
                skips.append(x)
                x = self.down[level](x)
        for level in reversed(range(len(self.up))):
            x = self.after[level](self.up[level](x).add_(skips.pop()))
        return F.pixel_shuffle(self.last(x), 2)


class _Block(nn.Module):
    """What comes in, and two convolutions of it."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv1, self.conv2 = _conv(width, width), _conv(width, width)
        with torch.no_grad():
            self.conv2.weight.mul_(_QUIET)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv2(F.relu(self.conv1(x), inplace=True)).add_(x)


def _conv(channels: int, outputs: int) -> nn.Conv2d:
    conv = nn.Conv2d(channels, outputs, 3, padding=1, bias=False)
    nn.init.kaiming_normal_(conv.weight)
    return conv


def _blocks(width: int, count: int) -> nn.Sequential:
    return nn.Sequential(*(_Block(width) for _ in range(count)))


def _mirrored(batch: Tensor, more: int, axis: int) -> Tensor:
    """Go on for `more` pixels as in a mirror, however few there are."""
    if not more:
        return batch
    count = batch.shape[axis]
    period = max(1, 2 * count - 2)
    index = torch.arange(count + more, device=batch.device) % period
    return batch.index_select(axis, torch.where(index < count, index, period - index))
