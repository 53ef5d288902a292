"""The blocks that BlazeFace and FaceMesh are built of: depthwise, pointwise, and what came in.

Tensors are padded as TensorFlow's "SAME" does where the networks were trained so: with a stride of
2 the odd pixel goes to the right and the bottom.
"""

from __future__ import annotations

from typing import cast

import torch.nn.functional as F
from torch import Tensor, nn


class Block(nn.Module):
    """`active(shortcut + pointwise(depthwise(x)))`; a stride of 2 pools the shortcut.

    Where there are more outputs than inputs, the shortcut has zeros for them.
    """

    def __init__(self, inputs: int, outputs: int, stride: int = 1, *, slopes: bool = False) -> None:
        super().__init__()
        self.stride = stride
        self.depthwise = nn.Conv2d(
            inputs, inputs, 3, stride, 1 if stride == 1 else 0, groups=inputs
        )
        self.pointwise = nn.Conv2d(inputs, outputs, 1)
        self.active = nn.PReLU(outputs) if slopes else nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, H, W) to (N, outputs, H/stride, W/stride)."""
        if self.stride == 1:
            y = self.pointwise(self.depthwise(x))
        else:
            y = self.pointwise(self.depthwise(strided(x, 3)))
            x = F.max_pool2d(x, 2)
        y[:, : x.shape[1]] += x  # in place, here and below: the time goes into moving memory
        return cast("Tensor", self.active(y))


class Double(nn.Module):
    """Two depthwise convolutions around a bottleneck, and what came in."""

    def __init__(self, channels: int, narrow: int) -> None:
        super().__init__()
        self.layers = _two(channels, channels, narrow, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(N, channels, H, W) to the same."""
        return F.relu(self.layers(x).add_(x), inplace=True)


class Down(nn.Module):
    """The same without what came in, at half the size."""

    def __init__(self, inputs: int, outputs: int, narrow: int) -> None:
        super().__init__()
        self.layers = _two(inputs, outputs, narrow, 2)

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, H, W) to (N, outputs, H/2, W/2)."""
        return F.relu(self.layers(x), inplace=True)


def _two(inputs: int, outputs: int, narrow: int, stride: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, inputs, 3, stride, 1, groups=inputs),
        nn.Conv2d(inputs, narrow, 1),
        nn.ReLU(inplace=True),
        nn.Conv2d(narrow, narrow, 3, 1, 1, groups=narrow),
        nn.Conv2d(narrow, outputs, 1),
    )


def strided(x: Tensor, kernel: int) -> Tensor:
    """Pad even sides for a convolution of stride 2, as TensorFlow does."""
    return F.pad(x, ((kernel - 2) // 2, (kernel - 1) // 2) * 2)
