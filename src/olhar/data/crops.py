"""Pieces of photographs: what networks learn from that work on photographs of any size.

A piece is copied, pixel by pixel as it is, or is a larger piece made smaller: its details are
sharper then, its colours finer, and what JPEG did to the photograph is averaged away. It may be
turned and mirrored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from olhar.data.dataset import Batch, Dataset
from olhar.data.random import Draws
from olhar.errors import OlharError
from olhar.media.picture import resize

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from olhar.data.images import Rows


class Crops(Dataset):
    """A batch has "image" (N, 3, S, S) float32 in [0, 1] and "index" (N,).

    Args:
        cache: photographs of one size.
        rows: (N,) which of them.
        size: side S of the pieces, in pixels.
        side: of the photographs.
        scales: by how much pieces are made smaller, one as likely as another; those that the
            photographs are too small for are left out.
        seed: which of the many possible pieces.

    Raises:
        OlharError: if the photographs are smaller than the pieces.
    """

    def __init__(
        self,
        cache: Rows,
        rows: NDArray[np.int64],
        *,
        size: int,
        side: int,
        scales: Sequence[float] = (1.0, 0.75, 0.5),
        seed: int = 0,
    ) -> None:
        if size > side:
            raise OlharError(
                f"pieces of {size} x {size} pixels cannot be taken of photographs of {side}; "
                f"give larger photographs or --size {side // 8 * 8 or side}"
            )
        self.cache, self.rows, self.size, self.side, self.seed = cache, rows, size, side, seed
        windows = [w for scale in scales if (w := round(size / scale)) <= side]
        self._windows = windows or [side]

    def __len__(self) -> int:
        return len(self.rows)

    def batch(
        self,
        indices: NDArray[np.int64],
        *,
        epoch: int | None = None,
        device: torch.device | str = "cpu",
    ) -> Batch:
        """Pieces at random; from the middle, as they are, without an epoch."""
        pixels = self.cache.rows(self.rows[indices])  # (N, side, side, 3)
        draws = Draws(self.seed, epoch or 0, indices).uniform(6, "crops").T
        if epoch is None:
            draws = np.full_like(draws, 0.5)
            draws[:, 0] = 0
        pieces = [self._piece(each, row) for each, row in zip(pixels, draws, strict=True)]
        return {"image": torch.stack(pieces).to(device), "index": torch.from_numpy(indices)}

    def _piece(self, pixels: NDArray[np.uint8], draws: NDArray[np.float64]) -> torch.Tensor:
        scale, down, right, turn, mirror, swap = draws.tolist()
        window = self._windows[int(scale * len(self._windows))]
        top, left = (int(place * (self.side - window + 1)) for place in (down, right))
        piece = torch.from_numpy(pixels[top : top + window, left : left + window].copy())
        piece = piece.permute(2, 0, 1).float() / 255  # (3, window, window)
        if window != self.size:
            piece = resize(piece, (self.size, self.size))
        for flipped, axis in ((turn, 1), (mirror, 2)):
            piece = piece.flip(axis) if flipped > 0.5 else piece
        return piece.mT if swap > 0.5 else piece
