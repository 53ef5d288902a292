"""The faces of one person, as a training holds them: 8 bits each, with what is face and what eyes.

A face of 150 pixels takes 110 KB here, five bytes a pixel. Which of them are never trained on is
decided by time: frames beside each other are nearly the same picture, so of every film one stretch
is held out, and not frames by chance, which would measure what was learned by heart.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from olhar.data.random import uniform
from olhar.errors import OlharError
from olhar.faceswap import masks, records
from olhar.faceswap.advice import Tally
from olhar.faceswap.align import apply
from olhar.faceswap.warp import Palette, palette
from olhar.media.files import shown
from olhar.media.image import read, resize
from olhar.media.progress import bar

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from olhar.faceswap.records import Face

_LEAST = 2  # faces of a side: one to learn, one held out
_AT_ONCE = 64
_BIN = 10.0  # degrees of yaw that count as one pose


@dataclass(frozen=True)
class Bank:
    """Faces of one person."""

    pixels: Tensor
    """(N, 5, R, R) uint8: red, green, blue, the hull of the face, the eyes and the mouth."""
    yaws: NDArray[np.float64]
    """(N,) degrees; positive if it looks to the right of the picture."""
    colors: Palette
    """Of the face in each."""

    def __len__(self) -> int:
        return len(self.pixels)

    def part(self, rows: NDArray[np.int64]) -> Bank:
        """Some of them."""
        at = torch.from_numpy(rows)
        colors = Palette(*(each[at] for each in self.colors))
        return Bank(self.pixels[at], self.yaws[rows], colors)

    def chances(self, evenly: float) -> NDArray[np.float64]:
        """(N,), rising to 1: where a number between 0 and 1 falls chooses a face.

        Args:
            evenly: 0 as often as they were filmed, 1 all poses alike.
        """
        bins = np.floor(self.yaws / _BIN).astype(np.int64)
        _, which, count = np.unique(bins, return_inverse=True, return_counts=True)
        weight = count[which] ** -evenly
        total = np.cumsum(weight)
        return total / total[-1]


@dataclass(frozen=True)
class Person:
    """A face set, read and split."""

    train: Bank
    held_out: Bank
    tally: Tally
    notes: tuple[str, ...]
    hash: str


def person(folder: Path, side: str, size: int, share: float, seed: int) -> Person:
    """Read a face set.

    Of several people in it the one that is seen most counts.

    Args:
        folder: of the set.
        side: what a sentence calls it.
        size: side R that the faces are brought to.
        share: how much of each film is held out.
        seed: says which stretch.

    Raises:
        OlharError: if it is no face set, or holds fewer than two faces.
    """
    faces = [*records.read(folder)]
    people = Counter(face.person for face in faces)
    chosen = people.most_common(1)[0][0] if people else 0
    faces = [face for face in faces if face.person == chosen]
    if len(faces) < _LEAST:
        raise OlharError(
            f"{shown(folder)} has {len(faces)} faces, and a side of a face swap needs {_LEAST} at "
            "least, some hundreds to be good; olhar faces adds those of another film"
        )
    notes: list[str] = []
    if len(people) > 1:
        notes.append(
            f"{side} holds {len(people)} people, of whom person {chosen} is learned, who is seen "
            "most; olhar faces --person chooses another"
        )
    tally, digest = Tally(), blake2b(f"{size} {share} {seed}".encode(), digest_size=16)
    pixels = torch.empty(len(faces), 5, size, size, dtype=torch.uint8)
    with bar(f"reading {side}", total=len(faces)) as update:
        for row, face in enumerate(faces):
            pixels[row], crop = _looked_at(folder, face, size)
            tally.add(face, crop)
            digest.update(pixels[row].numpy().tobytes())
            update(row + 1)
    out = held_out(faces, share, seed)
    yaws = np.array([face.yaw for face in faces])
    whole = Bank(pixels, yaws, _colors(pixels))
    train, held = (whole.part(np.flatnonzero(which)) for which in (~out, out))
    return Person(train, held, tally, tuple(notes), digest.hexdigest())


def held_out(faces: Sequence[Face], share: float, seed: int) -> NDArray[np.bool_]:
    """(N,): which faces are never trained on, a stretch of each film and one of the photographs.

    Args:
        faces: in order of source and frame.
        share: how long a stretch is, of a film; one face at least is left on either side.
        seed: says where it lies.
    """
    frames: dict[str, set[int]] = defaultdict(set)
    for face in faces:
        frames[face.source].add(face.frame)
    groups: dict[str, list[int]] = defaultdict(list)
    for row, face in enumerate(faces):
        groups[face.source if len(frames[face.source]) > 1 else ""].append(row)
    found = np.zeros(len(faces), np.bool_)
    for number, rows in enumerate(groups.values()):
        count = min(max(1, round(share * len(rows))), len(rows) - 1)
        place = uniform(seed, 0, np.array([number]), 1, "held out")[0, 0]
        start = int(place * (len(rows) - count + 1))
        found[rows[start : start + count]] = True
    if not found.any():  # a photograph for a film
        found[-1] = True
    return found


def _looked_at(folder: Path, face: Face, size: int) -> tuple[Tensor, int]:
    """The five planes of a crop (5, size, size), and how wide it is."""
    crop = read(folder / face.file).image
    side = crop.shape[-1]
    points = apply(face.transform, face.landmarks) * (size / side)
    planes = [
        resize(crop, (size, size)),
        *(f(points, size, size) for f in (masks.hull, masks.parts)),
    ]
    return (torch.cat(planes).clamp(0, 1) * 255).round().byte(), side


def _colors(pixels: Tensor) -> Palette:
    steps = (pixels[start : start + _AT_ONCE] / 255 for start in range(0, len(pixels), _AT_ONCE))
    parts = [palette(some[:, :3], some[:, 3:4]) for some in steps]
    return Palette(*(torch.cat(each) for each in zip(*parts, strict=True)))
