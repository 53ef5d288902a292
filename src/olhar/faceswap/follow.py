"""Faces followed through a film: the same numbers, steady points, short gaps bridged.

`olhar.faceswap.finder` says what is in each frame and `olhar.faceswap.track` which face is which;
a cut begins anew. A face that is missed for a few frames (a blink of the detector, a hand that
passes) and comes back in the same shot is taken to have gone straight from where it was to where it
is. One that does not come back is gone, so nothing is ever drawn where nobody may be.

Memory: the frames of `finder`, and as many as a gap may be long.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

import torch

from olhar.faceswap.finder import see, see_frames
from olhar.faceswap.track import Tracker
from olhar.media.shots import shots

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from torch import Tensor

    from olhar.faceswap.detect import Find
    from olhar.faceswap.faces import Faces
    from olhar.faceswap.settings import Swap


class Followed(NamedTuple):
    """A face in a frame."""

    track: int
    """The same from frame to frame."""
    points: Tensor
    """(468, 3) in pixels, held steady."""


class Shown(NamedTuple):
    """A frame and who is in it."""

    image: Tensor
    """(3, H, W) in [0, 1]."""
    faces: list[Followed]
    """The largest first, those that were missed last."""


def pictured(image: Tensor, networks: Faces, find: Find) -> Shown:
    """The faces of one picture."""
    points = see(image, networks, find).points
    return Shown(image, [Followed(n, each) for n, each in enumerate(points)])


def followed(
    frames: Iterable[Tensor], networks: Faces, find: Find, settings: Swap, rate: float = 25.0
) -> Iterator[Shown]:
    """The faces of a film.

    Args:
        frames: images (3, H, W) in [0, 1] of one size, in order.
        networks: that find faces.
        find: what counts as one.
        settings: how steady, and how long a gap is bridged.
        rate: frames a second.

    Yields:
        Each frame, with its faces.
    """
    tracker = Tracker(settings.smooth)
    window: deque[Shown] = deque()
    latest: dict[int, tuple[int, Tensor]] = {}  # track to the last frame that it was in
    for number, (image, first, seen) in enumerate(see_frames(shots(frames), networks, find)):
        if first:
            tracker.cut()
            latest.clear()
        tracks, points = tracker(seen.points, number / rate)
        window.append(Shown(image, list(map(Followed, tracks, points))))
        for track, here in zip(tracks, points, strict=True):
            before, there = latest.get(track, (number, here))
            gap = number - before
            if 1 < gap <= settings.hold + 1:
                for step in range(1, gap):
                    between = torch.lerp(there, here, step / gap)
                    window[step - gap - 1].faces.append(Followed(track, between))
            latest[track] = number, here
        latest = {t: each for t, each in latest.items() if number - each[0] <= settings.hold}
        while len(window) > settings.hold + 1:
            yield window.popleft()
    yield from window
