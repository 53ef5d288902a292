"""A town on a river, pen and wash: houses up the hill, an iron bridge, boats (after Porto)."""

import numpy as np

from olhar.samples.canvas import Array, Rng, box, curve, knots, put, rgb, ring
from olhar.samples.hatching import Drawing

_ROOFS = rgb("#d9572c", "#e88a42", "#c8402c", "#f0a850")
_WALLS = rgb("#fbf0d6", "#f6d68c", "#f0b896", "#d2e0c4", "#fae6bc", "#b4d0de")
_RIVER, _ROCK, _LEAF = rgb("#6fa8bd", "#cdb383", "#a5b356")
_WOOD, _IRON, _SAIL = rgb("#a8683a", "#8fa6b4", "#fae4b6")
_GLASS, _DOOR, _FAR, _GOLD = rgb("#5d6a70", "#4c5560", "#a9b8ae", "#f6cf78")
_SUN = np.asarray((0.74, 0.185))

_HILLS = knots("-.02 .40, .3 .43, .55 .40, .8 .44, 1.02 .39")
_CLIFF = knots(".85 .75, .872 .58, .89 .47, .93 .425, 1.02 .40")
_CLOTH = knots("-.30 -.88, .34 -.84, .42 -.55, .34 -.26, 0 -.20, -.28 -.27, -.22 -.56")
_SHADE = knots(".12 -.85, .34 -.84, .42 -.55, .34 -.26, .10 -.21, .24 -.54")
_HULL = knots(
    "-.62 -.20, -.40 -.06, 0 -.035, .40 -.06, .60 -.22, .50 .02, .30 .085, -.30 .085, -.50 .02"
)


def ink(rng: Rng, n: int) -> Array:
    """Draw it: (n, n, 3)."""
    drawing = Drawing(rng, n)
    _sky(drawing)
    _bank(drawing)
    _town(drawing)
    _bridge(drawing)
    _river(drawing)
    _boat(drawing, 0.60, 0.845, 0.30)
    _boat(drawing, 0.20, 0.765, 0.16)
    return drawing.finish()


def _sky(drawing: Drawing) -> None:
    """The sun, its rays, gulls."""
    drawing.shape(ring(_SUN, 0.062, 50), 0.02, 0.0, _GOLD)
    for k in range(40):
        a, far = 2 * np.pi * k / 40, 0.115 + 0.03 * (k % 3)
        drawing.line(_SUN + np.outer((0.075, far), (np.cos(a), np.sin(a))), 0.0018)
    for x, y, s in (
        (0.55, 0.13, 0.022),
        (0.61, 0.10, 0.015),
        (0.50, 0.19, 0.013),
        (0.90, 0.30, 0.016),
    ):
        for side in (-1, 1):
            wing = put(knots("1 -.2, .45 -.5, 0 0"), (x, y), (side * s, s))
            drawing.line(curve(wing, 10), 0.003)


def _bank(drawing: Drawing) -> None:
    """Far hills, the rock that carries the bridge on the right, trees on it."""
    far = np.concatenate([curve(_HILLS, 60), knots("1.02 .75, -.02 .75")])
    drawing.shape(far, 0.22, -0.15, _FAR)
    drawing.shape(np.concatenate([curve(_CLIFF, 40), knots("1.02 .75")]), 0.50, 1.25, _ROCK)
    for x, y, r in ((0.95, 0.385, 0.035), (0.99, 0.35, 0.05), (0.91, 0.415, 0.022)):
        _tree(drawing, x, y, r)


def _tree(drawing: Drawing, x: float, y: float, r: float) -> None:
    turn = np.linspace(0, 2 * np.pi, 60)
    bumps = 1 + 0.13 * np.sin(9 * turn) + 0.07 * np.sin(17 * turn + 1)
    crown = put(ring((0, 0), bumps), (0, 0), (r, 0.9 * r))
    drawing.shape(put(crown, (x, y)), 0.55, 0.8, _LEAF)
    lit = put(crown, (x - 0.22 * r, y - 0.24 * r), 0.62)
    drawing.shape(lit, 0.22, 0.8, _LEAF * 1.1, 0)


