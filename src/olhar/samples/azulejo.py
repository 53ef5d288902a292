"""A panel of Portuguese tiles: a caravel under the sun, cobalt and yellow on tin white.

Painted as a tile painter does: washes that pool at their edges, calligraphic outlines, hatching. The
brush leaves amounts of two oxides; the kiln turns them into colour, glaze, crackle and joints.
"""

from collections.abc import Callable, Sequence

import cv2
import numpy as np

from olhar.samples.canvas import (
    Array,
    Ink,
    Rng,
    curve,
    disc,
    fill,
    grid,
    mix,
    noise,
    ramp,
    relief,
    rgb,
    ribbon,
    smooth,
    surface,
)

_COBALT = rgb("#f3f1e6", "#d3dfea", "#9dbbdd", "#5c86c4", "#2c54a4", "#173484", "#0d1c58")
_YELLOW = rgb("#f5f0dc", "#f6d978", "#eeb32c", "#c9801a")
_TILES = 6
_DARK = (0.95, 0.0)  # oxide of cobalt, oxide of antimony

Knots = Sequence[tuple[float, float]]


class _Painter:
    """A brush over unfired tiles."""

    def __init__(self, rng: Rng, n: int) -> None:
        self.rng = rng
        self.ink: Ink = surface(n, 0.0, 0.0)

    def line(self, path: Array, width: float, oxide: Sequence[float] = _DARK) -> None:
        """A stroke that swells and thins with its direction and dies at its ends."""
        along = np.gradient(path, axis=0)
        lean = np.abs(np.sin(np.arctan2(along[:, 1], along[:, 0]) - 0.6))
        ends = np.sqrt(np.sin(np.linspace(0.12, np.pi - 0.12, len(path))))
        fill(self.ink, ribbon(path, (width * (0.45 + 0.75 * lean) * ends).astype(np.float32)), oxide)

    def shape(self, outline: Array, oxide: Sequence[float], width: float = 0.0042) -> None:
        """A wash with an outline."""
        fill(self.ink, outline, oxide)
        closed = np.concatenate([outline, outline[:2]])
        half = len(closed) // 2
        for part in (closed[: half + 2], closed[half:]):
            self.line(part, width)

    def hatch(self, outline: Array, angle: float, step: float, depth: float, amount: float) -> None:
        """Parallel strokes inside an outline, over the share `depth` of it that faces the angle."""
        low, high = outline.min(0), outline.max(0)
        centre, reach = (low + high) / 2, float(np.hypot(*(high - low))) / 2
        along = np.asarray((np.cos(angle), np.sin(angle)), np.float32)
        across = np.asarray((-along[1], along[0]), np.float32)
        stroke, mask = surface(len(self.ink), 0.0), surface(len(self.ink), 0.0)
        fill(mask, outline, (1.0,))
        t = np.linspace(-reach, reach, 12, dtype=np.float32)[:, None]
        for offset in np.arange(-reach, reach * (2 * depth - 1), step):
            bow = 0.06 * reach * np.sin(np.linspace(0, np.pi, 12, dtype=np.float32))[:, None]
            path = centre + along * t + across * (offset + bow + self.rng.normal(0, 0.1 * step))
            width = step * self.rng.uniform(0.25, 0.5)
            fill(stroke, ribbon(path.astype(np.float32), width), (amount,))
        inside = np.minimum(stroke, mask)[..., 0]
        np.maximum(self.ink[..., 0], inside, out=self.ink[..., 0])

    def spiral(self, at: tuple[float, float], r: float, start: float, turns: float, width: float, oxide: Sequence[float] = _DARK) -> None:
        """A scroll that winds in from radius r; negative turns wind the other way."""
        t = np.linspace(0, 1, 60)
        angle = start + 2 * np.pi * turns * t
        radius = r * (1 - 0.86 * t)
        path = np.stack([at[0] + radius * np.cos(angle), at[1] + radius * np.sin(angle)], 1)
        self.line(path.astype(np.float32), width, oxide)


def azulejo(rng: Rng, n: int) -> Array:
    """Paint and fire it: (n, n, 3)."""
    painter = _Painter(rng, n)
    _sun(painter)
    _clouds(painter)
    _shore(painter)
    _waves(painter, 0.60, 0.66, 2)
    _caravel(painter)
    _waves(painter, 0.70, 0.84, 5)
    _border(painter)
    return _fire(painter.ink, rng)


def _polygon(*knots: tuple[float, float]) -> Array:
    return np.asarray(knots, np.float32)


def _closed(*knots: tuple[float, float]) -> Array:
    return curve([*knots, knots[0]], 60)


