"""Colours that stay with what they belong to while it moves: a mean along optical flow.

A network that looks at one frame at a time guesses anew each time, and the guesses flicker. Here
the colours of a frame are the mean of its own guess and those of the frames before and after,
fetched along the flow; a frame further away counts `KEPT` times as much. With g the guess, W the
fetching and c in [0, 1] how far a pixel's flow can be trusted, colours, chroma and weights follow

    s[t] = (g[t], |g[t]|, 1) + KEPT c W s[t-1]

over the whole past of a shot, and backwards over at most `AHEAD` frames of its future, so that the
first frames of a shot are as steady as the others. Where something comes into view c is 0, and the
guess alone counts. c is the forward-backward check of `olhar.media.flow` times how well lightness,
freed of a flicker of the exposure, agrees along the flow. Where guesses differ in hue their mean
is duller than each of them, so it is brought back to their mean chroma, within limits.

Cost: two flows and `AHEAD` + 1 fetches on the small copy that the network saw, some 40 ms a frame
at 160 x 213 on one core. Memory: `AHEAD` + 1 small frames, whatever the length.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

import torch
from torch import Tensor
from torch.nn import functional as F

from olhar.media.flow import flow, occlusion, warp

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

AHEAD = 8
"""Frames that are looked at before one is given out."""
KEPT = 0.95
"""How much a frame counts in its neighbour."""

_ALIKE = 8.0  # a difference of L* along a flow at which it is trusted by 1 / e
_LEAST = 0.15  # mean trust below which two frames show different things: an overlooked cut
_RESTORED = 1.5  # times that a mean's chroma is raised at most
_FLAT = 1.0  # deviation of L* below which a frame shows nothing

T = TypeVar("T")


@dataclass(frozen=True)
class Guess(Generic[T]):
    """What was guessed of one frame."""

    frame: T
    """What the colours are for; handed through."""
    light: Tensor
    """(1, h, w) float32, L* in [0, 100] of a small copy."""
    ab: Tensor
    """(2, h, w) float32, a* and b* of this frame alone."""
    first: bool
    """Whether a shot begins with it."""


def steady(guesses: Iterable[Guess[T]]) -> Iterator[tuple[T, Tensor]]:
    """Make guesses agree along the motion within each shot.

    Args:
        guesses: in order of time; within a shot all of one size. Taken one by one, `AHEAD` in
            advance.

    Yields:
        Each frame with its colours, (2, h, w). Those of a shot are what they would be were it the
        whole film; a shot of a single frame keeps its guess.
    """
    source = iter(guesses)
    window: deque[_Seen[T]] = deque()  # the frame that is next, and those after it
    last: Guess[T] | None = None
    past: Tensor | None = None  # (4, h, w): sums of colours and chroma, and their weight
    while True:
        while len(window) <= AHEAD and (guess := next(source, None)) is not None:
            window.append(_Seen(guess, None if guess.first else last))
            last = guess
        if not window:
            return
        now = window.popleft()
        past = now.own if past is None or now.back is None else now.own + now.back.fetch(past)
        total = past + _future(window)
        yield now.guess.frame, _mean(total)


def _mean(total: Tensor) -> Tensor:
    """(4, h, w) sums -> (2, h, w) a* and b* of the mean hue and chroma."""
    ab, chroma = total[:2] / total[3:], total[2:3] / total[3:]
    short = chroma / _chroma(ab).clamp_min(1e-6)
    return ab * short.clamp(1, _RESTORED)


def _chroma(ab: Tensor) -> Tensor:
    return ab.square().sum(0, keepdim=True).sqrt()


def _future(window: Iterable[_Seen[T]]) -> Tensor | float:
    """The sums that the later frames of a shot hold for the one before the window, (4, h, w)."""
    shot: list[_Seen[T]] = []
    for seen in window:
        if seen.forth is None:
            break
        shot.append(seen)
    total: Tensor | float = 0.0
    for seen in reversed(shot):
        assert seen.forth is not None
        total = seen.forth.fetch(seen.own + total)
    return total


class _Seen(Generic[T]):
    """A frame and its ties to the one before, None where they show different things."""

    def __init__(self, guess: Guess[T], before: Guess[T] | None) -> None:
        self.guess = guess
        chroma = _chroma(guess.ab)
        self.own = torch.cat([guess.ab, chroma, torch.ones_like(chroma)])  # (4, h, w)
        self.back: _Tie | None = None
        """To fetch from the frame before."""
        self.forth: _Tie | None = None
        """To fetch from this frame into the one before."""
        if before is not None:
            here, there = (
                (each.light / 100).clamp(0, 1).expand(3, -1, -1) for each in (guess, before)
            )
            back, forth = flow(here, there), flow(there, here)
            ties = (
                _Tie(back, _trust(guess.light, before.light, back, forth)),
                _Tie(forth, _trust(before.light, guess.light, forth, back)),
            )
            if sum(float(tie.trust.mean()) for tie in ties) / 2 > _LEAST:
                self.back, self.forth = ties


class _Tie(NamedTuple):
    """Where the pixels of a frame are found in a neighbour, and how much that counts."""

    flow: Tensor  # (2, h, w)
    trust: Tensor  # (1, h, w) in [0, 1]

    def fetch(self, total: Tensor) -> Tensor:
        """(4, h, w) sums of the neighbour -> (4, h, w)."""
        return KEPT * self.trust * warp(total, self.flow)


def _trust(here: Tensor, there: Tensor, forward: Tensor, backward: Tensor) -> Tensor:
    """How far each pixel's flow to a neighbour can be trusted.

    Args:
        here: (1, h, w) L*.
        there: (1, h, w) L* of the neighbour.
        forward: (2, h, w) flow from here to there.
        backward: (2, h, w) flow from there to here.

    Returns:
        (1, h, w), 0 where the neighbour does not show what is here, to 1.
    """
    hidden = occlusion(forward, backward, boundaries=False).float()
    hidden = F.max_pool2d(hidden, 3, 1, 1)  # fetching mixes neighbours
    fetched = warp(there, forward)
    gain = here.std() / fetched.std().clamp_min(_FLAT)
    apart = here - here.mean() - gain * (fetched - fetched.mean())
    apart = F.avg_pool2d(apart, 3, 1, 1, count_include_pad=False)  # of things, not of grain
    return (1 - hidden) * (-(apart / _ALIKE).square()).exp()