def _town(drawing: Drawing) -> None:
    """Rows of houses up the hill, far ones first; towers among them."""
    rng = drawing.rng
    for row in range(8):
        foot, right = 0.335 + 0.048 * row, 0.20 + 0.062 * row
        if row == 1:
            _tower(drawing, 0.155, foot, 0.046, 0.125)
        if row == 3:
            _tower(drawing, 0.335, foot + 0.01, 0.034, 0.36)
        x = -0.03 - 0.02 * (row % 2)
        while x < right:
            width = rng.uniform(0.042, 0.068) * (0.85 + 0.05 * row)
            height = rng.uniform(0.055, 0.085) * (0.85 + 0.06 * row)
            if rng.random() < 0.12:
                _tree(drawing, x + width / 2, foot - 0.02, 0.026)
            else:
                _house(drawing, (x, foot + rng.uniform(-0.012, 0.02)), width, height)
            x += width * rng.uniform(0.92, 1.05)


def _house(drawing: Drawing, at: tuple[float, float], width: float, height: float) -> None:
    """A front in the light, a side in the shade, a tiled roof, windows."""
    rng = drawing.rng
    x, top = at[0], at[1] - height
    right, depth, ridge = x + 0.72 * width, x + 1.02 * width, top - 0.30 * width
    wall, roof = _WALLS[rng.integers(6)], _ROOFS[rng.integers(4)]
    drawing.shape(box(x, top, right, 0.74), rng.uniform(0.02, 0.22), 1.5, wall)
    drawing.shape(box(right, top, depth, 0.74), 0.66, 1.2, wall * 0.86)
    eave, back = 0.05 * width, right - 0.05 * width
    front = [(x - eave, top), (x + 0.14 * width, ridge), (back, ridge), (right + eave, top)]
    side = [(right + eave, top), (back, ridge), (depth - 0.02, ridge), (depth + eave, top)]
    drawing.shape(np.asarray(front), 0.36, 1.35, roof)
    drawing.shape(np.asarray(side), 0.70, 0.5, roof * 0.85)
    if rng.random() < 0.4:
        chimney = x + width * rng.uniform(0.2, 0.5)
        drawing.shape(
            box(chimney, ridge - 0.012, chimney + 0.010, top - 0.12 * width), 0.55, 1.5, wall * 0.9
        )
    columns = max(int(width / 0.019), 2)
    w, h = 0.0042 + 0.018 * width, 0.17 * height
    for line in range(2):
        for k in range(columns):
            wx = x + (right - x) * (k + 0.5) / columns
            wy = top + height * (0.24 + 0.40 * line)
            drawing.shape(box(wx - w, wy - h / 2, wx + w, wy + h / 2), 0.92, 1.57, _GLASS, 0.0012)


def _tower(drawing: Drawing, x: float, foot: float, half: float, top: float) -> None:
    """A belfry: lit face, shaded face, cornices, arches, a dome and a cross."""
    stone = _WALLS[0]
    for level in range(3):
        low = foot - (foot - top) * level / 3
        high = foot - (foot - top) * (level + 1) / 3
        w, middle = half * (1 - 0.13 * level), (low + high) / 2
        drawing.shape(box(x - w, high, x + 0.35 * w, low + 0.01), 0.10, 1.5, stone)
        drawing.shape(box(x + 0.35 * w, high, x + w, low + 0.01), 0.68, 1.3, stone * 0.85)
        cornice = box(x - 1.15 * w, high - 0.006, x + 1.15 * w, high + 0.006)
        drawing.shape(cornice, 0.30, 0.0, stone * 0.95)
        for cx, r, tone in ((x - 0.32 * w, 0.24 * w, 0.95), (x + 0.68 * w, 0.13 * w, 0.98)):
            arch = put(_arch(14), (cx, middle - 0.2 * half), (r, 1.2 * r))
            sill = np.asarray([(cx + r, middle + 0.5 * half), (cx - r, middle + 0.5 * half)])
            drawing.shape(np.concatenate([arch, sill]), tone, 1.57, _DOOR)
    w = half * 0.74
    dome = put(_arch(24), (x, top - 0.006), (w, 1.25 * w))
    drawing.shape(dome, 0.30, 1.3, _ROOFS[1])
    drawing.shape(dome[12:], 0.72, 1.1, _ROOFS[2])
    tip = top - 1.25 * w
    drawing.shape(box(x - 0.18 * w, tip - 0.35 * w, x + 0.18 * w, tip + 0.03), 0.4, 1.5, stone)
    for cross in (knots("0 -.02, 0 -.055"), knots("-.010 -.042, .010 -.042")):
        drawing.line(put(cross, (x, tip)), 0.003)


def _arch(count: int) -> Array:
    """The upper half of the unit circle, from left to right."""
    turn = np.linspace(np.pi, 2 * np.pi, count)
    return np.stack([np.cos(turn), np.sin(turn)], 1)


