"""A convolutional network: blocks of convolution and pooling, then dense (LeCun et al. 1998).

A convolution looks for the same small pattern everywhere, pooling forgets where exactly it was.
Each block halves the picture, so what a later block sees as its 3 x 3 pixels is ever more of it.
Two convolutions per block and doubling widths are the manner of VGG (Simonyan and Zisserman 2014).

Cost: 107 million multiply-adds for an image of 64 x 64 pixels.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from torch import Tensor, nn

from olhar.errors import OlharError
from olhar.nets.blocks import conv_norm, head, initialize

if TYPE_CHECKING:
    from collections.abc import Sequence


class CNN(nn.Module):
    """For each width a block: convolution, normalisation, ReLU, some times over; max-pooling.

    Args:
        outputs: how many numbers come out.
        size: height and width of the images, the only ones it takes; each side is at least 2 to
            the power of the number of blocks.
        widths: channels of each block; if not given, as many of 32, 64, 128 and 256 as the images
            are large enough for.
        depth: convolutions in a block.
        dense: units of the dense layer after the blocks.
        dropout: share of the dense layer's units that are silenced in training.

    Raises:
        OlharError: if the images are too small for so many blocks.

    Example:
        >>> import torch
        >>> CNN(10, (32, 32), widths=(16, 32))(torch.rand(2, 3, 32, 32)).shape
        torch.Size([2, 10])
    """

    def __init__(
        self,
        outputs: int,
        size: tuple[int, int],
        *,
        widths: Sequence[int] = (),
        depth: int = 2,
        dense: int = 256,
        dropout: float = 0.3,
    ) -> None:
        super().__init__()
        halvings = min(size).bit_length() - 1
        widths = widths or (32, 64, 128, 256)[: max(1, halvings)]
        least = 2 ** len(widths)
        if min(size) < least:
            raise OlharError(
                f"{len(widths)} widths make {len(widths)} blocks, which need images of {least} x "
                f"{least} pixels or more, and not of {size[1]} x {size[0]}; give fewer widths"
            )
        self.size = size
        self.blocks = nn.Sequential(
            *(_block(inputs, width, depth) for inputs, width in pairwise((3, *widths)))
        )
        positions = (size[0] // least) * (size[1] // least)
        self.dense = nn.Sequential(
            nn.Flatten(), nn.Linear(widths[-1] * positions, dense), nn.ReLU()
        )
        initialize(self)
        self.head = head(dense, outputs, dropout)

    def forward(self, batch: Tensor) -> Tensor:
        """(N, 3, H, W) -> (N, outputs)."""
        if batch.shape[-2:] != self.size:
            raise OlharError(
                f"this network takes images of {self.size[1]} x {self.size[0]} pixels, and not of "
                f"{batch.shape[-1]} x {batch.shape[-2]}; resize them, or use a resnet"
            )
        x = self.blocks(batch)  # (N, widths[-1], H / 2**blocks, W / 2**blocks)
        x = self.dense(x)  # (N, dense)
        return self.head(x)


def _block(inputs: int, width: int, depth: int) -> nn.Sequential:
    """(N, inputs, H, W) -> (N, width, H/2, W/2)."""
    layers: list[nn.Module] = []
    for number in range(depth):
        layers += [*conv_norm(width if number else inputs, width), nn.ReLU()]
    return nn.Sequential(*layers, nn.MaxPool2d(2))
