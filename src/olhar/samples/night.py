"""Night over a village, in oil: thick strokes that swirl with the wind (after the late van Gogh).

The wind is the level lines of one stream function: a slope, two whirls, and a hill at every star.
"""

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
    rgb,
    ribbon,
    smooth,
    surface,
)
from olhar.samples.strokes import Brush, finish, lay, layer

_SKY = rgb("#0a1138", "#14256e", "#1d469f", "#3a78bd", "#86b8cf", "#d5e3cc")
_GOLD = rgb("#3f6fae", "#b8862f", "#eda621", "#fbd348", "#fff2b0")
_HILLS = rgb("#0b163c", "#17306a", "#2a5690", "#4d86a8", "#8fb6a8")
_FIELDS = rgb("#0a1f2a", "#143f3c", "#2f6a3e", "#7d9440", "#c9a544")
_ROOFS = rgb("#8a3226", "#b5502c", "#33477c", "#5c3430")
_WALLS = rgb("#5f7db0", "#8fa3b4", "#42619c", "#b9b596")
_MOON = (0.855, 0.145, 0.055)  # x, y, radius
_STARS = (
    (0.27, 0.075, 0.020),
    (0.465, 0.055, 0.015),
    (0.655, 0.075, 0.019),
    (0.945, 0.345, 0.017),
    (0.775, 0.385, 0.022),
    (0.30, 0.465, 0.020),
    (0.46, 0.505, 0.014),
    (0.055, 0.055, 0.017),
    (0.045, 0.30, 0.022),
)
_WHIRLS = ((0.40, 0.265, 0.150, 1.0), (0.625, 0.340, 0.095, -1.0))  # x, y, radius, sense


def night(rng: Rng, n: int) -> Array:
    """Paint it: (n, n, 3)."""
    scene, flow = _sky(rng)
    x, y = grid(len(scene))
    ripple = noise(rng, len(scene), (4, 8), 3)
    ridge = _ground(scene, flow, x, y, ripple)
    houses = _village(scene, flow, rng)

    ink = surface(n, *rgb("#1a2448")[0], 0.3)
    layer(ink, rng, scene, flow, Brush(spacing=0.030, length=0.120, width=0.036, bristles=9))
    middle = Brush(spacing=0.0165, length=0.080, width=0.0150, bristles=7, jitter=0.06)
    layer(ink, rng, scene, flow, middle)
    fine = Brush(spacing=0.0125, length=0.052, width=0.0075, bristles=4, jitter=0.08, hue=0.04)
    layer(ink, rng, scene, flow, fine)
    _contours(ink, rng, ridge[:2])
    tiny = Brush(spacing=0.0055, length=0.016, width=0.0048, bristles=2, jitter=0.04, hue=0.02)
    layer(ink, rng, scene, flow, tiny, houses)
    _windows(ink, rng)
    _cypress(ink, rng)
    return finish(ink)


def _sky(rng: Rng, m: int = 512) -> tuple[Array, Array]:
    """Colours (m, m, 3) and wind (m, m)."""
    x, y = grid(m)
    stream = y + 0.030 * noise(rng, m, 2, 2)
    turn, inward = np.zeros_like(x), np.zeros_like(x)
    for cx, cy, r, sense in _WHIRLS:
        near = np.exp(-(((x - cx) ** 2 + ((y - cy) * 1.1) ** 2) / r**2))
        stream += sense * 0.26 * near
        turn += sense * near * np.arctan2(y - cy, x - cx)
        inward += sense * 0.16 * near
    glow, core = np.zeros_like(x), np.zeros_like(x)
    for cx, cy, r in (*_STARS, _MOON):
        d = np.hypot(x - cx, y - cy) / r
        stream += 7.0 * r * np.exp(-((d / 2.6) ** 2))
        rings = np.exp(-((d / 2.2) ** 2)) * (1 + 0.22 * np.cos(d * 5.2))
        glow, core = np.maximum(glow, rings), np.maximum(core, smooth(1.0, 0.6, d))
    down, right = np.gradient(stream)
    flow = (np.arctan2(-right, down) + inward).astype(np.float32)

    bands = np.sin(stream * 50 + 2.0 * turn) + 0.35 * noise(rng, m, (3, 9), 3)
    tone = 0.33 + 0.20 * bands + 0.42 * smooth(0.30, 0.66, y) ** 2
    scene = mix(ramp(_SKY, tone), ramp(_GOLD, glow * 0.95), smooth(0.14, 0.50, glow))
    return mix(scene, rgb("#fffbe0")[0], core), flow


