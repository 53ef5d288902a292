"""A panel of Portuguese tiles: a caravel under the sun in a border of palmettes and rosettes."""

from collections.abc import Callable

import numpy as np

from olhar.samples.canvas import Array, Rng, box, curve, disc, fill, frame, knots, put, ribbon, ring
from olhar.samples.tiles import DARK, TILES, Oxide, Painter

_SUN = (0.725, 0.285)
_CLOUDS = (
    (0.285, 0.235, 0.050),
    (0.50, 0.205, 0.034),
    (0.225, 0.395, 0.034),
    (0.775, 0.435, 0.036),
)
_PUFFS = (  # of a cloud, the middle one last: x, y, radius
    (-1.5, 0.2, 0.62),
    (1.6, 0.25, 0.60),
    (-0.75, -0.15, 0.85),
    (0.85, -0.1, 0.80),
    (0.05, -0.45, 1.0),
)
_GULLS = ((0.40, 0.335, 0.026), (0.455, 0.300, 0.019), (0.61, 0.40, 0.017), (0.34, 0.30, 0.015))
_HILLS = (  # outline, cobalt, slope of the hatching
    (knots(".10 .63, .10 .505, .20 .475, .30 .53, .42 .60, .44 .63"), 0.30, 0.45),
    (knots(".56 .63, .66 .575, .78 .535, .90 .50, .90 .63"), 0.22, -0.45),
)
_MASTS = ((0.425, 0.345), (0.515, 0.275), (0.615, 0.365))  # x and the top
_FLAG = knots("0 0, -.020 -.012, -.045 .002, -.062 -.006, -.050 .012, 0 .016")
_SAILS = (  # x, y, half width, half height; the ones in front last
    (0.425, 0.395, 0.050, 0.0375),
    (0.415, 0.505, 0.066, 0.055),
    (0.625, 0.415, 0.046, 0.0375),
    (0.630, 0.520, 0.060, 0.0525),
    (0.520, 0.330, 0.062, 0.0425),
    (0.520, 0.465, 0.088, 0.075),
)
_SAIL = knots("-1 -1, 0 -1.1, 1 -1, 1.12 0, 1 1, .1 .76, -1 1, -.86 0")
_SHADE = knots(".35 -1, 1 -1, 1.12 0, 1 1, .35 .78, .55 0")
_CROSS = knots(
    "-1 -.23, -.23 -.23, -.23 -1, .23 -1, .23 -.23, 1 -.23,"
    " 1 .23, .23 .23, .23 1, -.23 1, -.23 .23, -1 .23"
)
_HULL = knots(
    ".335 .585, .37 .615, .44 .632, .56 .632, .635 .612, .672 .565, .695 .562,"
    " .672 .645, .63 .70, .52 .715, .42 .705, .365 .66"
)
_BELT = knots(".352 .622, .44 .655, .56 .656, .665 .622")
_STAYS = (
    knots(".36 .60, .425 .36"),
    knots(".47 .63, .515 .30"),
    knots(".56 .63, .515 .30"),
    knots(".67 .57, .615 .38"),
)


def azulejo(rng: Rng, n: int) -> Array:
    """Paint and fire it: (n, n, 3)."""
    painter = Painter(rng, n)
    _air(painter)
    _sun(painter)
    _clouds(painter)
    _shore(painter)
    _waves(painter, 0.60, 0.66, 2)
    _caravel(painter)
    _waves(painter, 0.70, 0.84, 5)
    _border(painter)
    return painter.fire()


def _air(painter: Painter) -> None:
    """Level strokes across the sky, denser towards the top."""
    rng = painter.rng
    for _ in range(130):
        x, y = rng.uniform(0.15, 0.8), 0.15 + 0.45 * rng.random() ** 1.5
        wide, sway = rng.uniform(0.03, 0.13), rng.normal(0, 0.006, 4)
        stroke = np.stack([x + wide * np.arange(4) / 3, y + sway], 1)
        painter.line(curve(stroke, 24), 0.0062, (rng.uniform(0.25, 0.5), 0.0))


def _sun(painter: Painter) -> None:
    """A face with straight and wavy rays."""
    r, t = 0.062, np.linspace(0, 1, 24)
    for k in range(16):
        a = 2 * np.pi * k / 16 + 0.1
        out = r * (1.12 + t * (1.05 if k % 2 else 0.75))
        sway = 0.010 * np.sin(t * 9) * (k % 2)
        path = np.stack([out * np.cos(a) - sway * np.sin(a), out * np.sin(a) + sway * np.cos(a)], 1)
        painter.shape(ribbon(put(path, _SUN), 0.020 * (1.03 - t)), (0.0, 0.75), 0.0028)
    face = ring(_SUN, r)
    painter.shape(face, (0.0, 0.55), 0.005)
    painter.hatch(face, angle=0.9, step=0.0075, cobalt=0.45, share=0.42)
    for side in (-1, 1):
        brow = knots(".038 -.014, .024 -.023, .008 -.016")
        painter.line(curve(put(brow, _SUN, (side, 1)), 20), 0.005)
        disc(painter.ink, (_SUN[0] + side * 0.022, _SUN[1] - 0.008), 0.0055, DARK)
    nose, mouth = knots(".002 -.012, -.006 .012, .006 .014"), knots("-.022 .026, 0 .036, .022 .026")
    painter.line(curve(put(nose, _SUN), 20), 0.004)
    painter.line(curve(put(mouth, _SUN), 20), 0.006)


