"""The receptive field: which square of a picture a place in a network's last maps can depend on.

Found by trying, for any architecture: rows of the picture are made "not a number", which whatever
depends on them becomes as well. If the rows up to one reach the middle of the maps, so do those up
to the next, so the first that does is found by halving. In float64, where convolutions are summed
as they are defined and not by tiles. Cost: some twenty forward passes of one picture.
"""

from __future__ import annotations

import copy
from bisect import bisect_left
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor, nn


@torch.no_grad()
def receptive_field(
    network: nn.Module, maps: Callable[[nn.Module, Tensor], Tensor], side: int
) -> int:
    """How many rows of a picture the middle of a network's maps depends on.

    Args:
        network: in evaluation mode; left as it was.
        maps: computes them with a network like it: (1, 3, S, S) to (1, C, h, w).
        side: S, of the pictures.

    Returns:
        From 1 to `side`, where it is the whole picture or more.
    """
    exact = copy.deepcopy(network).cpu().double().eval()

    def reached(first: int, last: int) -> bool:
        picture = torch.full((1, 3, side, side), 0.5, dtype=torch.float64)
        picture[:, :, first:last] = torch.nan
        found = maps(exact, picture)
        middle = found[0, :, found.shape[2] // 2, found.shape[3] // 2]
        return bool(middle.isnan().any())

    rows = range(side)
    first = bisect_left(rows, True, key=lambda row: reached(0, row + 1))
    last = side - 1 - bisect_left(rows, True, key=lambda row: reached(side - 1 - row, side))
    return last - first + 1