def _sun(painter: _Painter) -> None:
    """A face with straight and wavy rays."""
    cx, cy, r = 0.725, 0.285, 0.062
    for k in range(16):
        a = 2 * np.pi * k / 16 + 0.1
        t = np.linspace(0, 1, 24, dtype=np.float32)
        sway = 0.010 * np.sin(t * 9) * (k % 2)
        reach = r * (1.12 + t * (1.05 if k % 2 else 0.75))
        path = np.stack([cx + reach * np.cos(a) - sway * np.sin(a), cy + reach * np.sin(a) + sway * np.cos(a)], 1)
        ray = ribbon(path.astype(np.float32), 0.020 * (1.03 - t))
        painter.shape(ray, (0.0, 0.75), 0.0028)
    turn = np.linspace(0, 2 * np.pi, 60)
    face = np.stack([cx + r * np.cos(turn), cy + r * np.sin(turn)], 1).astype(np.float32)
    painter.shape(face, (0.0, 0.55), 0.005)
    painter.hatch(face, 0.9, 0.0075, 0.42, 0.45)
    for side in (-1, 1):
        painter.line(curve([(cx + side * 0.038, cy - 0.014), (cx + side * 0.024, cy - 0.023), (cx + side * 0.008, cy - 0.016)], 20), 0.005)
        disc(painter.ink, (cx + side * 0.022, cy - 0.008), 0.0055, _DARK)
    painter.line(curve([(cx + 0.002, cy - 0.012), (cx - 0.006, cy + 0.012), (cx + 0.006, cy + 0.014)], 20), 0.004)
    painter.line(curve([(cx - 0.022, cy + 0.026), (cx, cy + 0.036), (cx + 0.022, cy + 0.026)], 20), 0.006)


def _clouds(painter: _Painter) -> None:
    """Scrolled clouds, each a row of curls over a flat foot; gulls."""
    for cx, cy, size in ((0.285, 0.235, 0.050), (0.50, 0.205, 0.034), (0.225, 0.395, 0.034), (0.775, 0.435, 0.036)):
        for k, (dx, dy, r) in enumerate(((-1.5, 0.2, 0.62), (1.6, 0.25, 0.60), (-0.75, -0.15, 0.85), (0.85, -0.1, 0.80), (0.05, -0.45, 1.0))):
            x, y = cx + dx * size, cy + dy * size
            turn = np.linspace(np.pi * 0.95, np.pi * 2.08, 40)
            bump = np.stack([x + r * size * np.cos(turn), y + r * size * np.sin(turn)], 1)
            foot = _polygon((x + r * size, cy + 0.55 * size), (x - r * size, cy + 0.55 * size))
            fill(painter.ink, np.concatenate([bump, foot]).astype(np.float32), (0.10, 0.0))
            painter.line(bump.astype(np.float32), 0.0050)
            painter.spiral((x + 0.1 * r * size, y), 0.62 * r * size, -0.4, 1.15 if k % 2 else -1.15, 0.0036, (0.62, 0.0))
        for k in range(5):
            y = cy + (0.55 + 0.17 * k) * size
            wide = (2.2 - 0.33 * k) * size
            painter.line(curve([(cx - wide, y), (cx, y + 0.10 * size), (cx + wide * 0.9, y)], 30), 0.0042, (0.75 - 0.1 * k, 0.0))
    for x, y, s in ((0.40, 0.335, 0.026), (0.455, 0.300, 0.019), (0.61, 0.40, 0.017), (0.34, 0.30, 0.015)):
        painter.line(curve([(x - s, y - 0.25 * s), (x - 0.45 * s, y - 0.45 * s), (x, y)], 20), 0.0052)
        painter.line(curve([(x, y), (x + 0.5 * s, y - 0.5 * s), (x + s, y - 0.2 * s)], 20), 0.0052)


