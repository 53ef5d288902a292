"""Setting stones: how a drawing becomes a floor of tesserae (opus vermiculatum).

In each region of the drawing the level lines of the distance to its border are walked, and a stone
is set at every step, turned with the line. A stone that would overlap one already there is left
out, smaller ones go into the gaps, and grout fills what remains.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import cv2
import numpy as np

from olhar.samples.canvas import (
    Array,
    Ink,
    Rng,
    along,
    blurred,
    fill,
    lengths,
    noise,
    relief,
    sample,
    surface,
    whole,
)
from olhar.samples.strokes import scatter

STONE = 0.0128
"""Side of a stone, as a share of the picture's."""
_M = 768  # side of the cartoon, on which stones are planned


@dataclass
class Cartoon:
    """The drawing: a region number at every pixel, and the four colours of each region's stones."""

    regions: Ink = field(default_factory=lambda: np.zeros((_M, _M), np.uint8))
    stones: list[Array] = field(default_factory=list[Array])

    def draw(self, outline: Array, stones: Array) -> None:
        """A new region (k, 2) over what is there; its stones (4, 3) from its border inwards."""
        self.stones.append(stones)
        cv2.fillPoly(self.regions, [whole(self.regions, outline)], (len(self.stones) - 1,))


def pave(cartoon: Cartoon, rng: Rng, n: int, grout: Array) -> Array:
    """Lay the floor: (n, n, 3)."""
    floor = _Floor(surface(n, *grout, 0.15), rng)
    depth = np.zeros((_M, _M), np.float32)
    for region in reversed(range(len(cartoon.stones))):  # what was drawn last is laid first
        mask = (cartoon.regions == region).astype(np.uint8)
        x, y, w, h = cv2.boundingRect(mask)
        if w and h:
            x, y = max(x - 1, 0), max(y - 1, 0)
            part = slice(y, y + h + 2), slice(x, x + w + 2)
            inward = _depth(mask[part])
            depth[part] += inward
            for at, angle, row in _rows(inward, (x, y)):
                colours = np.broadcast_to(cartoon.stones[region], (len(at), 4, 3))
                floor.lay(at, angle, row, colours)

    palettes = np.stack(cartoon.stones)
    down, right = np.gradient(blurred(depth, 2 / _M))
    for size in (0.8, 0.6, 0.45):  # smaller and smaller stones for what the rows left open
        places = scatter(rng, 0.55 * STONE)
        free = cv2.distanceTransform(1 - floor.taken, cv2.DIST_L2, 5)
        places = places[sample(free, places) > 0.36 * size * STONE * _M]
        angle = np.arctan2(sample(right, places), -sample(down, places))
        row = sample(depth, places) / (STONE * _M) - 0.5
        floor.lay(places, angle, row, palettes[sample(cartoon.regions, places)], size)
    return _polish(floor.ink, rng)


def _depth(mask: Ink) -> Array:
    """Distance of each pixel of a region from its border, in pixels; the mask's edge is none."""
    padded = np.pad(mask, 1, mode="edge")
    return cv2.distanceTransform(padded, cv2.DIST_L2, 5)[1:-1, 1:-1].astype(np.float32)


def _rows(depth: Array, corner: tuple[int, int]) -> Iterator[tuple[Array, Array, Array]]:
    """Rows of stones along the border of a region, outermost first: places, angles, row numbers."""
    step = STONE * _M
    smoothing = np.ones(7) / 7
    for row in range(int(depth.max() / step) + 1):
        level = (depth > (row + 0.5) * step).astype(np.uint8)
        for contour in cv2.findContours(level, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)[0]:
            line = contour[:, 0] + np.asarray(corner)
            if len(line) < 8:
                continue
            closed = np.concatenate([line[-3:], line, line[:4]])
            x, y = (np.convolve(closed[:, axis], smoothing, "valid") for axis in (0, 1))
            line = np.stack([x, y], 1)
            walked = np.concatenate([[0], np.cumsum(lengths(np.diff(line, axis=0)))])
            count = max(round(float(walked[-1]) / step), 1)
            marks = (np.arange(count) + 0.5) * walked[-1] / count
            here, ahead, behind = (along(line, walked, marks + shift) for shift in (0, 3, -3))
            turn = np.arctan2(ahead[:, 1] - behind[:, 1], ahead[:, 0] - behind[:, 0])
            yield (here + 0.5) / _M, turn, np.full(count, float(row))


@dataclass
class _Floor:
    """What has been laid: the picture, and which places are taken on the scale of the cartoon."""

    ink: Ink
    rng: Rng
    taken: Ink = field(default_factory=lambda: np.zeros((_M, _M), np.uint8))

    def lay(self, at: Array, angle: Array, row: Array, colours: Array, size: float = 1.0) -> None:
        """Lay stones one after the other, each unless its place is taken.

        Args:
            at: (k, 2).
            angle: (k,) radians.
            row: (k,) later rows take later colours.
            colours: (k, 4, 3) to choose from.
            size: relative to `STONE`.
        """
        k = len(at)
        side = size * STONE
        chance = self.rng.random((k, 16))
        cos, sin = np.cos(angle), np.sin(angle)
        turn = np.stack([cos, sin, -sin, cos], 1).reshape(k, 2, 2)
        square = np.asarray([(-1, -1), (1, -1), (1, 1), (-1, 1)])
        half = side * (0.47 + 0.05 * chance[:, None, :2])
        chipped = (chance[:, 2:10].reshape(k, 4, 2) - 0.5) * 0.16 * side
        corners = at[:, None] + (square * half + chipped) @ turn  # (k, 4, 2)

        which = np.clip(row + 2.4 * (chance[:, 10] - 0.4), 0, 3).astype(int)
        tint = colours[np.arange(k), which] * (0.88 + 0.22 * chance[:, 11:12])
        tint = tint + (chance[:, 12:15] - 0.5) * 0.07
        paint = np.concatenate([tint, 0.6 + 0.35 * chance[:, 15:]], 1)
        cores = whole(self.taken, at[:, None] + (corners - at[:, None]) * 0.78)
        low = np.clip(cores.min(1), 0, _M - 1)
        high = np.clip(cores.max(1) + 1, low + 1, _M)
        for i in range(k):
            (left, top), (right, bottom) = low[i], high[i]
            window = self.taken[top:bottom, left:right]
            stamp = np.zeros_like(window)
            cv2.fillConvexPoly(stamp, cores[i] - low[i], (1,))
            if not (stamp & window).any():
                window |= stamp
                fill(self.ink, corners[i], paint[i])


def _polish(ink: Ink, rng: Rng) -> Array:
    """Edges worn round, grain of stone and grout, light from the upper left."""
    n = len(ink)
    paint = ink.astype(np.float32) / 255
    grain = noise(rng, n, 90, 4, 0.75)
    veins = np.exp(-((noise(rng, n, 22, 4) * 4) ** 2))
    shade, shine = relief(blurred(paint[..., 3], 0.0013) + 0.008 * grain, 0.50, gloss=0.10)
    light = shade * (1 + 0.05 * grain + 0.08 * veins)
    return np.clip(paint[..., :3] * light[..., None] + shine[..., None], 0, 1)
