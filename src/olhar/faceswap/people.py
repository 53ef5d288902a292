"""Whose faces they are: tracks that look alike are one person's, those seen together are not.

Each track is described by the mean appearance of a few of its faces that look straight ahead. The
longest tracks come first; each joins the person that it is most like, or is a new one. Two tracks
that are ever in the same frame are two people, whatever they look like.

A single picture says too little for that: photographs of one person in two lights differ as much as
two people do in one. So a face that is alone in its photograph is taken for the person, of those
known, that it is most like; only where several are in one must it be like somebody.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from torch import Tensor

ALIKE = 0.90
"""How alike two mean appearances must be, as the cosine of their angle, to be one person's."""
_ALIKE_ONCE = 0.85  # the same for a face in a photograph of several
_SHOWN, _FILMED = 6, 3


@dataclass
class Track:
    """What is known of a track."""

    count: int = 0
    """In how many frames it is."""
    person: int = 0
    """Whose it is, if that is known."""
    shown: list[tuple[float, str]] = field(default_factory=list[tuple[float, str]])
    """The crops that look straight ahead most, and by how many degrees they do not."""
    beside: set[int] = field(default_factory=set[int])
    """Tracks that were in the same frame."""

    def add(self, file: str, turned: float) -> None:
        """Take one of its faces: its crop, and by how many degrees it is turned away."""
        self.count += 1
        self.shown = sorted([*self.shown, (turned, file)])[:_SHOWN]


@dataclass
class _Person:
    total: Tensor
    tracks: set[int]


def group(tracks: Mapping[int, Track], look: Callable[[str], Tensor]) -> dict[int, int]:
    """Say whose each track is.

    Args:
        tracks: number of a track to what is known of it.
        look: the appearance of a crop.

    Returns:
        Number of a track to a person, from 1, the one that is seen most first; people who were
        known before keep their numbers.
    """
    known: dict[int, _Person] = {}
    order = sorted(tracks, key=lambda number: _turn(tracks[number]))
    free = max([0, *(track.person for track in tracks.values())])
    result: dict[int, int] = {}
    for number in order:
        track = tracks[number]
        mean = F.normalize(torch.stack([look(file) for _, file in track.shown]).mean(0), dim=0)
        person = track.person or _nearest(track, mean, known)
        if not person:
            free += 1
            person = free
        weight = mean * min(track.count, 100)
        if person in known:
            known[person].total += weight
            known[person].tracks.add(number)
        else:
            known[person] = _Person(weight, {number})
        result[number] = person
    return result


def _turn(track: Track) -> tuple[bool, int, bool]:
    """When it is a track's turn: whose is known, what was filmed, what is alone comes first."""
    filmed = track.count if track.count >= _FILMED else 0
    return not track.person, -filmed, bool(track.beside)


def _nearest(track: Track, mean: Tensor, known: Mapping[int, _Person]) -> int:
    """The person that a track is like, 0 if there is none."""
    least = ALIKE if track.count >= _FILMED else _ALIKE_ONCE if track.beside else 0.0
    best, found = least, 0
    for person, each in known.items():
        alike = float(mean @ F.normalize(each.total, dim=0))
        if alike >= best and not (each.tracks & track.beside):
            best, found = alike, person
    return found