def _shore(painter: _Painter) -> None:
    """Hills on both sides, a tower on the left."""
    for knots, tone in (
        ([(0.10, 0.63), (0.10, 0.505), (0.20, 0.475), (0.30, 0.53), (0.42, 0.60), (0.44, 0.63)], 0.30),
        ([(0.56, 0.63), (0.66, 0.575), (0.78, 0.535), (0.90, 0.50), (0.90, 0.63)], 0.22),
    ):
        hill = curve(knots, 60)
        painter.shape(hill, (tone, 0.0), 0.005)
        painter.hatch(hill, 0.45 if tone > 0.25 else -0.45, 0.011, 0.9, 0.55)
    x, foot = 0.245, 0.60
    for half, low, high in ((0.050, foot, 0.455), (0.034, 0.455, 0.385)):
        tower = _polygon((x - half, low), (x - half, high), (x + half, high), (x + half, low))
        painter.shape(tower, (0.12, 0.0), 0.0045)
        painter.hatch(_polygon((x + 0.2 * half, low), (x + 0.2 * half, high), (x + half, high), (x + half, low)), 1.57, 0.0065, 1.0, 0.62)
        for k in range(5):
            left = x - half * 1.12 + k * half * 0.50
            painter.shape(_polygon((left, high), (left, high - 0.017), (left + 0.26 * half, high - 0.017), (left + 0.26 * half, high)), (0.25, 0.3), 0.003)
        for k in (-1, 1):
            painter.shape(_closed((x + k * 0.45 * half - 0.006, (low + high) / 2 + 0.012), (x + k * 0.45 * half, (low + high) / 2 - 0.016), (x + k * 0.45 * half + 0.006, (low + high) / 2 + 0.012)), (0.9, 0.0), 0.002)
    painter.shape(_polygon((x, 0.37), (x, 0.325), (x + 0.045, 0.338), (x, 0.351)), (0.0, 0.9), 0.003)


def _waves(painter: _Painter, top: float, bottom: float, rows: int) -> None:
    """Rows of rolling waves, each crest a scroll, larger towards the viewer."""
    for row in range(rows):
        y = top + (bottom - top) * row / max(rows - 1, 1)
        size = 0.030 + 0.028 * (y - 0.6) / 0.24
        x = np.linspace(0.12, 0.88, 200)
        beat = (x + 0.35 * size * row) / (1.9 * size)
        edge = y - 0.42 * size * np.abs(np.cos(np.pi * beat)) ** 0.8
        water = np.concatenate([np.stack([x, edge], 1), _polygon((0.88, 0.90), (0.12, 0.90))])
        fill(painter.ink, water.astype(np.float32), (0.22 + 0.10 * (row % 2), 0.0))
        painter.line(np.stack([x, edge], 1).astype(np.float32), 0.0075)
        painter.line(np.stack([x, edge + 0.22 * size], 1).astype(np.float32), 0.0055, (0.62, 0.0))
        painter.line(np.stack([x, edge + 0.40 * size], 1).astype(np.float32), 0.0040, (0.45, 0.0))
        first, last = (0.12 + 0.35 * size * row) / (1.9 * size), (0.88 + 0.35 * size * row) / (1.9 * size)
        for k in np.arange(np.ceil(first), np.floor(last) + 1):
            cx = k * 1.9 * size - 0.35 * size * row
            painter.spiral((cx + 0.18 * size, y - 0.30 * size), 0.42 * size, 3.6, 1.25, 0.0058)
            disc(painter.ink, (cx + 0.55 * size, y - 0.62 * size), 0.10 * size, (0.8, 0.0))
            disc(painter.ink, (cx + 0.30 * size, y - 0.82 * size), 0.07 * size, (0.8, 0.0))