def _clouds(painter: Painter) -> None:
    """Scrolled clouds, each a row of curls over level strokes; gulls."""
    turn = np.linspace(np.pi * 0.95, np.pi * 2.08, 40)
    arch = np.stack([np.cos(turn), np.sin(turn)], 1)
    for cx, cy, size in _CLOUDS:
        foot = cy + 0.55 * size
        for k, (dx, dy, wide) in enumerate(_PUFFS):
            x, y, r = cx + dx * size, cy + dy * size, wide * size
            puff = put(arch, (x, y), r)
            base = np.asarray([(x + r, foot), (x - r, foot)])
            fill(painter.ink, np.concatenate([puff, base]), (0.10, 0.0))
            painter.line(puff, 0.0050)
            curl = _spiral(-0.4, 1.15 if k % 2 else -1.15)
            painter.line(put(curl, (x + 0.1 * r, y), 0.62 * r), 0.0036, (0.62, 0.0))
        for k in range(5):
            wide = (2.2 - 0.33 * k) * size
            stroke = put(knots("-1 0, 0 .05, .9 0"), (cx, foot + 0.17 * k * size), (wide, 2 * size))
            painter.line(curve(stroke, 30), 0.0042, (0.75 - 0.1 * k, 0.0))
    for x, y, s in _GULLS:
        for wing in (knots("-1 -.25, -.45 -.45, 0 0"), knots("0 0, .5 -.5, 1 -.2")):
            painter.line(curve(put(wing, (x, y), s), 20), 0.0052)


def _spiral(start: float, turns: float) -> Array:
    """A scroll that winds in from radius 1; negative turns wind the other way."""
    t = np.linspace(0, 1, 60)
    angle = start + 2 * np.pi * turns * t
    return np.stack([np.cos(angle), np.sin(angle)], 1) * (1 - 0.86 * t)[:, None]


def _shore(painter: Painter) -> None:
    """Hills on both sides, a tower on the left."""
    for outline, cobalt, slope in _HILLS:
        hill = curve(outline, 60)
        painter.shape(hill, (cobalt, 0.0), 0.005)
        painter.hatch(hill, angle=slope, step=0.011, cobalt=0.55, share=0.9)
    x, foot = 0.245, 0.60
    for half, low, high in ((0.050, foot, 0.455), (0.034, 0.455, 0.385)):
        painter.shape(box(x - half, high, x + half, low), (0.12, 0.0), 0.0045)
        dark_side = box(x + 0.2 * half, high, x + half, low)
        painter.hatch(dark_side, angle=1.57, step=0.0065, cobalt=0.62)
        for k in range(5):
            left = x + half * (0.50 * k - 1.12)
            tooth = box(left, high - 0.017, left + 0.26 * half, high)
            painter.shape(tooth, (0.25, 0.3), 0.003)
        for side in (-0.45, 0.45):
            window = put(
                knots("-.006 .012, 0 -.016, .006 .012"), (x + side * half, (low + high) / 2)
            )
            painter.shape(curve(window, closed=True), (0.9, 0.0), 0.002)
    pennant = put(knots("0 .37, 0 .325, .045 .338, 0 .351"), (x, 0))
    painter.shape(pennant, (0.0, 0.9), 0.003)


def _waves(painter: Painter, top: float, bottom: float, rows: int) -> None:
    """Rows of rolling waves, each crest a scroll, larger towards the viewer."""
    x = np.linspace(0.12, 0.88, 200)
    for row in range(rows):
        y = top + (bottom - top) * row / max(rows - 1, 1)
        size = 0.030 + 0.028 * (y - 0.6) / 0.24
        beat = (x + 0.35 * size * row) / (1.9 * size)  # a crest at every whole number
        edge = np.stack([x, y - 0.42 * size * np.abs(np.cos(np.pi * beat)) ** 0.8], 1)
        water = np.concatenate([edge, knots(".88 .90, .12 .90")])
        fill(painter.ink, water, (0.30 + 0.14 * (row % 2), 0.0))
        for drop, width, cobalt in ((0.0, 0.0075, 0.95), (0.22, 0.0055, 0.62), (0.40, 0.004, 0.45)):
            painter.line(put(edge, (0, drop * size)), width, (cobalt, 0.0))
        for k in range(int(np.ceil(beat[0])), int(beat[-1]) + 1):
            crest = (k * 1.9 - 0.35 * row) * size
            scroll = put(_spiral(3.6, 1.25), (crest + 0.18 * size, y - 0.30 * size), 0.42 * size)
            painter.line(scroll, 0.0058)
            for dx, dy, r in ((0.55, 0.62, 0.10), (0.30, 0.82, 0.07)):
                disc(painter.ink, (crest + dx * size, y - dy * size), r * size, (0.8, 0.0))


