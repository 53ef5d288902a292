"""1797 handwritten digits of 8 x 8 pixels: small enough to ship, and real.

E. Alpaydin and C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning
Repository 1998, doi:10.24432/C50P49, CC BY 4.0; `tools/pack_digits.py` made the picture of them.
People wrote them in order, a few rows each, so neighbours are often by the same hand: `split` keeps
hands apart, more or less, by cutting the rows in three.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from olhar.data.dataset import Datasets
from olhar.data.images import Images

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from olhar.data.augment import Augment

SIDE = 8
COUNT = 1797
_FILE = Path(__file__).with_name("digits.png")


def digits() -> tuple[Tensor, Tensor]:
    """All of them, in the order of the source.

    Returns:
        (1797, 1, 8, 8) float32 in [0, 1], ink is 1; and (1797,) int64, which digit each is.

    >>> image, target = digits()
    >>> image.shape, target[:10].tolist()
    (torch.Size([1797, 1, 8, 8]), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    """
    with Image.open(_FILE) as atlas:
        labels = str(atlas.info["labels"])
        levels = torch.from_numpy(np.array(atlas))  # (rows * 8, columns * 8), 0 to 240
    rows, columns = (side // SIDE for side in levels.shape)
    tiles = levels.reshape(rows, SIDE, columns, SIDE).transpose(1, 2)
    image = tiles.reshape(-1, 1, SIDE, SIDE)[:COUNT].float() / 240
    return image, torch.tensor([int(label) for label in labels])


def split() -> dict[str, tuple[Tensor, Tensor]]:
    """The digits in three parts: to learn from, to choose by, to measure with at the end.

    Returns:
        "train" (1000), "validation" (397) and "test" (400), each as of `digits`.

    >>> [len(target) for _, target in split().values()]
    [1000, 397, 400]
    """
    image, target = digits()
    cuts = {"train": slice(0, 1000), "validation": slice(1000, 1397), "test": slice(1397, COUNT)}
    return {part: (image[rows], target[rows]) for part, rows in cuts.items()}


def pictures(image: Tensor, size: int = SIDE) -> Tensor:
    """Digits (N, 1, 8, 8) as olhar takes pictures: (N, 3, size, size), ink dark on light paper."""
    big = F.interpolate(image, (size, size), mode="bilinear", align_corners=False)
    return (1 - big).expand(-1, 3, -1, -1)


class _Memory:
    """Pictures that are in memory already."""

    def __init__(self, pixels: NDArray[np.uint8]) -> None:
        self.pixels = pixels

    def __len__(self) -> int:
        return len(self.pixels)

    def rows(self, indices: NDArray[np.int64]) -> NDArray[np.uint8]:
        """(N, H, W, 3)."""
        return self.pixels[indices]


def datasets(augment: Augment | None = None, *, most: int = COUNT, size: int = SIDE) -> Datasets:
    """The digits as `olhar.fit(recipe, run, data=datasets())` takes them.

    Args:
        augment: how those that are learned from vary.
        most: how many to learn from.
        size: side of the pictures.
    """
    parts: dict[str, Images] = {}
    for part, (image, target) in split().items():
        learned = part == "train"
        rows = min(most, len(target)) if learned else len(target)
        levels = pictures(image[:rows], size).mul(255).round().byte()
        parts[part] = Images(
            _Memory(np.ascontiguousarray(levels.permute(0, 2, 3, 1).numpy())),
            np.arange(rows),
            target[:rows].numpy(),
            classes=10,
            size=size,
            augment=augment if learned else None,
        )
    return Datasets(
        train=parts["train"],
        validation=parts["validation"],
        test=parts["test"],
        classes=tuple("0123456789"),
        described=f"{len(parts['train']):,} of 1,797 handwritten digits (Alpaydin and Kaynak 1998)",
        fingerprint=f"digits {len(parts['train'])} {size}",
    )