def _ground(scene: Array, flow: Array, x: Array, y: Array, ripple: Array) -> Array:
    """Paint hills and fields into the scene; returns the crests (2, m, 2) for the contours."""
    crests: list[Array] = []
    knots = (
        [(0, 0.60), (0.12, 0.63), (0.3, 0.62), (0.48, 0.66), (0.62, 0.585), (0.78, 0.60), (0.9, 0.53), (1, 0.55)],
        [(0, 0.69), (0.2, 0.665), (0.4, 0.72), (0.55, 0.715), (0.75, 0.675), (0.88, 0.70), (1, 0.655)],
        [(0, 0.83), (0.25, 0.80), (0.5, 0.845), (0.8, 0.81), (1, 0.85)],
    )  # fmt: skip
    for number, row in enumerate(knots):
        path = curve(row, 256)
        height = np.interp(x[0], path[:, 0], path[:, 1]).astype(np.float32)
        depth = y - height
        folds = np.sin(depth * (70, 60, 44)[number] + 2.2 * ripple + x * (5, -9, 13)[number])
        colours = ramp(_HILLS, 0.50 + 0.27 * folds - depth) if number < 2 else None
        if colours is None:
            colours = ramp(_FIELDS, 0.46 + 0.33 * folds - 0.5 * depth)
        if number == 1:
            colours = mix(colours, ramp(_FIELDS, 0.42 + 0.3 * folds), smooth(0.0, 0.07, depth))
        slope = np.arctan(np.gradient(height) * len(x)) * np.exp(-depth * 9)
        below = depth > 0
        scene[below] = colours[below]
        flow[below] = (slope + (0.12, 0.25, 0.45)[number] * ripple)[below]
        crests.append(path)
    return np.stack(crests)


def _places(rng: Rng) -> list[tuple[float, float, float]]:
    """Where the houses stand, far ones first: x, y of the foot, width."""
    rows = ((0.765, 0.034, 0.36, 0.97, 12), (0.815, 0.048, 0.32, 1.0, 9), (0.872, 0.060, 0.40, 0.98, 6))
    places: list[tuple[float, float, float]] = []
    for foot, width, left, right, count in rows:
        for k in range(count):
            where = left + (right - left) * (k + rng.uniform(0.2, 0.8)) / count
            places.append((where, foot + rng.uniform(-0.012, 0.012), width * rng.uniform(0.8, 1.2)))
    return places


def _village(scene: Array, flow: Array, rng: Rng) -> Array:
    """Paint houses and a church into the scene; returns where they are, (m, m)."""
    m = len(scene)
    paint, lines, mask = surface(m, 0, 0, 0), surface(m, 0), surface(m, 0)

    def shape(points: list[tuple[float, float]], colour: Array, slope: float) -> None:
        outline = np.asarray(points, np.float32)
        fill(paint, outline, colour)
        fill(lines, outline, (0.5 + slope / 4,))
        fill(mask, outline, (1,))

    church = (0.515, 0.80)
    for cx, foot, w in [*_places(np.random.default_rng(7)), (*church, 0.0)]:
        if w == 0:
            x0, y0 = church
            shape([(x0 - 0.013, y0), (x0 - 0.013, 0.70), (x0 + 0.013, 0.70), (x0 + 0.013, y0)], _WALLS[1], 1.5)
            shape([(x0 - 0.016, 0.70), (x0, 0.595), (x0 + 0.016, 0.70)], _ROOFS[2] * 0.55, 1.5)
            continue
        wall, roof = _WALLS[rng.integers(4)], _ROOFS[rng.integers(4)]
        h, peak, side = 0.55 * w, 0.50 * w, 0.55 * w
        shape([(cx - w / 2, foot), (cx - w / 2, foot - h), (cx, foot - h - peak), (cx + w / 2, foot - h), (cx + w / 2, foot)], wall, 1.5)
        far = cx + w / 2 + side
        shape([(cx + w / 2, foot), (cx + w / 2, foot - h), (far, foot - h), (far, foot)], wall * 0.72, 1.5)
        shape([(cx, foot - h - peak * 1.1), (cx + side, foot - h - peak * 1.1), (far + 0.1 * w, foot - h), (cx + w / 2, foot - h)], roof, 0.8)
        shape([(cx, foot - h - peak * 1.12), (cx - 0.6 * w, foot - h), (cx - 0.5 * w, foot - h + 0.01), (cx, foot - h - peak * 0.85)], roof * 0.7, -0.8)
    inside = mask[..., 0] > 127
    scene[inside] = paint[inside].astype(np.float32) / 255
    flow[inside] = (lines[inside][:, 0].astype(np.float32) / 255 - 0.5) * 4
    return (mask[..., 0] / 255).astype(np.float32)


