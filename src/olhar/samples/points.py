"""Evening on a bay, in points of pure colour that mix in the eye (after Seurat and Signac).

Each point takes one pigment of a small palette, drawn with a probability that falls with its
distance from the colour of the scene, so neighbours disagree and their mean is right.
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
    knots,
    mix,
    noise,
    profile,
    put,
    ramp,
    rgb,
    ribbon,
    sample,
    smooth,
    surface,
)
from olhar.samples.strokes import light, scatter

_PIGMENTS = rgb(
    "#fff3c4", "#ffd94a", "#ffae1f", "#f4772a", "#e2412f", "#c52561", "#ef8fa6", "#8f3fa0",
    "#4a3aa8", "#2348b8", "#2f86d6", "#58b9d8", "#a6e0dc", "#1f8f7a", "#2fa04a", "#8cc63f",
    "#0f4f46", "#1c2358", "#4a1f45", "#f7cfae",
)  # fmt: skip
_SKY = rgb("#5b7fc4", "#8fb2d8", "#cfc3d4", "#f8c7a4", "#fdb05a", "#ffd56a")
_SEA = rgb("#f6b76a", "#c9a3b8", "#7f9fd0", "#3f7fc0", "#2b5aa5", "#274a94")
_GRASS = rgb("#c9d24a", "#7fb53f", "#3f9448", "#1f6a4e", "#1c4a52")
_ROCK = rgb("#e8b58a", "#c47a6a", "#8a5a8a", "#4f4a88", "#2f2f66")
_PINE = rgb("#7fae3f", "#2f7f4a", "#145a4f", "#1a2f5a", "#3a1f4f")
_TRUNK, _BARK = rgb("#4a1f45", "#d0673a")
_SUN = (0.60, 0.335)
_HORIZON = 0.455

_CAPE = knots("0 .405, .25 .40, .42 .425, .55 .452, .60 .47, 1.1 .47")
_CLIFF = knots("-.01 .27, .10 .285, .19 .335, .255 .36, .30 .44, .345 .53, .40 .60, 1.1 .62")
_MEADOW = knots("-.01 .665, .2 .70, .42 .79, .62 .80, .82 .735, 1.01 .70")
_BOUGHS = (  # path, width at the root and at the tip
    (knots(".915 .93, .905 .70, .87 .48, .875 .24"), 0.040, 0.016),
    (knots(".873 .42, .82 .31, .775 .235"), 0.016, 0.007),
    (knots(".872 .36, .93 .26, .965 .19"), 0.016, 0.007),
)
_CLUMPS = (  # of needles: x, y, half width, half height
    (0.80, 0.20, 0.14, 0.050),
    (0.93, 0.155, 0.14, 0.055),
    (0.855, 0.095, 0.17, 0.065),
    (0.75, 0.27, 0.07, 0.025),
    (0.985, 0.25, 0.08, 0.030),
)
_LAYERS = (  # spacing, radius, how loosely a pigment keeps to the scene
    (0.0150, 0.0100, 0.060),
    (0.0100, 0.0058, 0.040),
    (0.0092, 0.0043, 0.065),
)


def points(rng: Rng, n: int) -> Array:
    """Paint it: (n, n, 3)."""
    scene = _scene(rng)
    ink = surface(n, *rgb("#e9d9b8")[0], 0.25)
    for spacing, radius, loose in _LAYERS:
        places = scatter(rng, spacing)
        wanted = sample(scene, places)
        distance = (
            (wanted[:, None] - _PIGMENTS) ** 2 * np.asarray((0.9, 1.3, 0.8), np.float32)
        ).sum(-1)
        chance = np.exp(-distance / loose)
        chance = np.cumsum(chance / chance.sum(1, keepdims=True), 1)
        choice = (rng.random((len(places), 1)) > chance).sum(1).clip(0, len(_PIGMENTS) - 1)
        colours = 0.80 * _PIGMENTS[choice] + 0.20 * wanted + rng.normal(0, 0.02, wanted.shape)
        sizes = radius * rng.uniform(0.75, 1.2, len(places))
        loads = rng.uniform(0.4, 0.9, len(places))
        for at, colour, r, load in zip(places, colours, sizes, loads, strict=True):
            disc(ink, at, r, (*colour, load))
    return light(ink, 0.16, 0.05)


def _scene(rng: Rng, m: int = 768) -> Array:
    """What the points add up to: (m, m, 3)."""
    x, y = grid(m)
    soft = noise(rng, m, (3, 9), 4)
    fine = noise(rng, m, 30, 3)
    d = np.hypot(x - _SUN[0], (y - _SUN[1]) * 1.15)
    scene = ramp(_SKY, y / _HORIZON * 0.78 + 0.075 * soft + 0.28 * np.exp(-((d / 0.16) ** 2)))
    clouds = smooth(0.5, 1.5, noise(rng, m, (2.5, 10), 4) - 0.6 * (y - 0.2) / 0.2)
    scene = mix(scene, ramp(rgb("#fff0d0", "#f9b9a8", "#b98ac0"), 0.5 + 0.3 * soft), 0.75 * clouds)
    scene = mix(scene, rgb("#fff6c8")[0], smooth(0.050, 0.044, d))
    depth = (y - _HORIZON) / (0.80 - _HORIZON)
    ripples = noise(rng, m, (7, 60), 3, 0.7)
    sea = ramp(_SEA, 0.10 + 0.85 * depth + 0.14 * ripples)
    path = np.exp(-(((x - _SUN[0]) / (0.035 + 0.13 * np.maximum(depth, 0))) ** 2))
    sea = mix(sea, rgb("#ffe28a")[0], smooth(0.15, 0.9, path * (0.75 + 0.5 * ripples)))
    scene = np.where((y > _HORIZON)[..., None], sea, scene)
    _capes(scene, x, y, soft, fine)
    grass = _meadow(scene, x, y, soft, fine)
    ink = (255 * scene.clip(0, 1)).astype(np.uint8)
    _boats(ink)
    _flowers(ink, rng, grass)
    _pine(ink, rng)
    return ink.astype(np.float32) / 255


def _capes(scene: Array, x: Array, y: Array, soft: Array, fine: Array) -> None:
    """A far cape, and on the left a near cliff lit from the right."""
    top = profile(_CAPE, x[0])
    inside = (y > top) & (y < 0.462)
    scene[inside] = ramp(_ROCK, 0.49 + 0.11 * x + 0.16 * soft + 0.13 * fine)[inside]
    top = profile(_CLIFF, x[0])
    inside = (y > top) & (y < 0.54 + 0.02 * soft + 0.10 * (0.4 - x))
    tone = 0.67 - 0.44 * x + 0.16 * soft + 0.13 * fine + 0.5 * (y - top)
    grass = smooth(0.03, 0.0, y - top - 0.012 * fine)
    scene[inside] = mix(ramp(_ROCK, tone), ramp(_GRASS, tone - 0.1), grass)[inside]


def _boats(ink: Ink) -> None:
    """Three sails and what the water gives back of them."""
    main, jib = knots(".03 .12, .42 .14, 0 1"), knots("-.04 .12, -.33 .10, 0 .9")
    hull = knots("-.36 .07, .46 .07, .34 -.04, -.28 -.04")
    for cx, foot, h in ((0.475, 0.515, 0.10), (0.715, 0.545, 0.155), (0.865, 0.485, 0.055)):
        for shape, tint in ((main, "#fff1d6"), (jib, "#f08a5a"), (hull, "#3a2458")):
            colour = rgb(tint)[0]
            below = put(shape, (cx, foot + 0.06 * h), (h, 0.7 * h))
            fill(ink, below, 0.55 * colour + 0.45 * rgb("#7f9fd0")[0])
            fill(ink, put(shape, (cx, foot), (h, -h)), colour)


def _meadow(scene: Array, x: Array, y: Array, soft: Array, fine: Array) -> Array:
    """Grass in sun and shade; returns the depth below its upper edge (m, m)."""
    depth = y - profile(_MEADOW, x[0]) - 0.006 * fine
    shade = smooth(0.10, -0.02, np.abs(depth - 0.10 - 0.05 * np.sin(x * 7 + 1)) - 0.03 * soft)
    colour = ramp(_GRASS, 0.18 + 0.55 * shade + 0.15 * fine + 0.10 * soft)
    scene[depth > 0] = colour[depth > 0]
    return depth


def _flowers(ink: Ink, rng: Rng, grass: Array) -> None:
    """Poppies, daisies, buttercups and thistles, larger towards us."""
    for tint, count in (("#e2412f", 230), ("#fff3c4", 150), ("#ffd94a", 110), ("#8f3fa0", 90)):
        places = rng.uniform((0, 0.69), (1, 1), (count, 2)).astype(np.float32)
        for at in places[sample(grass, places) > 0.012]:
            disc(ink, at, 0.004 + 0.022 * (float(at[1]) - 0.68), rgb(tint)[0])


def _pine(ink: Ink, rng: Rng) -> None:
    """An umbrella pine on the right that leans over the water, lit from the left."""
    for line, root, tip in _BOUGHS:
        path = curve(line, 40)
        width = np.linspace(root, tip, 40)
        lit = path - width[:, None] * (0.25, 0)
        fill(ink, ribbon(path, width), _TRUNK)
        fill(ink, ribbon(lit, width * 0.4), _BARK)
    for cx, cy, w, h in _CLUMPS:
        for u, v in rng.uniform(-1, 1, (150, 2)):
            if u * u + v * v < 1:
                tone = 0.45 + 0.38 * v + 0.22 * u + rng.normal(0, 0.14)
                disc(ink, (cx + u * w, cy + v * h), 0.013, ramp(_PINE, tone))
