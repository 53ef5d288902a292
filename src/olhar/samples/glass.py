"""A window of stained glass: sunrise over hills and a river, tulips before it (after Tiffany).

Every region is cut into panes; between panes runs lead. Glass is never even: each pane has a tint
of its own, streaks in its own direction, ripples and seeds, and light gathers in its middle.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from olhar.samples.canvas import (
    Array,
    Rng,
    blurred,
    curve,
    grid,
    knots,
    mix,
    noise,
    profile,
    ramp,
    relief,
    resized,
    rgb,
    ribbon,
    smooth,
    whole,
)

_SKY = rgb("#fff3bd", "#ffdb63", "#fba63c", "#ee6a45", "#c74a80", "#7a3f9c", "#3a429f", "#1c2f80")
_HILLS = rgb("#0f6a62", "#1f8f57", "#77b63f", "#cfc83a", "#1c7590", "#34a394")
_WATER = rgb("#1450a8", "#2f92d4", "#93d6e0", "#e3f1d8", "#1b72bd")
_LEAVES = rgb("#0c5230", "#1e8440", "#62ae3c", "#b3cf45", "#e0a02a", "#c8452c")
_BARK = rgb("#4f2819", "#854522", "#b06c30")
_FRAME = rgb("#a81e30", "#1a3f98", "#e6ad2a", "#137050")
_BLOOMS = (
    rgb("#9c1030", "#da2440", "#f4657a"),
    rgb("#c06400", "#f7a21c", "#ffdd58"),
    rgb("#632090", "#a850c8", "#e8a8e4"),
)
_SUN = (0.36, 0.35)
_RIDGES = (
    knots("0 .60, .16 .55, .34 .62, .55 .57, .78 .50, 1 .56"),
    knots("0 .645, .25 .69, .5 .655, .75 .66, 1 .60"),
    knots("0 .76, .2 .735, .45 .80, .72 .745, 1 .79"),
)
_BOUGHS = (  # path, width at the root and at the tip
    (knots(".775 .83, .795 .68, .775 .55, .79 .40"), 0.052, 0.014),
    (knots(".785 .56, .72 .46, .685 .36"), 0.024, 0.009),
    (knots(".785 .52, .85 .42, .90 .33"), 0.022, 0.008),
    (knots(".788 .44, .765 .33, .775 .23"), 0.018, 0.007),
)
_PETAL = knots("0 1, .75 .75, .95 0, .80 -1.05, .35 -.35, .05 .2")  # the right-hand one of three
_MIDDLE = knots("0 .95, .46 .3, .34 -.45, 0 -1.15, -.34 -.45, -.46 .3")
Labels = NDArray[np.int32]


class _Window:
    """Panes as they are cut: a number at every pixel, the same number at every resolution."""

    def __init__(self, n: int) -> None:
        self.x, self.y = grid(n)
        self.labels: Labels = np.zeros((n, n), np.int32)
        self.paint: Array = np.zeros((n, n, 3), np.float32)
        self.next = 1

    def pane(self, outline: Array, colour: Array) -> None:
        """One pane of the given outline (k, 2), over what is there."""
        pixels = whole(self.labels, outline)
        cv2.fillPoly(self.labels, [pixels], (self.next,))
        cv2.fillPoly(self.paint, [pixels], colour.tolist())
        self.next += 1

    def cut(self, where: NDArray[np.bool_], cells: Labels, colour: Array) -> None:
        """Cut a region (n, n) along the borders between `cells` (0 to 1999)."""
        self.labels[where] = cells[where] + self.next
        self.paint[where] = colour[where]
        self.next += 2000


def glass(rng: Rng, n: int) -> Array:
    """Cut, lead and light it: (n, n, 3)."""
    window = _Window(n)
    warp = noise(rng, n, 3, 2)
    _sky(window, warp)
    _land(window, rng, warp)
    _tree(window, rng)
    _tulips(window, rng)
    _frame(window)
    return _light(window, rng)


def _sky(window: _Window, warp: Array) -> None:
    """Rays and rings around the sun."""
    dx, dy = window.x - _SUN[0], window.y - _SUN[1]
    d = np.hypot(dx, dy)
    around = (np.arctan2(dy, dx) / (2 * np.pi) + 0.5) * 22 + 0.12 * warp
    ray = np.floor(around).astype(np.int32) % 22
    outward = np.log(np.maximum(d, 1e-3) / 0.082) / np.log(1.42) + 0.5 * (ray % 2) + 0.18 * warp
    ring = np.where(d < 0.082, 0, 1 + np.floor(np.maximum(outward, 0))).astype(np.int32)
    ray = np.where(ring == 0, ray // 4 * 4, ray)
    ray = np.where(d < 0.040, 30, ray)
    colour = ramp(_SKY, d * 1.65 + 0.03 * warp + 0.05 * (ray % 3 - 1) * (ring > 0))
    window.cut(np.ones_like(ring, np.bool_), ring * 32 + ray, colour)


def _land(window: _Window, rng: Rng, warp: Array) -> None:
    """Three hills, one behind the other, and a river that winds between them."""
    x, y = window.x, window.y
    for k, ridge in enumerate(_RIDGES):
        depth = y - profile(ridge, x[0])
        across = np.floor(x * (8, 7, 6)[k] + (1.5, -2.0, 1.2)[k] * depth + 0.25 * warp + 0.37 * k)
        down = np.floor(np.maximum(depth, 0) / (0.05, 0.06, 0.075)[k] + 0.12 * warp)
        cells = (across + 20 * (down + 1) + 40).astype(np.int32)
        tints = rng.permutation(len(_HILLS))
        colour = _HILLS[tints[(across + 2 * down).astype(np.int32) % len(_HILLS)]]
        window.cut(depth > 0, cells, colour)
    _river(window, warp)


def _river(window: _Window, warp: Array) -> None:
    fall = window.y - 0.665
    middle = 0.50 + 0.10 * np.sin(fall * 17) - 0.25 * fall
    side = (window.x - middle) / (0.018 + 0.42 * np.maximum(fall, 0))
    flow = np.floor(np.maximum(fall, 0) * 30 + 0.45 * np.sin(side * 2.2) + 0.2 * warp)
    lane = np.floor(side * 1.0 + 0.5 * (flow % 2) + 4)
    colour = _WATER[(flow * 2 + lane * 3).astype(np.int32) % len(_WATER)]
    window.cut((fall > 0) & (np.abs(side) < 1), (flow * 10 + lane + 20).astype(np.int32), colour)


def _tree(window: _Window, rng: Rng) -> None:
    """A fruit tree on the right: foliage of leaf-sized panes, trunk and boughs over it."""
    x, y = window.x, window.y
    bumps = 0.018 * np.sin(9 * np.arctan2(y - 0.32, x - 0.79))
    crown = np.hypot((x - 0.79) * 1.02, y - 0.32) < 0.195 + bumps
    cells = _shards(rng, len(x), 26)
    tint = rng.integers(0, 10, 2000)[cells]
    window.cut(crown, cells, _LEAVES[np.where(tint > 7, tint - 4, tint % 4)])
    for k, (line, root, tip) in enumerate(_BOUGHS):
        path = curve(line, 48)
        for piece in range(4):
            part = slice(12 * piece, 12 * piece + 13)
            width = np.linspace(root, tip, 48)[part]
            window.pane(ribbon(path[part], width), _BARK[(piece + k) % 3])


def _tulips(window: _Window, rng: Rng) -> None:
    """A row of tulips in front, each of three petals over its leaves."""
    for k, cx in enumerate((0.115, 0.245, 0.365, 0.56, 0.685, 0.80, 0.905)):
        px, py = cx + rng.uniform(-0.012, 0.012), 0.815 + 0.05 * rng.uniform(-1, 1)
        size = 0.050 * rng.uniform(0.9, 1.15)
        for side in (-1, 1):
            tip = (px + side * rng.uniform(0.045, 0.075), py + rng.uniform(0.01, 0.06))
            blade = curve(np.asarray([(px, 1.0), (px + side * 0.035, py + 0.13), tip]), 30)
            width = 0.034 * np.sin(np.linspace(0.45, np.pi, 30))
            window.pane(ribbon(blade[:16], width[:16]), _LEAVES[k % 3])
            window.pane(ribbon(blade[15:], width[15:]), _LEAVES[(k + 1) % 4])
        stem = curve(np.asarray([(px, py), (px + 0.006, py + 0.1), (px, 1.0)]), 20)
        window.pane(ribbon(stem, 0.013), _LEAVES[2])
        place, petals = np.asarray((px, py)), _BLOOMS[k % 3]
        for side, tint in ((-1, petals[1]), (1, petals[0])):
            window.pane(curve(place + size * _PETAL * (side, 1), 40, closed=True), tint)
        window.pane(curve(place + size * _MIDDLE, 40, closed=True), petals[2])


def _frame(window: _Window) -> None:
    """Small squares of colour around it all."""
    x, y = window.x, window.y
    edge = np.minimum(np.minimum(x, 1 - x), np.minimum(y, 1 - y))
    across, down = np.floor(x * 26).astype(np.int32), np.floor(y * 26).astype(np.int32)
    colour = _FRAME[(across * 3 + down * 5) % len(_FRAME)]
    window.cut(edge < 1 / 26, across * 26 + down, colour)
    inner = (edge >= 1 / 26) & (edge < 1 / 26 + 0.015)
    beads = np.floor(np.where((x == edge) | (1 - x == edge), y, x) * 13).astype(np.int32)
    pale = np.broadcast_to(rgb("#f3e3b0"), window.paint.shape)
    window.cut(inner, beads + 20 * (x > y) + 40 * (x + y > 1), pale)


def _shards(rng: Rng, n: int, k: int) -> Labels:
    """Voronoi cells of k x k jittered points, numbered row by row: (n, n)."""
    axis = (np.arange(k) + 0.5) / k
    seeds = np.stack(np.meshgrid(axis, axis), -1).reshape(-1, 2)
    seeds += rng.uniform(-0.40, 0.40, seeds.shape) / k
    column, row = np.clip((seeds * n).astype(np.int32), 0, n - 1).T
    empty = np.ones((n, n), np.uint8)
    empty[row, column] = 0
    labels = cv2.distanceTransformWithLabels(empty, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)[
        1
    ]
    nearest = labels.astype(np.int32)
    name = np.zeros(int(nearest.max()) + 1, np.int32)
    name[nearest[row, column]] = np.arange(k * k)
    return name[nearest]


def _light(window: _Window, rng: Rng) -> Array:
    """Each pane's mean colour, with streaks, ripples and seeds; lead between, light from behind."""
    n, labels, x, y = len(window.x), window.labels, window.x, window.y
    flat = labels.ravel()
    count = np.maximum(np.bincount(flat), 1)
    channels = [np.bincount(flat, channel) / count for channel in window.paint.reshape(-1, 3).T]
    traits = rng.standard_normal((4096, 5)).astype(np.float32)
    each = np.arange(len(count)) % len(traits)
    tint = np.stack(channels, 1) * (1 + 0.10 * traits[each, :1]) + 0.035 * traits[each, 1:4]
    tint = tint.astype(np.float32)
    heading = 3 * traits[each, 4]

    edge = np.zeros((n, n), np.bool_)
    edge[:, 1:] |= labels[:, 1:] != labels[:, :-1]
    edge[1:] |= labels[1:] != labels[:-1]
    d = cv2.distanceTransform((~edge).astype(np.uint8), cv2.DIST_L2, 5).astype(np.float32) / n

    ripple, seeds = noise(rng, n, 14, 3), noise(rng, n, 110, 2)
    along = np.cos(heading)[labels] * x + np.sin(heading)[labels] * y
    phase = 240 * along + 2.2 * ripple
    streaks = 0.11 * np.sin(phase) + 0.08 * np.sin(2.7 * phase + 3 * ripple)
    cloudy = smooth(0.6, 2.0, np.sin(0.31 * phase + 1.7 * ripple) + 0.5 * ripple)
    behind = 0.94 + 0.34 * np.exp(-((np.hypot(x - _SUN[0], y - _SUN[1]) / 0.33) ** 2))
    gather = 0.60 + 0.54 * smooth(0, 0.020, d)
    shade, shine = relief(ripple + 0.2 * seeds, 0.15, gloss=0.04)
    light = gather * behind * (1 + streaks) * shade + 0.25 * smooth(2.3, 3.2, seeds)
    panes = mix(tint[labels], rgb("#fff4d8")[0], 0.30 * cloudy)
    panes = panes * light[..., None] + shine[..., None]

    half = 0.0036  # of the lead's width
    dome = np.sqrt(np.clip(1 - (d / half) ** 2, 0, 1))
    shade, shine = relief(dome, 0.35, gloss=0.35)
    lead = (0.10 + 0.05 * noise(rng, n, 80, 2)) * shade + shine
    metal = lead[..., None] * rgb("#c9ccd6")[0]
    picture = panes + (metal - panes) * smooth(half + 0.6 / n, half - 0.6 / n, d)[..., None]
    bloom = resized(blurred(resized(picture, 256), 1 / 64), n)
    return np.clip(picture + 0.20 * bloom, 0, 1).astype(np.float32)
