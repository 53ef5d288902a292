"""The pictures of a folder, as squares that a network looks at; those that cannot be read aside."""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from olhar.data.geometry import as_float
from olhar.data.squares import Fit, square
from olhar.errors import OlharError
from olhar.media.files import reason, shown
from olhar.media.image import READABLE, WRITABLE
from olhar.media.walk import walk

AT_ONCE = 64
"""How many are read and looked at together."""


def pictures(folder: Path, failed: dict[Path, str]) -> list[Path]:
    """All below a folder, but for what olhar keeps there.

    Args:
        folder: where to look.
        failed: gets what cannot be looked into, and why.

    Raises:
        OlharError: if it is no folder, or holds no pictures.
    """
    if not folder.is_dir():
        raise OlharError(f"{shown(folder)} is no folder; give a folder of pictures")
    found: list[Path] = []
    for each in walk(folder, folder / ".olhar"):
        if isinstance(each, OSError):
            failed[folder / str(each.filename)] = f"{shown(each.filename)}: {reason(each)}"
        elif each.suffix.lower() in READABLE:
            found.append(folder / each)
    if not found and not failed:
        raise OlharError(f"there are no pictures in {shown(folder)}")
    return found


def check_drawing(target: str | Path) -> None:
    """Refuse a name that no picture can be written under, before the work is done.

    Raises:
        OlharError: if its suffix is of no picture.
    """
    if Path(target).suffix.lower() not in WRITABLE:
        raise OlharError(
            f"{shown(target)} is no name of a picture; end it in .png or another of "
            f"{', '.join(sorted(WRITABLE))}"
        )


def squares(files: list[Path], size: int, fit: Fit, failed: dict[Path, str]) -> dict[Path, Tensor]:
    """Those that can be read, as batches of one: (1, 3, size, size) in [0, 1].

    Args:
        files: which.
        size: side, in pixels.
        fit: what becomes of pictures that are no squares.
        failed: gets those that cannot be read, and why.
    """
    found: dict[Path, Tensor] = {}
    for file in files:
        try:
            pixels = torch.from_numpy(np.array(square(file, size, fit)))
            found[file] = as_float(pixels.permute(2, 0, 1)[None])
        except OlharError as error:
            failed[file] = str(error)
    return found