def _contours(ink: Ink, rng: Rng, crests: Array) -> None:
    """Dark blue broken lines along the crests of the hills."""
    pieces = [path[i : i + 13] for path in crests for i in range(0, 243, 10)]
    line = Brush(spacing=1, length=1, width=0.0062, bristles=3, jitter=0.03, hue=0.02)
    lay(ink, rng, np.stack(pieces), np.tile(rgb("#0a1238"), (len(pieces), 1)), line)


def _windows(ink: Ink, rng: Rng) -> None:
    """Lit windows: two or three touches of yellow each, on a darker one."""
    centres: list[tuple[float, float, float]] = []
    for cx, foot, w in [*_places(np.random.default_rng(7)), (0.515, 0.80, 0.03)]:
        for dx, dy in ((-0.20, 0.26), (0.13, 0.26), (0.78, 0.26)):
            if rng.random() < 0.5:
                centres.append((cx + dx * w, foot - dy * w, 0.20 * w))
    places = np.asarray(centres, np.float32)
    reach = np.linspace(-0.5, 0.5, 15, dtype=np.float32)
    paths = places[:, None, :2] + places[:, None, 2:] * reach[:, None] * np.float32((0.15, 1.0))
    for colour, width in (("#7a3d12", 0.0085), ("#ffc63a", 0.0058)):
        touch = Brush(spacing=1, length=1, width=width, bristles=3, jitter=0.05, hue=0.03)
        lay(ink, rng, paths, np.tile(rgb(colour), (len(paths), 1)), touch, taper=0.8)


def _cypress(ink: Ink, rng: Rng) -> None:
    """Two flames of dark green that tie the earth to the sky."""
    colours = rgb("#06141a", "#0d2a22", "#1b4429", "#46622a", "#5a2f22", "#101b3d")
    for cx, foot, top, spread, count in ((0.135, 1.06, 0.13, 0.088, 520), (0.25, 1.06, 0.45, 0.055, 300)):
        t = np.sort(rng.uniform(0, 1, count) ** 0.8)[:, None]  # 0 at the top; lower tongues come later
        side = rng.uniform(-1, 1, (count, 1))
        s = np.linspace(0, 1, 15)[None]  # 0 at the root of a tongue, 1 at its tip
        length = (0.06 + 0.12 * t) * rng.uniform(0.7, 1.2, (count, 1))
        py = top + (foot - top) * t - length * s
        wide = spread * np.clip((py - top + 0.03) / (0.55 * (foot - top)), 0, 1) ** 0.8
        lean = side * (1 + 0.25 * np.sin(2.2 * s + rng.uniform(0, 6, (count, 1))))
        px = cx + lean * wide + 0.018 * np.sin(py * 11 + cx * 20)
        paths = np.stack([px, py], -1).astype(np.float32)
        shade = colours[np.minimum(np.abs(rng.normal(0, 1.9, count)).astype(int), 5)]
        brush = Brush(spacing=1, length=1, width=0.0125, bristles=5, jitter=0.04, hue=0.02)
        lay(ink, rng, paths, shade, brush, taper=0.1)
