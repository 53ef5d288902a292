"""Pictures in rows, as a person looks at what a network makes."""

from __future__ import annotations

import torch
from torch import Tensor

_PAPER = (0xFA / 255, 0xF8 / 255, 0xF4 / 255)
_LEAST = 64
"""Side of a tile, in pixels: smaller pictures are enlarged by a whole number, pixel by pixel."""


def enlarged(images: Tensor, least: int = _LEAST) -> Tensor:
    """(N, 3, S, S) -> (N, 3, k S, k S), the smallest whole k by which a side is `least` or more."""
    factor = -(-least // images.shape[-1])
    return images.repeat_interleave(factor, 2).repeat_interleave(factor, 3)


def grid(images: Tensor, columns: int, gap: int = 2) -> Tensor:
    """Lay pictures out in rows, from left to right and from top to bottom.

    Args:
        images: (N, 3, S, S) in [0, 1], at least one.
        columns: how many to a row.
        gap: pixels between two, in the colour of paper.

    Returns:
        (3, H, W) in [0, 1].

    >>> grid(torch.rand(5, 3, 64, 64), 3).shape
    torch.Size([3, 134, 200])
    """
    tiles = enlarged(images)
    side, rows = tiles.shape[-1], -(-len(tiles) // columns)
    paper = torch.tensor(_PAPER, device=tiles.device).view(3, 1, 1)
    sheet = paper.repeat(1, rows * (side + gap) + gap, columns * (side + gap) + gap)
    for number, tile in enumerate(tiles):
        y, x = (gap + at * (side + gap) for at in divmod(number, columns))
        sheet[:, y : y + side, x : x + side] = tile
    return sheet
