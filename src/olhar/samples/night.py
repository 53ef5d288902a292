"""Night over a village, in oil: thick strokes that swirl with the wind (after the late van Gogh).

The wind blows along the level lines of one function: a slope, two whirls, a hill at each star.
"""

import numpy as np

from olhar.samples.canvas import (
    Array,
    Ink,
    Rng,
    box,
    curve,
    fill,
    grid,
    knots,
    mix,
    noise,
    profile,
    ramp,
    rgb,
    smooth,
    surface,
)
from olhar.samples.strokes import Brush, lay, layer, light

_SKY = rgb("#0a1138", "#14256e", "#1d469f", "#3a78bd", "#86b8cf", "#d5e3cc")
_GOLD = rgb("#3f6fae", "#b8862f", "#eda621", "#fbd348", "#fff2b0")
_HILLS = rgb("#0b163c", "#17306a", "#2a5690", "#4d86a8", "#8fb6a8")
_FIELDS = rgb("#0a1f2a", "#143f3c", "#2f6a3e", "#7d9440", "#c9a544")
_ROOFS = rgb("#8a3226", "#b5502c", "#33477c", "#5c3430")
_WALLS = rgb("#5f7db0", "#8fa3b4", "#42619c", "#b9b596")
_CYPRESS = rgb("#06141a", "#0d2a22", "#1b4429", "#46622a", "#5a2f22", "#101b3d")

_LIGHTS = (  # x, y, radius: the moon, then the stars
    (0.855, 0.145, 0.055),
    (0.270, 0.075, 0.020),
    (0.465, 0.055, 0.015),
    (0.655, 0.075, 0.019),
    (0.945, 0.345, 0.017),
    (0.775, 0.385, 0.022),
    (0.300, 0.465, 0.020),
    (0.460, 0.505, 0.014),
    (0.055, 0.055, 0.017),
    (0.045, 0.300, 0.022),
)
_WHIRLS = ((0.40, 0.265, 0.150, 1), (0.625, 0.340, 0.095, -1))  # x, y, radius, sense
_CRESTS = (  # of the far hills, the near hills and the fields
    knots("0 .60, .12 .63, .3 .62, .48 .66, .62 .585, .78 .60, .9 .53, 1 .55"),
    knots("0 .69, .2 .665, .4 .72, .55 .715, .75 .675, .88 .70, 1 .655"),
    knots("0 .83, .25 .80, .5 .845, .8 .81, 1 .85"),
)
_CHURCH = (0.515, 0.80)  # x and the foot


def night(rng: Rng, n: int) -> Array:
    """Paint it: (n, n, 3)."""
    scene, wind = _sky(rng)
    _ground(scene, wind, rng)
    houses = _places(rng)
    village = _village(scene, wind, houses, rng)

    ink = surface(n, *rgb("#1a2448")[0], 0.3)
    broad = Brush(spacing=0.030, length=0.120, width=0.036, bristles=6)
    medium = Brush(spacing=0.0165, length=0.080, width=0.0150, bristles=6, jitter=0.06)
    fine = Brush(spacing=0.0125, length=0.052, width=0.0075, bristles=4, jitter=0.08, hue=0.04)
    tiny = Brush(spacing=0.0055, length=0.016, width=0.0048, bristles=2, jitter=0.04, hue=0.02)
    for brush in (broad, medium, fine):
        layer(ink, rng, brush, colour=scene, angle=wind)
    _contours(ink, rng)
    layer(ink, rng, tiny, colour=scene, angle=wind, where=village)
    _windows(ink, rng, houses)
    _cypress(ink, rng, x=0.135, top=0.13, spread=0.088, count=520)
    _cypress(ink, rng, x=0.250, top=0.45, spread=0.055, count=300)
    return light(ink)


def _sky(rng: Rng, m: int = 512) -> tuple[Array, Array]:
    """Colours (m, m, 3) and wind (m, m)."""
    x, y = grid(m)
    stream = y + 0.030 * noise(rng, m, 2, 2)
    turn, inward = np.zeros_like(x), np.zeros_like(x)
    for cx, cy, r, sense in _WHIRLS:
        near = np.exp(-(((x - cx) ** 2 + ((y - cy) * 1.1) ** 2) / r**2))
        stream += sense * 0.26 * near
        turn += sense * near * np.arctan2(y - cy, x - cx)  # bands of colour become spirals,
        inward += sense * 0.16 * near  # and so do the strokes
    glow, core = np.zeros_like(x), np.zeros_like(x)
    for cx, cy, r in _LIGHTS:
        d = np.hypot(x - cx, y - cy) / r
        stream += 7.0 * r * np.exp(-((d / 2.6) ** 2))
        halo = np.exp(-((d / 2.2) ** 2)) * (1 + 0.22 * np.cos(d * 5.2))
        glow, core = np.maximum(glow, halo), np.maximum(core, smooth(1.0, 0.6, d))
    down, right = np.gradient(stream)
    wind = np.arctan2(-right, down) + inward

    bands = np.sin(stream * 50 + 2.0 * turn) + 0.35 * noise(rng, m, (3, 9), 3)
    tone = 0.33 + 0.20 * bands + 0.42 * smooth(0.30, 0.66, y) ** 2
    scene = mix(ramp(_SKY, tone), ramp(_GOLD, glow * 0.95), smooth(0.14, 0.50, glow))
    return mix(scene, rgb("#fffbe0")[0], core), wind