def _caravel(painter: _Painter) -> None:
    """Hull, three masts, sails full of wind; the cross on the largest."""
    deck = 0.625
    for x, top in ((0.425, 0.345), (0.515, 0.275), (0.615, 0.365)):
        painter.shape(ribbon(curve([(x, deck + 0.02), (x, top)], 20), 0.009), (0.7, 0.0), 0.003)
        flag = [(x, top), (x - 0.020, top - 0.012), (x - 0.045, top + 0.002), (x - 0.062, top - 0.006), (x - 0.050, top + 0.012), (x, top + 0.016)]
        painter.shape(curve(flag, 30), (0.0, 0.95), 0.003)
    for x, y, w, h in ((0.515, 0.335, 0.062, 0.090), (0.515, 0.445, 0.088, 0.125), (0.425, 0.40, 0.052, 0.075), (0.425, 0.495, 0.062, 0.085), (0.615, 0.425, 0.050, 0.125)):
        sail = curve([(x - w, y - h / 2), (x, y - h / 2 - 0.006), (x + w, y - h / 2), (x + w * 1.12, y), (x + w, y + h / 2), (x + 0.1 * w, y + h / 2 - 0.016), (x - w, y + h / 2), (x - 0.86 * w, y), (x - w, y - h / 2)], 80)
        painter.shape(sail, (0.03, 0.06), 0.0048)
        shade = curve([(x + 0.35 * w, y - h / 2), (x + w, y - h / 2), (x + w * 1.12, y), (x + w, y + h / 2), (x + 0.35 * w, y + h / 2 - 0.014), (x + 0.55 * w, y), (x + 0.35 * w, y - h / 2)], 60)
        painter.hatch(shade, 1.45, 0.0068, 1.0, 0.55)
        painter.line(curve([(x - 1.08 * w, y - h / 2), (x + 1.08 * w, y - h / 2 + 0.002)], 12), 0.008)
    x, y, arm = 0.505, 0.445, 0.040
    for dx, dy in ((1, 0), (0, 1)):
        cross = _polygon((x - arm * dx - 0.009 * dy, y - arm * dy - 0.009 * dx), (x - arm * dx + 0.009 * dy, y - arm * dy + 0.009 * dx), (x + arm * dx + 0.009 * dy, y + arm * dy + 0.009 * dx), (x + arm * dx - 0.009 * dy, y + arm * dy - 0.009 * dx))
        fill(painter.ink, cross, (0.0, 0.9))
    hull = curve([(0.335, 0.585), (0.37, 0.615), (0.44, 0.632), (0.56, 0.632), (0.635, 0.612), (0.672, 0.565), (0.695, 0.562), (0.672, 0.645), (0.63, 0.70), (0.52, 0.715), (0.42, 0.705), (0.365, 0.66), (0.335, 0.585)], 120)
    painter.shape(hull, (0.55, 0.0), 0.006)
    painter.hatch(hull, 0.06, 0.012, 1.0, 0.85)
    belt = curve([(0.352, 0.622), (0.44, 0.655), (0.56, 0.656), (0.665, 0.622)], 60)
    fill(painter.ink, ribbon(belt, 0.014), (0.0, 0.85))
    for k in range(8):
        disc(painter.ink, belt[5 + 7 * k], 0.0045, _DARK)
    for a, b in (((0.36, 0.60), (0.425, 0.36)), ((0.47, 0.63), (0.515, 0.30)), ((0.56, 0.63), (0.515, 0.30)), ((0.67, 0.57), (0.615, 0.38))):
        painter.line(curve([a, b], 20), 0.003)


def _border(painter: _Painter) -> None:
    """Tiles of ornament around the panel: rosettes in the corners, scrolls and palmettes between."""
    side = 1 / _TILES
    fill_band = [(0.0, 0.0), (1.0, 0.0), (1.0, side), (0.0, side)]
    for turn in range(4):
        def place(points: Array, turn: int = turn) -> Array:
            centred = points - 0.5
            for _ in range(turn):
                centred = np.stack([-centred[:, 1], centred[:, 0]], 1)
            return (centred + 0.5).astype(np.float32)

        fill(painter.ink, place(_polygon(*fill_band)), (0.0, 0.0))
        fill(painter.ink, place(_polygon((0.0, 0.0), (1.0, 0.0), (1.0, 0.020), (0.0, 0.020))), (0.80, 0.0))
        fill(painter.ink, place(_polygon((0.0, 0.026), (1.0, 0.026), (1.0, 0.036), (0.0, 0.036))), (0.0, 0.75))
        fill(painter.ink, place(_polygon((0.12, 0.146), (0.88, 0.146), (0.88, 0.158), (0.12, 0.158))), (0.0, 0.75))
        fill(painter.ink, place(_polygon((0.14, 0.160), (0.86, 0.160), (0.86, 0.168), (0.14, 0.168))), (0.85, 0.0))
    for turn in range(4):
        def place(points: Array, turn: int = turn) -> Array:
            centred = points - 0.5
            for _ in range(turn):
                centred = np.stack([-centred[:, 1], centred[:, 0]], 1)
            return (centred + 0.5).astype(np.float32)

        for k in range(1, _TILES - 1):
            cx, cy = (k + 0.5) * side, 0.091
            _palmette(painter, place, cx, cy)
        _rosette(painter, place, side / 2 + 0.008, side / 2 + 0.008)


