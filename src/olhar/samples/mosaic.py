"""Two fish in a Roman floor: rows of tesserae that follow the drawing (opus vermiculatum).

In each region of the drawing the level lines of the distance to its border are walked, and a stone is set
at every step, turned with the line. A stone that would overlap one already there is left out, smaller
ones go into the gaps, and grout fills what remains.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import cv2
import numpy as np

from olhar.samples.canvas import (
    Array,
    Ink,
    Rng,
    curve,
    fill,
    noise,
    relief,
    rgb,
    ribbon,
    sample,
    surface,
)
from olhar.samples.strokes import scatter

_M = 768  # side of the cartoon on which stones are planned
_STONE = 0.0128  # side of a stone

_SEA = (
    rgb("#0e3358", "#12406e", "#1a5585", "#24679a"),
    rgb("#237c96", "#2f8fa3", "#46a9b3", "#5fbcc0"),
    rgb("#86c3c4", "#a9d6cf", "#c9e4d6", "#e2ecd8"),
    rgb("#17587f", "#1f6f94", "#2c82a8", "#3a97b0"),
)
_DARK = rgb("#15202f", "#1b1a2c", "#2a2233", "#332c3c")
_PALE = rgb("#e2cfaa", "#eeddbd", "#f5ead2", "#fcf6e6")
_GOLD = rgb("#b86f14", "#d9962a", "#efbb3f", "#f9da78")
_ROSE = rgb("#c8603f", "#de8563", "#eba584", "#f6cbb0")
_TERRA = rgb("#84291c", "#a63e26", "#c25733", "#d98a52")
_MOSS = rgb("#2c4d2e", "#4a7538", "#6d9645", "#a3bf68")
_VIOLET = rgb("#40295c", "#5c3f7d", "#7d5a9c", "#a988b8")


@dataclass
class _Cartoon:
    """The drawing: a region number at every pixel, and the stones of each region."""

    regions: Ink = field(default_factory=lambda: np.zeros((_M, _M), np.uint8))
    stones: list[Array] = field(default_factory=list[Array])

    def draw(self, outline: Array, stones: Array) -> None:
        """A new region (k, 2) over what is there."""
        self.stones.append(stones)
        fixed = np.round(outline * _M - 0.5).astype(np.int32)
        cv2.fillPoly(self.regions, [fixed], len(self.stones) - 1)


def mosaic(rng: Rng, n: int) -> Array:
    """Lay it: (n, n, 3)."""
    cartoon = _Cartoon()
    _sea(cartoon)
    _weeds(cartoon)
    _fish(cartoon, (0.475, 0.305), (0.285, 0.285), 0.22, (_VIOLET, _GOLD, _TERRA))
    _fish(cartoon, (0.525, 0.705), (-0.285, 0.285), 0.22, (_MOSS, _ROSE, _GOLD))
    _border(cartoon)
    floor = _Floor(surface(n, *rgb("#837a6e")[0], 0.15), rng)
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
                floor.lay(at, angle, 1.0, row, np.broadcast_to(cartoon.stones[region], (len(at), 4, 3)))

    palettes = np.stack(cartoon.stones)
    down, right = np.gradient(cv2.GaussianBlur(depth, (0, 0), 2))
    for size in (0.8, 0.6, 0.45):  # smaller and smaller stones for what the rows left open
        places = scatter(rng, 0.55 * _STONE)
        free = cv2.distanceTransform(1 - floor.taken, cv2.DIST_L2, 5)
        places = places[sample(free, places) > 0.36 * size * _STONE * _M]
        angle = np.arctan2(sample(right, places), -sample(down, places))
        row = sample(depth, places) / (_STONE * _M) - 0.5
        floor.lay(places, angle, size, row, palettes[sample(cartoon.regions, places)])
    return _polish(floor.ink, rng)


def _sea(cartoon: _Cartoon) -> None:
    """Bands of waves, dark and light."""
    x = np.linspace(-0.02, 1.02, 120)
    for k in range(17):
        y = 0.02 + 0.0625 * k + 0.016 * np.sin(x * 15 + 1.7 * k) + 0.010 * np.sin(x * 31 + k)
        lower = np.asarray([(1.02, 1.1), (-0.02, 1.1)])
        edge = np.stack([x, y - 0.03], 1)
        cartoon.draw(np.concatenate([edge, lower]).astype(np.float32), _SEA[(k * 3 + k // 4) % 4])


def _weeds(cartoon: _Cartoon) -> None:
    """Coral and weed that grow from the corners, a starfish."""
    plants = (
        ([(0.06, 0.95), (0.12, 0.82), (0.09, 0.70), (0.15, 0.58)], 0.050, _TERRA),
        ([(0.10, 0.85), (0.18, 0.76), (0.19, 0.67)], 0.036, _TERRA),
        ([(0.20, 0.95), (0.245, 0.88), (0.22, 0.81), (0.27, 0.75)], 0.040, _MOSS),
        ([(0.94, 0.05), (0.88, 0.18), (0.91, 0.30), (0.85, 0.42)], 0.050, _MOSS),
        ([(0.90, 0.16), (0.82, 0.23), (0.81, 0.33)], 0.036, _MOSS),
        ([(0.80, 0.05), (0.755, 0.12), (0.78, 0.18), (0.73, 0.24)], 0.040, _TERRA),
    )
    for knots, width, stones in plants:
        taper = width * np.linspace(1, 0.45, 60, dtype=np.float32)
        cartoon.draw(ribbon(curve(knots, 60), taper), stones)
    for cx, cy, r in ((0.165, 0.475, 0.075), (0.845, 0.85, 0.080)):
        turn = np.linspace(0, 2 * np.pi, 80)
        reach = r * (0.62 + 0.38 * np.cos(5 * turn + 0.6))
        star = np.stack([cx + reach * np.cos(turn), cy + reach * np.sin(turn)], 1)
        cartoon.draw((star + (star - (cx, cy)) * 0.28).astype(np.float32), _PALE)
        cartoon.draw(star.astype(np.float32), _GOLD if cx < 0.5 else _ROSE)


def _fish(
    cartoon: _Cartoon,
    at: tuple[float, float],
    size: tuple[float, float],
    turn: float,
    coat: tuple[Array, Array, Array],
) -> None:
    """A fish that swims to the right, turned, then scaled: `coat` colours back, flank and fins."""
    back, flank, fins = coat
    cos, sin = np.cos(turn), np.sin(turn)

    def place(points: Array) -> Array:
        u, v = points.T
        turned = np.stack([u * cos - v * sin, u * sin + v * cos], 1)
        return (turned * size + at).astype(np.float32)

    def shape(knots: list[tuple[float, float]], stones: Array, grow: float = 0.0) -> None:
        outline = curve([*knots, knots[0]], 120)
        cartoon.draw(place(ribbon(outline, 2 * grow) if grow else outline), stones)

    upper = [(-0.78, -0.06), (-0.45, -0.26), (0.0, -0.42), (0.45, -0.36), (0.78, -0.16), (0.96, 0.05)]
    lower = [(0.80, 0.19), (0.45, 0.35), (0.0, 0.38), (-0.45, 0.22), (-0.78, 0.06)]
    tail = [(-0.72, 0.0), (-0.92, -0.16), (-1.26, -0.40), (-1.13, -0.02), (-1.28, 0.38), (-0.92, 0.16)]
    dorsal = [(0.42, -0.34), (0.20, -0.58), (-0.12, -0.60), (-0.52, -0.46), (-0.42, -0.24), (0.0, -0.34)]
    belly = [(0.25, 0.34), (0.02, 0.62), (-0.20, 0.58), (-0.14, 0.30)]
    body = [*upper, *lower]
    for knots in (tail, dorsal, belly, body):
        shape(knots, _PALE, 0.115)
    for knots in (tail, dorsal, belly, body):
        shape(knots, _DARK, 0.058)
    for knots in (tail, dorsal, belly):
        shape(knots, fins)
    shape(body, back)
    shape([(-0.76, 0.0), (-0.3, -0.16), (0.2, -0.22), (0.62, -0.12), (0.62, 0.22), (0.3, 0.35), (-0.3, 0.25)], flank)
    shape([(-0.6, 0.07), (-0.2, 0.08), (0.25, 0.10), (0.55, 0.16), (0.3, 0.33), (-0.3, 0.23)], _PALE)
    shape([(0.50, -0.33), (0.80, -0.14), (0.95, 0.05), (0.80, 0.18), (0.50, 0.33), (0.42, 0.0)], fins)
    shape([(0.53, -0.31), (0.47, 0.0), (0.53, 0.31), (0.43, 0.30), (0.37, 0.0), (0.43, -0.32)], _DARK)
    gill = [(0.22, 0.02), (0.05, -0.08), (-0.16, 0.02), (-0.04, 0.16), (0.16, 0.14)]
    shape(gill, _DARK, 0.05)
    shape(gill, fins)
    ring = np.linspace(0, 2 * np.pi, 40)
    for radius, stones in ((0.115, _PALE), (0.055, _DARK)):
        eye = np.stack([0.68 + radius * np.cos(ring), -0.06 + radius * np.sin(ring)], 1)
        cartoon.draw(place(eye.astype(np.float32)), stones)


def _border(cartoon: _Cartoon) -> None:
    """Frames one inside the other, and teeth of terracotta in the widest."""

    def frame(outer: float, inner: float, stones: Array) -> None:
        far, near = 1 - outer, 1 - inner
        for x0, y0, x1, y1 in (
            (outer, outer, far, inner),
            (outer, near, far, far),
            (outer, inner, inner, near),
            (near, inner, far, near),
        ):
            corners = [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
            cartoon.draw(np.asarray(corners, np.float32), stones)

    frame(-0.01, 0.0128, _DARK)
    frame(0.0128, 0.064, _PALE)
    frame(0.064, 0.077, _TERRA)
    for k in range(16):
        tooth = np.asarray([(k, 0.0), (k + 1, 0.0), (k + 0.5, 1.0)]) * (0.0609, 0.050)
        along = (tooth + (0.0128, 0.0128)).astype(np.float32)
        for side in (along, along[:, ::-1], 1 - along, (1 - along)[:, ::-1]):
            cartoon.draw(np.ascontiguousarray(side), _SEA[0] if k % 2 else _TERRA)


def _depth(mask: Ink) -> Array:
    """Distance of every pixel of a region from its border, in pixels; the mask's own edge is none."""
    padded = np.pad(mask, 1, mode="edge")
    return cv2.distanceTransform(padded, cv2.DIST_L2, 5)[1:-1, 1:-1].astype(np.float32)