def _bridge(drawing: Drawing) -> None:
    """A deck of iron on a great arch."""
    left, right, deck, spring, crown = 0.47, 0.93, 0.435, 0.665, 0.465
    t = np.linspace(-1, 1, 41)
    x = (left + right) / 2 + (right - left) / 2 * t
    upper = np.stack([x, crown + (spring - crown) * t**2], 1)
    lower = np.stack([x, crown + 0.034 + (spring - crown - 0.004) * t**2], 1)
    for k in range(2, 39, 3):
        for dx in (-0.004, 0.004):
            drawing.line(np.asarray([(x[k] + dx, deck), (x[k] + dx, upper[k, 1])]), 0.0022)
    drawing.shape(np.concatenate([upper, lower[::-1]]), 0.28, 0.4, _IRON, 0.0028)
    for k in range(0, 40, 2):
        drawing.line(np.stack([upper[k], lower[min(k + 2, 40)]]), 0.0018)
        drawing.line(np.stack([lower[k], upper[min(k + 2, 40)]]), 0.0018)
    start = left - 0.12
    drawing.shape(box(start, deck - 0.020, 1.03, deck + 0.004), 0.45, 0.0, _IRON, 0.0028)
    for k in range(48):
        post = put(knots("0 -.034, 0 -.018"), (start + 0.01 + 0.0135 * k, deck))
        drawing.line(post, 0.0014)
    drawing.line(np.asarray([(start, deck - 0.034), (1.03, deck - 0.034)]), 0.002)
    for px in (left - 0.005, right):
        drawing.shape(box(px - 0.016, deck + 0.004, px + 0.010, 0.70), 0.22, 1.5, _ROCK)
        drawing.shape(box(px + 0.010, deck + 0.004, px + 0.022, 0.70), 0.75, 1.3, _ROCK * 0.8)


def _river(drawing: Drawing) -> None:
    """The quay; bands of water, dark under it; broken level lines on them."""
    rng = drawing.rng
    drawing.shape(knots("-.03 .685, .66 .675, .68 .715, -.03 .735"), 0.30, 0.02, _ROCK)
    x = np.linspace(-0.03, 1.03, 40)
    for k in range(1, 11):
        edge = np.stack([x, 0.690 + 0.031 * k + 0.003 * np.sin(x * 30 + 2 * k)], 1)
        band = np.concatenate([edge, knots("1.03 1.03, -.03 1.03")])
        tone = max(0.56 - 0.055 * k + 0.18 * (k % 2), 0.12)
        drawing.shape(band, tone, 0.0, _RIVER * (0.92 + 0.03 * k), 0)
    for _ in range(240):
        y = 0.73 + 0.28 * rng.random()
        wide = rng.uniform(0.01, 0.05) * (0.5 + 3 * (y - 0.7))
        ripple = put(knots("-1 0, 0 .003, 1 0"), (rng.uniform(0, 1), y), (wide, 1))
        drawing.line(curve(ripple, 10), 0.0022)


def _boat(drawing: Drawing, x: float, y: float, size: float) -> None:
    """A rabelo: long hull, barrels of wine, a square sail, its reflection."""
    rng, place = drawing.rng, np.asarray((x, y))
    for k in range(26):
        wide = size * (0.62 - 0.018 * k) * rng.uniform(0.5, 1.0)
        at = (x + rng.normal(0, 0.08 * size), y + 0.012 + 0.033 * k * size)
        drawing.line(curve(put(knots("-1 0, 0 .002, 1 0"), at, (wide, 1)), 12), 0.0032)
    mast = knots("-.012 0, -.008 -.95, .012 -.95, .016 0")
    drawing.shape(place + size * mast, 0.7, 1.5, _WOOD)
    sail, shade = curve(_CLOTH, 60, closed=True), curve(_SHADE, 40, closed=True)
    drawing.shape(place + size * sail, 0.10, 1.3, _SAIL, 0.0026)
    drawing.shape(place + size * shade, 0.52, 1.2, _SAIL * 0.93, 0)
    for u in (-0.14, 0.02, 0.18):
        seam = put(knots("0 -.87, .06 -.55, 0 -.25"), (u, 0))
        drawing.line(curve(place + size * seam, 14), 0.0015)
    for u in (-0.26, -0.13, 0.0, 0.13, 0.26):
        barrel = put(ring((0, 0), 1.0, 24), (u, -0.085), (0.062, 0.058))
        drawing.shape(place + size * barrel, 0.45, 0.9, _WOOD)
    drawing.shape(place + size * curve(_HULL, 90, closed=True), 0.80, 0.05, _WOOD, 0.003)
