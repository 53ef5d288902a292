"""Faces of two people, given out in pairs: one of each, bent, and as they are.

Nothing ties the two of a pair together; they are learned at once because one pass through the
encoder costs less than two. Every choice is a function of (seed, epoch, index).

Cost on one core: 1 ms a face at 112 pixels, most of it sampling.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from olhar.data.dataset import Batch, Dataset
from olhar.data.photometry import light, recolor
from olhar.data.random import Draws, permutation
from olhar.faceswap import warp
from olhar.faceswap.network import SIDES
from olhar.faceswap.warp import Palette

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

    from olhar.faceswap.bank import Bank

_ROOM = 2 << 30  # bytes of the faces of one person that may lie on a GPU


@dataclass(frozen=True, kw_only=True)
class Variety:
    """How the faces of a training are varied."""

    bend: float
    mirror: bool
    color: float
    palette: float
    evenly: float


class Pairs(Dataset):
    """Pairs of faces.

    A batch holds for a, and likewise for b:

        a         (N, 3, S, S)   what is shown: bent, and perhaps in the colours of b
        a_face    (N, 3, S, S)   what is asked for
        a_mask    (N, 1, S, S)   which pixels of it are face
        a_parts   (N, 1, S, S)   which are eyes and mouth

    Args:
        a: the faces of one person.
        b: of the other.
        size: side S.
        variety: how they are varied; only in a training.
        seed: with the epoch and the index it decides everything.
    """

    def __init__(self, a: Bank, b: Bank, size: int, variety: Variety, seed: int) -> None:
        self.banks = {"a": a, "b": b}
        self.size, self.variety, self.seed = size, variety, seed
        self._chances = {s: bank.chances(variety.evenly) for s, bank in self.banks.items()}
        self._moved: dict[tuple[str, torch.device], Tensor] = {}

    def __len__(self) -> int:
        return max(map(len, self.banks.values()))

    def batch(
        self,
        indices: NDArray[np.int64],
        *,
        epoch: int | None = None,
        device: torch.device | str = "cpu",
    ) -> Batch:
        """See `Dataset.batch`; without an epoch nothing is varied, and a few are spread widely."""
        found: Batch = {}
        for side, other in zip(SIDES, SIDES[::-1], strict=True):
            if epoch is None:
                rows = self._spread(side, indices)
                faces = self._faces(side, rows, device)
                straight = shown = warp.views(faces, _still(len(rows)).to(device), None, self.size)[
                    0
                ]
                shown = shown[:, :3]
            else:
                draws = Draws(self.seed * 2 + (side == "b"), epoch, indices)
                rows = self._drawn(side, draws)
                faces = self._faces(side, rows, device)
                shown, straight = self._varied(side, other, faces, rows, draws)
            found |= {
                side: shown,
                f"{side}_face": straight[:, :3],
                f"{side}_mask": straight[:, 3:4],
                f"{side}_parts": straight[:, 4:],
            }
        return found

    def _faces(self, side: str, rows: NDArray[np.int64], device: Any) -> Tensor:
        return (
            self._pixels(side, torch.device(device))[torch.from_numpy(rows)]
            .to(device)
            .float()
            .div_(255)
        )

    def _pixels(self, side: str, device: torch.device) -> Tensor:
        """Those of all faces of a side: on the device, unless they would fill it."""
        pixels = self.banks[side].pixels
        if device.type != "cuda" or pixels.nbytes > _ROOM:
            return pixels
        if (side, device) not in self._moved:
            self._moved[side, device] = pixels.to(device)
        return self._moved[side, device]

    def _spread(self, side: str, indices: NDArray[np.int64]) -> NDArray[np.int64]:
        """Faces of a side, in one order for both, so that each is met if it can be."""
        place = permutation(len(self), self.seed, 0)[indices] + 0.5
        return (place * len(self.banks[side]) / len(self)).astype(np.int64)

    def _drawn(self, side: str, draws: Draws) -> NDArray[np.int64]:
        """Faces of a side by chance, all poses alike or less so."""
        chances = draws.uniform(1, "face")[0]
        return np.asarray(np.searchsorted(self._chances[side], chances, "right"), np.int64)

    def _varied(
        self, side: str, other: str, faces: Tensor, rows: NDArray[np.int64], draws: Draws
    ) -> tuple[Tensor, Tensor]:
        """What is shown (N, 3, S, S) and what is asked for (N, 5, S, S)."""
        how, device = self.variety, faces.device
        place = warp.placed(draws, mirror=how.mirror).to(device)
        moved = warp.bent(draws, how.bend, self.size, device) if how.bend else None
        shown, straight = warp.views(faces, place, moved, self.size)
        shown, asked = shown[:, :3], straight[:, :3]
        if how.palette:
            far = len(self.banks[other]) * draws.uniform(1, "whose palette")[0]
            own = _colors(self.banks[side].colors, rows, device)
            theirs = _colors(self.banks[other].colors, far.astype(np.int64), device)
            share = torch.from_numpy(warp.shares(draws, how.palette)).to(device)
            shown = warp.repainted(shown, own, theirs, share)
        if how.color:
            both = recolor(torch.cat([shown, asked], 2).contiguous(), light(how.color, 0.0, draws))
            shown, asked = both[:, :, : self.size], both[:, :, self.size :]
        return shown, torch.cat([asked, straight[:, 3:]], 1)


def _still(count: int) -> Tensor:
    return torch.eye(2, 3).repeat(count, 1, 1)


def _colors(colors: Palette, rows: NDArray[np.int64], device: Any) -> Palette:
    at = torch.from_numpy(rows)
    return Palette(*(each[at].to(device) for each in colors))