def _ground(scene: Array, wind: Array, rng: Rng) -> None:
    """Paint hills and fields into the scene."""
    m = len(scene)
    x, y = grid(m)
    ripple = noise(rng, m, (4, 8), 3)
    for number, crest in enumerate(_CRESTS):
        height = profile(crest, x[0])
        depth = y - height
        folds = np.sin(depth * (70, 60, 44)[number] + 2.2 * ripple + x * (5, -9, 13)[number])
        hills = ramp(_HILLS, 0.50 + 0.27 * folds - depth)
        fields = ramp(_FIELDS, 0.44 + 0.31 * folds - (0, 0, 0.5)[number] * depth)
        colours = mix(hills, fields, smooth(*((2, 3), (0, 0.07), (-2, -1))[number], depth))
        slope = np.arctan(np.gradient(height) * m) * np.exp(-depth * 9)
        below = depth > 0
        scene[below] = colours[below]
        wind[below] = (slope + (0.12, 0.25, 0.45)[number] * ripple)[below]


def _places(rng: Rng) -> list[tuple[float, float, float]]:
    """Where the houses stand, far ones first: x, y of the foot, width."""
    rows = (
        (0.765, 0.034, 0.36, 0.97, 12),
        (0.815, 0.048, 0.32, 1.0, 9),
        (0.872, 0.060, 0.40, 0.98, 6),
    )
    places: list[tuple[float, float, float]] = []
    for foot, width, left, right, count in rows:
        for k in range(count):
            x = left + (right - left) * (k + rng.uniform(0.2, 0.8)) / count
            places.append((x, foot + rng.uniform(-0.012, 0.012), width * rng.uniform(0.8, 1.2)))
    return places


def _village(
    scene: Array, wind: Array, houses: list[tuple[float, float, float]], rng: Rng
) -> Array:
    """Paint houses and a church into the scene; returns where they are, (m, m)."""
    m = len(scene)
    paint, slopes, mask = surface(m, 0, 0, 0), surface(m, 0), surface(m, 0)

    def shape(outline: Array, colour: Array, slope: float) -> None:
        fill(paint, outline, colour)
        fill(slopes, outline, (0.5 + slope / 4,))
        fill(mask, outline, (1,))

    for cx, foot, w in houses:
        wall, roof = _WALLS[rng.integers(4)], _ROOFS[rng.integers(4)]
        place = np.asarray((cx, foot))
        shape(place + w * knots("-.5 0, -.5 -.55, 0 -1.05, .5 -.55, .5 0"), wall, 1.5)
        shape(place + w * knots(".5 0, .5 -.55, 1.05 -.55, 1.05 0"), wall * 0.72, 1.5)
        shape(place + w * knots("0 -1.1, .55 -1.1, 1.15 -.55, .5 -.55"), roof, 0.8)
        shape(place + w * knots("0 -1.11, -.6 -.55, -.5 -.38, 0 -.97"), roof * 0.7, -0.8)
    x, foot = _CHURCH
    shape(box(x - 0.013, 0.70, x + 0.013, foot), _WALLS[1], 1.5)
    shape(np.asarray((x, 0.70)) + knots("-.016 0, 0 -.105, .016 0"), _ROOFS[2] * 0.55, 1.5)

    inside = mask[..., 0] > 127
    scene[inside] = paint[inside].astype(np.float32) / 255
    wind[inside] = (slopes[inside][:, 0].astype(np.float32) / 255 - 0.5) * 4
    return mask[..., 0] / np.float32(255)


def _contours(ink: Ink, rng: Rng) -> None:
    """Dark blue broken lines along the crests of the hills."""
    crests = [curve(crest, 256) for crest in _CRESTS[:2]]
    pieces = np.stack([crest[i : i + 13] for crest in crests for i in range(0, 243, 10)])
    lay(ink, rng, Brush(width=0.0062, bristles=3, jitter=0.03, hue=0.02), pieces, rgb("#0a1238")[0])


def _windows(ink: Ink, rng: Rng, houses: list[tuple[float, float, float]]) -> None:
    """Lit windows: a touch of yellow on a darker one."""
    spots = [
        (cx + dx * w, foot - 0.26 * w, 0.20 * w)
        for cx, foot, w in [*houses, (*_CHURCH, 0.03)]
        for dx in (-0.20, 0.13, 0.78)
        if rng.random() < 0.5
    ]
    places = np.asarray(spots, np.float32)
    reach = np.linspace(-0.5, 0.5, 15, dtype=np.float32)
    paths = places[:, None, :2] + places[:, None, 2:] * reach[:, None] * np.asarray((0.15, 1.0))
    for colour, width in (("#7a3d12", 0.0085), ("#ffc63a", 0.0058)):
        touch = Brush(width=width, bristles=3, jitter=0.05, taper=0.8)
        lay(ink, rng, touch, paths, rgb(colour)[0])


def _cypress(ink: Ink, rng: Rng, *, x: float, top: float, spread: float, count: int) -> None:
    """A flame of dark green that ties the earth to the sky."""
    height = 1.06 - top
    t = np.sort(rng.uniform(0, 1, count) ** 0.8)[:, None]  # 0 at the top; lower tongues come later
    side = rng.uniform(-1, 1, (count, 1))
    s = np.linspace(0, 1, 15)[None]  # 0 at the root of a tongue, 1 at its tip
    py = top + height * t - (0.06 + 0.12 * t) * rng.uniform(0.7, 1.2, (count, 1)) * s
    wide = spread * np.clip((py - top + 0.03) / (0.55 * height), 0, 1) ** 0.8
    lean = side * (1 + 0.25 * np.sin(2.2 * s + rng.uniform(0, 6, (count, 1))))
    px = x + lean * wide + 0.018 * np.sin(py * 11 + x * 20)
    shade = _CYPRESS[np.minimum(np.abs(rng.normal(0, 1.9, count)).astype(int), 5)]
    tongue = Brush(width=0.0125, jitter=0.04, hue=0.02, taper=0.1)
    lay(ink, rng, tongue, np.stack([px, py], -1), shade)
