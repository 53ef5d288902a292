"""The same face from frame to frame, and steady points on it.

A face goes on a track if it lies on the one of the frame before; a track that is lost for a while
goes on where it was. The points then pass a filter that is slow for what stands still and quick for
what moves (Casiez, Roussel and Vogel 2012, "1 euro filter"): a low-pass filter whose cutoff rises
with speed, so that it neither trembles nor lags. Speed is counted in widths of the face, so that
near and distant faces are treated alike.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import torch
from torch import Tensor

from olhar.errors import OlharError
from olhar.faceswap.detect import area, shared
from olhar.faceswap.landmarks import boxes_of

_HELD = 0.5
"""Seconds for which a lost track waits."""
_SAME = 0.3
"""Intersection over union of two boxes of the same face."""


@dataclass(frozen=True, kw_only=True)
class Smooth:
    """How steady the points are held."""

    cutoff: float = 1.5
    """What is slower than this many hertz passes when the face stands still."""
    speed: float = 6.0
    """By how many hertz the cutoff rises for a speed of one width of the face a second."""
    derivative: float = 1.0
    """The cutoff for the speed itself, in hertz."""

    def __post_init__(self) -> None:
        if self.cutoff <= 0 or self.derivative <= 0 or self.speed < 0:
            raise OlharError(f"{self}: cutoffs must be above 0 and speed must not be below")


class OneEuro:
    """The filter of one set of values.

    Example:
        >>> steady = OneEuro(Smooth())
        >>> values = [steady(torch.tensor([x]), x / 25, unit=1.0) for x in (0.0, 1.0)]
        >>> [round(float(value), 2) for value in values]
        [0.0, 0.89]
    """

    def __init__(self, settings: Smooth) -> None:
        self._settings = settings
        self._time = 0.0
        self._value: Tensor | None = None
        self._speed: Tensor | None = None

    def __call__(self, value: Tensor, seconds: float, unit: float) -> Tensor:
        """Filter the next values.

        Args:
            value: of any shape, always the same; the last axis is one vector.
            seconds: the time, later than that of the values before.
            unit: what counts as one unit of length.

        Returns:
            The same shape.
        """
        step = seconds - self._time
        self._time = seconds
        if self._value is None or self._speed is None or step <= 0:
            self._value, self._speed = value, torch.zeros_like(value)
            return value
        s = self._settings
        speed = (value - self._value) / step
        self._speed = torch.lerp(self._speed, speed, _share(s.derivative, step))
        fast = self._speed.square().sum(-1, keepdim=True).sqrt() / unit
        cutoff = s.cutoff + s.speed * fast
        self._value = torch.lerp(self._value, value, _share(cutoff, step))
        return self._value


def _share(cutoff: float | Tensor, step: float) -> Tensor:
    """How much of a new value a low-pass filter of first order takes."""
    constant = 2 * math.pi * step * torch.as_tensor(cutoff)
    return constant / (constant + 1)


@dataclass
class _Track:
    number: int
    box: Tensor
    seconds: float
    filter: OneEuro = field(repr=False)


class Tracker:
    """Gives faces numbers that stay, frame by frame, and holds their points steady."""

    def __init__(self, smooth: Smooth | None = None, first: int = 0) -> None:
        """Begin.

        Args:
            smooth: how steady; None leaves the points as they are.
            first: the number of the first track.
        """
        self._smooth = smooth
        self._next = first
        self._tracks: list[_Track] = []

    def cut(self) -> None:
        """Forget all faces: another shot begins."""
        self._tracks = []

    def __call__(self, points: Tensor, seconds: float) -> tuple[list[int], Tensor]:
        """Take the next frame.

        Args:
            points: (F, 468, 3) of its faces.
            seconds: when it is shown.

        Returns:
            The track of each face, and their points held steady.
        """
        self._tracks = [t for t in self._tracks if seconds - t.seconds <= _HELD]
        boxes = boxes_of(points) if len(points) else points.new_zeros(0, 4)
        numbers, steady = [-1] * len(points), points.clone()
        for face, track in self._pairs(boxes):
            self._take(face, track, boxes, seconds, numbers, steady)
        for face, number in enumerate(numbers):
            if number < 0:
                track = _Track(self._next, boxes[face], seconds, OneEuro(self._smooth or Smooth()))
                self._next += 1
                self._tracks.append(track)
                self._take(face, track, boxes, seconds, numbers, steady)
        return numbers, steady

    def _take(
        self,
        face: int,
        track: _Track,
        boxes: Tensor,
        seconds: float,
        numbers: list[int],
        steady: Tensor,
    ) -> None:
        track.box, track.seconds = boxes[face], seconds
        numbers[face] = track.number
        if self._smooth:
            width = float((track.box[2:] - track.box[:2]).max())
            steady[face] = track.filter(steady[face], seconds, max(width, 1.0))

    def _pairs(self, boxes: Tensor) -> list[tuple[int, _Track]]:
        """Which face goes on which track: those that overlap most first."""
        if not self._tracks or not len(boxes):
            return []
        known = torch.stack([track.box for track in self._tracks])
        return [(a, self._tracks[b]) for a, b in matched(boxes, known)]


def matched(a: Tensor, b: Tensor) -> list[tuple[int, int]]:
    """Pairs of boxes (A, 4) and (B, 4) of the same faces, those that overlap most first."""
    both = shared(a, b)
    ratio = both / (area(a)[:, None] + area(b) - both).clamp_min(1e-6)
    pairs: list[tuple[int, int]] = []
    while ratio.numel() and float(ratio.max()) > _SAME:
        i, j = divmod(int(ratio.argmax()), ratio.shape[1])
        pairs.append((i, j))
        ratio[i], ratio[:, j] = -1, -1
    return pairs
