"""Shot boundaries of a video, found while it streams.

Within a shot, motion explains the next frame: follow the flow and the picture is there. Across a
cut it explains nothing, whatever the colours do. So two frames are compared by how much of the
second the first explains: the share of pixels whose flow comes back to where it started and whose
brightness, freed of exposure, agrees with what the flow fetched. On real clips a cut leaves 88 to
100 % unexplained and everything else less than 50 %; differences of histograms or pixels, the usual
measures (Hanjalic 2002, "Shot-boundary detection: unraveled and resolved?"), overlap there.

Three things that look like cuts are told apart by looking a few frames ahead: a flash or a hand
before the lens (the picture comes back), a whip pan (the frames after explain each other no better)
and a fade (blank frames belong to the shot before; the shot after starts with its first picture).
Long dissolves have no first frame and are not found.
Cost: 6 ms a frame on one core, and 5 more to shrink it where it is 1280x720.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import torch
from torch.nn import functional as F

from olhar.media.flow import flow, occlusion, warp

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from torch import Tensor

AHEAD = 3
"""Frames that are read before one is given out."""

_SIDE = 96  # pixels of the longer side on which frames are compared
_CUT = 0.6  # unexplained share above which two frames may be of different shots
_MARGIN = 0.25  # by which a cut must exceed the change from frame to frame beside it
_RECOLOURED = 0.5  # share of pixels of another colour that makes any unexplained change a cut
_BLANK = 0.02  # standard deviation of brightness below which a frame shows nothing
_FADE = 8  # blank frames after which whatever comes is a new shot


def shots(frames: Iterable[Tensor]) -> Iterator[tuple[Tensor, bool]]:
    """Say of each frame whether a shot begins with it.

    Args:
        frames: images (3, H, W) in [0, 1] in order of time; taken one by one, `AHEAD` in advance.

    Yields:
        Each image as it came, and True if it is the first of its shot (as the very first one is).

    >>> x, y = torch.arange(64.0).view(1, 64), torch.arange(48.0).view(48, 1)
    >>> one, other = ((x / 5).sin() * (y / 7).cos()), ((x * y / 99).sin())
    >>> frames = [(0.5 + wave / 2).expand(3, 48, 64) for wave in [one] * 5 + [other] * 5]
    >>> [first for _, first in shots(frames)].index(True, 1)
    5
    """
    source = iter(frames)
    read: deque[tuple[Tensor, _Glance]] = deque()
    shot = _Shot()
    while True:
        while len(read) <= AHEAD and (image := next(source, None)) is not None:
            read.append((image, _Glance(image)))
        if not read:
            return
        image, glance = read.popleft()
        yield image, shot.begins(glance, [each for _, each in read])


class _Glance:
    """What is compared of a frame: small, grey, and freed of exposure."""

    def __init__(self, image: Tensor) -> None:
        height, width = image.shape[1:]
        scale = min(1.0, _SIDE / max(height, width))
        size = (max(8, round(height * scale)), max(8, round(width * scale)))
        small = F.interpolate(image.detach().float()[None], size, mode="area")[0].cpu()
        red, green, blue = small
        luma = 0.299 * red + 0.587 * green + 0.114 * blue
        contrast = float(luma.std())
        self.blank = contrast < _BLANK
        # Standardised, but for the noise of frames that are nearly blank.
        grey = (luma - luma.mean()) / max(contrast, 3 * _BLANK)
        self.grey = grey.clamp(-2.5, 2.5)[None]  # (1, h, w)
        levels = torch.stack((luma, 0.5 + (red - luma) * 0.7, 0.5 + (blue - luma) * 0.55))
        bins = (levels.clamp(0, 0.999) * 8).long()  # (3, h, w)
        counts = torch.bincount((bins[0] * 64 + bins[1] * 8 + bins[2]).flatten(), minlength=512)
        self.colours = counts / counts.sum()  # (512,)

    def unexplained(self, before: _Glance) -> float:
        """Share of this frame that motion from another one does not account for, 0 to 1."""
        if self.grey.shape != before.grey.shape:
            return 1.0
        here, there = (
            (0.5 + each.grey / 5.2).expand(3, -1, -1) for each in (self, before)
        )  # within [0, 1], as flow needs it
        back, forth = flow(here, there, "medium"), flow(there, here, "medium")
        lost = occlusion(back, forth, boundaries=False)
        lost |= (warp(before.grey, back) - self.grey).abs() > 0.5
        return float(lost.float().mean())

    def recoloured(self, before: _Glance) -> float:
        """Share of pixels whose colour the other frame does not have, 0 to 1."""
        return 1 - float(torch.minimum(self.colours, before.colours).sum())


class _Shot:
    """The shot that is being watched, and whether the next frame still belongs to it."""

    def __init__(self) -> None:
        self.before: _Glance | None = None  # the frame before
        self.past: deque[_Glance] = deque(maxlen=AHEAD + 1)  # the latest that showed the shot
        self.pace = 0.0  # what was unexplained from frame to frame
        self.blanks = 0  # blank frames since the latest in `past`

    def begins(self, now: _Glance, ahead: Sequence[_Glance]) -> bool:
        """Whether a new shot begins with `now`, of which the frames after are `ahead`."""
        before, self.before = self.before, now
        if now.blank:
            self.blanks += 1
            return before is None
        first = not self.past or self.blanks > _FADE
        step = 0.0 if before is None or before.blank else now.unexplained(before)
        if not first and (self.blanks or step > _CUT):
            past = list(self.past)[::-1]
            change = min(now.unexplained(each) for each in past)
            if change > _CUT:
                shown = [each for each in ahead if not each.blank]
                if any(each.unexplained(past[0]) <= _CUT for each in shown):
                    return False  # it passes: a flash, a hand before the lens
                after = shown[0].unexplained(now) if shown else 0.0
                isolated = change - max(self.pace, after) > _MARGIN
                first = isolated or now.recoloured(past[0]) > _RECOLOURED
        if first:
            self.past.clear()
        self.past.append(now)
        self.pace = 0.0 if first else step
        self.blanks = 0
        return first
