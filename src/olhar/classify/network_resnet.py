"""A residual network: each block adds to what it was given (He et al. 2015, arXiv 1512.03385).

A block that has nothing to add lets its input through, so a deeper network is never a worse one,
and the gradient reaches the first layer as directly as the last. Three later habits are taken in:

- the last normalisation of every block starts at 0, so that the whole network starts as the
  identity (Goyal et al. 2017, section 5.1);
- a shortcut that halves the picture averages four pixels instead of taking one of them (He et al.
  2018, "Bag of Tricks", ResNet-D);
- small pictures are not shrunk before the first stage: the stem is one 3 x 3 convolution (He et al.
  2015, section 4.2), with a stride from 64 pixels on and pooling besides from 160 on.

Cost: 141 million multiply-adds at 32 x 32 or, with the stride, 64 x 64 pixels.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import torch.nn.functional as F
from torch import Tensor, nn

from olhar.errors import OlharError
from olhar.nets.blocks import conv_norm, head, initialize

if TYPE_CHECKING:
    from collections.abc import Sequence


class ResNet(nn.Module):
    """A stem, for each width a stage of residual blocks, the mean over all positions, dense.

    It takes images of any size, and is best at those of the size it was trained on.

    Args:
        outputs: how many numbers come out.
        size: height and width of the images in training; decides the stem.
        widths: channels of each stage; every stage but the first halves the picture.
        depth: blocks in a stage. Four stages of 2 are ResNet-18, with half its widths.
        dropout: share of the features that are silenced in training.

    Example:
        >>> import torch
        >>> ResNet(10, (32, 32), widths=(8, 16))(torch.rand(2, 3, 40, 24)).shape
        torch.Size([2, 10])
    """

    def __init__(
        self,
        outputs: int,
        size: tuple[int, int],
        *,
        widths: Sequence[int] = (32, 64, 128, 256),
        depth: int = 2,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        side = min(size)
        stem: list[nn.Module] = [*conv_norm(3, widths[0], stride=1 if side < 64 else 2), nn.ReLU()]
        if side >= 160:
            stem.append(nn.MaxPool2d(3, 2, 1))
        self.stem = nn.Sequential(*stem)
        blocks: list[nn.Module] = []
        for stage, (inputs, width) in enumerate(pairwise((widths[0], *widths))):
            blocks.append(Block(inputs, width, stride=1 if stage == 0 else 2))
            blocks += [Block(width, width) for _ in range(depth - 1)]
        self.blocks = nn.Sequential(*blocks)
        initialize(self)
        for block in blocks:
            assert isinstance(block, Block)
            nn.init.zeros_(block.norm2.weight)
        self.head = head(widths[-1], outputs, dropout)
        self._least = 2 ** (len(widths) - 1)

    def forward(self, batch: Tensor) -> Tensor:
        """(N, 3, H, W) -> (N, outputs)."""
        if min(batch.shape[-2:]) < self._least:
            raise OlharError(
                f"images of {batch.shape[-1]} x {batch.shape[-2]} pixels are smaller than the "
                f"{self._least} x {self._least} that this network's stages need; enlarge them"
            )
        x = self.stem(batch)  # (N, widths[0], H/s, W/s), s = 1, 2, 4 by size
        x = self.blocks(x)  # (N, widths[-1], H/s/2**(stages-1), ...)
        x = x.mean((2, 3))  # (N, widths[-1])
        return self.head(x)


class Block(nn.Module):
    """x + f(x), f two convolutions (He et al. 2015, figure 2); with a stride x is averaged down."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1, self.norm1 = conv_norm(inputs, outputs, stride=stride)
        self.conv2, self.norm2 = conv_norm(outputs, outputs)
        shortcut: list[nn.Module] = []
        if stride > 1:
            shortcut.append(nn.AvgPool2d(stride, ceil_mode=True))
        if inputs != outputs:
            shortcut += conv_norm(inputs, outputs, kernel=1)
        self.shortcut = nn.Sequential(*shortcut)

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, outputs, H/stride, W/stride), rounded up."""
        y = F.relu(self.norm1(self.conv1(x)))  # (N, outputs, H/stride, W/stride)
        y = self.norm2(self.conv2(y))
        return F.relu(self.shortcut(x) + y)