def _caravel(painter: Painter) -> None:
    """Hull, three masts, sails full of wind; the cross on the largest."""
    for x, top in _MASTS:
        painter.shape(box(x - 0.0045, top, x + 0.0045, 0.645), (0.7, 0.0), 0.003)
        painter.shape(curve(put(_FLAG, (x, top)), 30), (0.0, 0.95), 0.003)
    for x, y, w, h in _SAILS:
        sail, shade = (
            put(curve(part, 80, closed=True), (x, y), (w, h)) for part in (_SAIL, _SHADE)
        )
        painter.shape(sail, (0.03, 0.06), 0.0048)
        painter.hatch(shade, angle=1.45, step=0.0068, cobalt=0.55)
        yard = put(knots("-1.08 -1, 0 -1, 1.08 -.97"), (x, y), (w, h))
        painter.line(curve(yard, 12), 0.008)
    painter.shape(put(_CROSS, (0.505, 0.465), 0.048), (0.0, 0.95), 0.0034)
    hull = curve(_HULL, 120, closed=True)
    painter.shape(hull, (0.55, 0.0), 0.006)
    painter.hatch(hull, angle=0.06, step=0.012, cobalt=0.85)
    belt = curve(_BELT, 60)
    fill(painter.ink, ribbon(belt, 0.014), (0.0, 0.85))
    for k in range(8):
        disc(painter.ink, belt[5 + 7 * k], 0.0045, DARK)
    for stay in _STAYS:
        painter.line(curve(stay, 20), 0.003)


def _border(painter: Painter) -> None:
    """Tiles of ornament around the panel: rosettes in the corners, palmettes between them."""
    side = 1 / TILES
    rings: tuple[tuple[float, float, Oxide], ...] = (
        (0.0, side, (0.80, 0.0)),
        (0.0, 0.014, (0.95, 0.0)),
        (0.014, 0.028, (0.0, 0.75)),
        (0.028, 0.034, (0.04, 0.0)),
        (side - 0.028, side - 0.022, (0.04, 0.0)),
        (side - 0.022, side - 0.007, (0.0, 0.75)),
        (side - 0.007, side + 0.004, (0.95, 0.0)),
    )
    for outer, inner, oxide in rings:
        for bar in frame(outer, inner):
            fill(painter.ink, bar, oxide)
    for quarter in range(4):
        turn = np.linalg.matrix_power(np.asarray([(0, 1), (-1, 0)]), quarter)

        def place(points: Array, turn: Array = turn) -> Array:
            return (points - 0.5) @ turn + 0.5

        for k in range(1, TILES - 1):
            _palmette(painter, place, np.asarray(((k + 0.5) * side, 0.088)))
        _rosette(painter, place, np.asarray((side / 2, side / 2)))


def _palmette(painter: Painter, place: Callable[[Array], Array], at: Array) -> None:
    """A fan of leaves between two scrolls."""
    t = np.linspace(0, 1, 20)
    for k in range(-3, 4):
        a = 0.42 * k - np.pi / 2
        reach = 0.047 * (1 - 0.05 * abs(k))
        tip = reach * np.asarray((np.cos(a), 1.35 * np.sin(a)))
        path = at + (0, 0.026) + t[:, None] * tip
        leaf = ribbon(path, 0.0185 * np.sin(np.pi * t**0.75) + 0.001)
        painter.shape(place(leaf), (0.06, 0.0) if k % 2 else (0.0, 0.7), 0.0028)
    for flip in (-1, 1):
        scroll = put(_spiral(1.57, 1.3), (1.63, 0.38), 1.0) * (0.032 * flip, 0.032)
        painter.line(place(at + scroll), 0.0110, (0.03, 0.0))
        for bud, r in (((flip * 0.052, -0.026), 0.0075), ((flip * 0.078, 0.038), 0.0055)):
            disc(painter.ink, place(at + np.asarray(bud)), r, (0.0, 0.8))
    heart = place(at + np.asarray((0, 0.030)))
    disc(painter.ink, heart, 0.011, DARK)
    disc(painter.ink, heart, 0.006, (0.0, 0.7))


def _rosette(painter: Painter, place: Callable[[Array], Array], at: Array) -> None:
    """Eight petals of white, eight of yellow upon them."""
    t = np.linspace(0, 1, 20)
    for reach, width, oxide, offset in (
        (0.058, 0.032, (0.05, 0.0), 0.0),
        (0.038, 0.021, (0.0, 0.65), 0.5),
    ):
        for k in range(8):
            a = 2 * np.pi * (k + offset) / 8
            path = at + reach * np.outer(t, (np.cos(a), np.sin(a)))
            petal = ribbon(path, width * np.sin(np.pi * t**1.3) + 0.001)
            painter.shape(place(petal), oxide, 0.0034)
    disc(painter.ink, place(at), 0.016, DARK)
    disc(painter.ink, place(at), 0.009, (0.0, 0.8))