def _palmette(painter: _Painter, place: Callable[[Array], Array], cx: float, cy: float) -> None:
    """A fan of leaves between two scrolls."""
    for k in range(-3, 4):
        a = -np.pi / 2 + 0.42 * k
        t = np.linspace(0, 1, 20, dtype=np.float32)
        reach = 0.047 * (1 - 0.05 * abs(k))
        path = np.stack([cx + reach * t * np.cos(a), cy + 0.026 + reach * 1.35 * t * np.sin(a)], 1)
        leaf = ribbon(path.astype(np.float32), 0.0185 * np.sin(np.pi * t**0.75).astype(np.float32) + 0.001)
        painter.shape(place(leaf), (0.0, 0.7) if k == 0 else (0.42 if k % 2 else 0.68, 0.0), 0.0028)
    t = np.linspace(0, 1, 60)
    for flip in (-1, 1):
        angle = 1.57 + 2 * np.pi * 1.3 * t
        radius = 0.032 * (1 - 0.85 * t)
        path = np.stack([cx + flip * (0.052 + radius * np.cos(angle)), cy + 0.012 + radius * np.sin(angle)], 1)
        painter.line(place(path.astype(np.float32)), 0.0095, (0.85, 0.0))
        bud = np.asarray([[cx + flip * 0.052, cy - 0.032], [cx + flip * 0.075, cy + 0.036]], np.float32)
        for point, r in zip(place(bud), (0.0075, 0.0055), strict=True):
            disc(painter.ink, point, r, (0.0, 0.8))
    heart = place(np.asarray([[cx, cy + 0.030]], np.float32))[0]
    disc(painter.ink, heart, 0.011, _DARK)
    disc(painter.ink, heart, 0.006, (0.0, 0.7))


def _rosette(painter: _Painter, place: Callable[[Array], Array], cx: float, cy: float) -> None:
    """Two rings of petals."""
    for count, reach, width, oxide in ((8, 0.066, 0.036, (0.62, 0.0)), (8, 0.044, 0.024, (0.0, 0.65))):
        for k in range(count):
            a = 2 * np.pi * (k + (0.5 if reach < 0.05 else 0.0)) / count
            t = np.linspace(0, 1, 20, dtype=np.float32)
            path = np.stack([cx + reach * t * np.cos(a), cy + reach * t * np.sin(a)], 1).astype(np.float32)
            petal = ribbon(path, width * np.sin(np.pi * t**1.3).astype(np.float32) + 0.001)
            painter.shape(place(petal), oxide, 0.0034)
    heart = place(np.asarray([[cx, cy]], np.float32))[0]
    disc(painter.ink, heart, 0.016, _DARK)
    disc(painter.ink, heart, 0.009, (0.0, 0.8))


def _fire(ink: Ink, rng: Rng) -> Array:
    """The kiln: oxides become colour, washes pool, glaze shines and crackles, tiles are joined."""
    n = len(ink)
    x, y = grid(n)
    oxide = ink.astype(np.float32) / 255
    cobalt, antimony = oxide[..., 0], oxide[..., 1]
    streaks = noise(rng, n, (5, 40), 4, 0.7)
    cloud = noise(rng, n, 12, 5, 0.65)
    sky = smooth(0.66, 0.2, y) * smooth(0.02, 0.0, cobalt) * smooth(0.02, 0.0, antimony)
    inside = (np.maximum(np.abs(x - 0.5), np.abs(y - 0.5)) < 0.332).astype(np.float32)
    cobalt = cobalt + sky * inside * np.clip(0.17 + 0.09 * streaks, 0, 0.5)
    pooled = cobalt - cv2.GaussianBlur(cobalt, (0, 0), 0.004 * n)
    cobalt = cobalt * (1 + 0.13 * cloud + 0.09 * streaks) + 0.22 * pooled
    cobalt = cv2.GaussianBlur(cobalt, (0, 0), 0.0006 * n)  # oxide bleeds a little into the glaze
    picture = ramp(_COBALT, cobalt + 0.02 * cloud)
    yellow = ramp(_YELLOW, antimony * (1 + 0.22 * cloud))
    picture = mix(picture, yellow, smooth(0.02, 0.25, antimony) * smooth(0.75, 0.3, cobalt))

    which = (np.floor(x * _TILES) + _TILES * np.floor(y * _TILES)).astype(np.int32)
    tint = 1 + rng.normal(0, 0.022, (_TILES * _TILES, 3)).astype(np.float32)
    edge = np.minimum(np.abs((x * _TILES + 0.5) % 1 - 0.5), np.abs((y * _TILES + 0.5) % 1 - 0.5)) / _TILES
    cells = noise(rng, n, 26, 2)
    other = noise(rng, n, 26, 2)
    crackle = np.exp(-((cells / 0.035) ** 2)) + np.exp(-((other / 0.035) ** 2))
    pillow = smooth(0.0, 0.010, edge) + 0.05 * cloud
    shade, shine = relief(pillow, 0.35, gloss=0.10)
    picture = picture * tint[which] * (shade * (1 - 0.07 * crackle))[..., None] + shine[..., None]
    joint = smooth(0.0022 + 0.5 / n, 0.0022 - 0.5 / n, edge)
    grout = rgb("#8d8474")[0] * (1 + 0.15 * noise(rng, n, 150, 2))[..., None]
    return np.clip(picture + (grout - picture) * joint[..., None], 0, 1).astype(np.float32)