def _rows(depth: Array, corner: tuple[int, int]) -> Iterator[tuple[Array, Array, Array]]:
    """Rows of stones along the border of a region, outermost first: places, directions, row numbers."""
    step = _STONE * _M
    for row in range(int(depth.max() / step) + 1):
        level = (depth > (row + 0.5) * step).astype(np.uint8)
        for contour in cv2.findContours(level, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)[0]:
            line = contour[:, 0].astype(np.float32) + corner
            if len(line) < 8:
                continue
            kernel = np.ones(7) / 7
            ring = np.concatenate([line[-3:], line, line[:4]])  # closed, and smoothed over 7 px
            line = np.stack([np.convolve(axis, kernel, "valid") for axis in ring.T], 1)
            walked = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
            count = max(round(walked[-1] / step), 1)
            marks = (np.arange(count) + 0.5) * walked[-1] / count
            here, ahead, behind = (
                np.stack([np.interp(marks + shift, walked, axis) for axis in line.T], 1)
                for shift in (0, 3, -3)
            )
            turn = np.arctan2(*(ahead - behind).T[::-1])
            yield ((here + 0.5) / _M).astype(np.float32), turn, np.full(count, float(row))


@dataclass
class _Floor:
    """What has been laid: the picture, and which places are taken (on the scale of the cartoon)."""

    ink: Ink
    rng: Rng
    taken: Ink = field(default_factory=lambda: np.zeros((_M, _M), np.uint8))

    def lay(self, at: Array, angle: Array, size: float, row: Array, stones: Array) -> None:
        """Lay stones one after the other, each unless its place is taken.

        Args:
            at: (k, 2).
            angle: (k,) radians.
            size: relative to `_STONE`.
            row: (k,) later rows take later colours.
            stones: (k, 4, 3) the colours to choose from.
        """
        k = len(at)
        side = size * _STONE
        chance = self.rng.random((k, 16)).astype(np.float32)
        cos, sin = np.cos(angle), np.sin(angle)
        turn = np.stack([cos, sin, -sin, cos], 1).reshape(k, 2, 2)
        square = np.asarray([(-1, -1), (1, -1), (1, 1), (-1, 1)], np.float32)
        half = side * (0.47 + 0.05 * chance[:, None, :2])
        chipped = (chance[:, 2:10].reshape(k, 4, 2) - 0.5) * 0.16 * side
        corners = (at[:, None] + (square * half + chipped) @ turn).astype(np.float32)

        which = np.clip(row + 2.4 * (chance[:, 10] - 0.4), 0, 3).astype(int)
        colours = stones[np.arange(k), which] * (0.88 + 0.22 * chance[:, 11:12])
        colours = colours + (chance[:, 12:15] - 0.5) * 0.07
        paint = np.concatenate([colours, 0.6 + 0.35 * chance[:, 15:]], 1)
        cores = np.round((at[:, None] + (corners - at[:, None]) * 0.78) * _M - 0.5).astype(np.int32)
        low = np.clip(cores.min(1), 0, _M - 1)
        high = np.clip(cores.max(1) + 1, low + 1, _M)
        for i, ((left, top), (right, bottom)) in enumerate(zip(low.tolist(), high.tolist(), strict=True)):
            window = self.taken[top:bottom, left:right]
            stamp = np.zeros_like(window)
            cv2.fillConvexPoly(stamp, cores[i] - low[i], 1)
            if not (stamp & window).any():
                window |= stamp
                fill(self.ink, corners[i], paint[i])


def _polish(ink: Ink, rng: Rng) -> Array:
    """Edges worn round, grain of stone and grout, light from the upper left."""
    n = len(ink)
    paint = ink.astype(np.float32) / 255
    height = cv2.GaussianBlur(paint[..., 3], (0, 0), 0.0013 * n)
    grain = noise(rng, n, 90, 4, 0.75)
    veins = np.exp(-((noise(rng, n, 22, 4) * 4) ** 2))
    shade, shine = relief(height + 0.008 * grain, 0.50, gloss=0.10)
    light = shade * (1 + 0.05 * grain + 0.08 * veins)
    return np.clip(paint[..., :3] * light[..., None] + shine[..., None], 0, 1)
