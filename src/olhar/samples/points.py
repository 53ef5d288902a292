"""Evening on a bay, in points of pure colour that mix in the eye (after Seurat and Signac).

Each point takes one pigment of a small palette, drawn with a probability that falls with its distance
from the colour of the scene, so neighbours disagree and their mean is right.
"""

import numpy as np

from olhar.samples.canvas import Array, Ink, Rng, curve, disc, fill, grid, mix, noise, ramp, rgb, ribbon, sample, smooth, surface
from olhar.samples.strokes import finish, scatter

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
_SUN = (0.60, 0.335)


def points(rng: Rng, n: int) -> Array:
    """Paint it: (n, n, 3)."""
    scene = _scene(rng)
    ink = surface(n, *rgb("#e9d9b8")[0], 0.25)
    for spacing, radius, loose in ((0.0150, 0.0100, 0.060), (0.0100, 0.0058, 0.040), (0.0092, 0.0043, 0.065)):
        places = scatter(rng, spacing)
        wanted = sample(scene, places)
        distance = ((wanted[:, None] - _PIGMENTS) ** 2 * np.float32((0.9, 1.3, 0.8))).sum(-1)
        chance = np.exp(-distance / loose)
        chance = np.cumsum(chance / chance.sum(1, keepdims=True), 1)
        choice = (rng.random((len(places), 1)) > chance).sum(1).clip(0, len(_PIGMENTS) - 1)
        colours = 0.80 * _PIGMENTS[choice] + 0.20 * wanted + rng.normal(0, 0.02, wanted.shape)
        sizes = radius * rng.uniform(0.75, 1.2, len(places))
        loads = rng.uniform(0.4, 0.9, len(places))
        for at, colour, r, load in zip(places, colours, sizes, loads, strict=True):
            disc(ink, at, r, (*colour, load))
    return finish(ink, 0.16, 0.05)


def _scene(rng: Rng, m: int = 768) -> Array:
    """What the points add up to: (m, m, 3)."""
    x, y = grid(m)
    soft = noise(rng, m, (3, 9), 4)
    fine = noise(rng, m, 30, 3)
    horizon = 0.455
    d = np.hypot(x - _SUN[0], (y - _SUN[1]) * 1.15)
    scene = ramp(_SKY, y / horizon * 0.78 + 0.075 * soft + 0.28 * np.exp(-((d / 0.16) ** 2)))
    clouds = smooth(0.5, 1.5, noise(rng, m, (2.5, 10), 4) - 0.6 * (y - 0.2) / 0.2)
    scene = mix(scene, ramp(rgb("#fff0d0", "#f9b9a8", "#b98ac0"), 0.5 + 0.3 * soft), 0.75 * clouds)
    scene = mix(scene, rgb("#fff6c8")[0], smooth(0.050, 0.044, d))
    depth = (y - horizon) / (0.80 - horizon)
    ripples = noise(rng, m, (7, 60), 3, 0.7)
    sea = ramp(_SEA, 0.10 + 0.85 * depth + 0.14 * ripples)
    path = np.exp(-(((x - _SUN[0]) / (0.035 + 0.13 * np.maximum(depth, 0))) ** 2))
    sea = mix(sea, rgb("#ffe28a")[0], smooth(0.15, 0.9, path * (0.75 + 0.5 * ripples)))
    scene = np.where((y > horizon)[..., None], sea, scene)
    _capes(scene, x, y, soft, fine)
    grass = _meadow(scene, x, y, soft, fine)
    ink = (255 * scene.clip(0, 1)).astype(np.uint8)
    _boats(ink)
    _flowers(ink, rng, grass)
    _pine(ink, rng)
    return ink.astype(np.float32) / 255


def _capes(scene: Array, x: Array, y: Array, soft: Array, fine: Array) -> None:
    """A far cape and a near cliff on the left, lit from the right."""
    for knots, foot, light in (
        ([(0.0, 0.405), (0.25, 0.40), (0.42, 0.425), (0.55, 0.452), (0.60, 0.47), (1.1, 0.47)], 0.462, -0.05),
        ([(-0.01, 0.27), (0.10, 0.285), (0.19, 0.335), (0.255, 0.36), (0.30, 0.44), (0.345, 0.53), (0.40, 0.60), (1.1, 0.62)], 0.54, 0.20),
    ):  # fmt: skip
        path = curve(knots, 200)
        top = np.interp(x[0], path[:, 0], path[:, 1]).astype(np.float32)
        inside = (y > top) & (y < foot + 0.02 * soft * (light > 0) + 0.10 * (light > 0) * (0.4 - x))
        tone = 0.62 - light * 2.2 * (x - 0.12) + 0.16 * soft + 0.13 * fine + 0.5 * (y - top)
        colour = ramp(_ROCK, tone)
        green = smooth(0.03, 0.0, y - top - 0.012 * fine) * (light > 0)
        scene[inside] = mix(colour, ramp(_GRASS, tone - 0.1), green)[inside]


def _boats(ink: Ink) -> None:
    """Three sails and what the water gives back of them."""
    main, jib = [(0.03, 0.12), (0.42, 0.14), (0.0, 1.0)], [(-0.04, 0.12), (-0.33, 0.10), (0.0, 0.9)]
    hull = [(-0.36, 0.07), (0.46, 0.07), (0.34, -0.04), (-0.28, -0.04)]
    for cx, foot, h in ((0.475, 0.515, 0.10), (0.715, 0.545, 0.155), (0.865, 0.485, 0.055)):
        for outline, colour in ((main, "#fff1d6"), (jib, "#f08a5a"), (hull, "#3a2458")):
            shape = np.asarray(outline, np.float32)
            below = shape * (h, 0.7 * h) + (cx, foot + 0.06 * h)
            fill(ink, below.astype(np.float32), 0.55 * rgb(colour)[0] + 0.45 * rgb("#7f9fd0")[0])
            fill(ink, (shape * (h, -h) + (cx, foot)).astype(np.float32), rgb(colour)[0])


def _meadow(scene: Array, x: Array, y: Array, soft: Array, fine: Array) -> Array:
    """Grass in sun and shade; returns the depth below its upper edge (m, m)."""
    knots = [(-0.01, 0.665), (0.2, 0.70), (0.42, 0.79), (0.62, 0.80), (0.82, 0.735), (1.01, 0.70)]
    path = curve(knots, 200)
    depth = y - np.interp(x[0], path[:, 0], path[:, 1]).astype(np.float32) - 0.006 * fine
    shade = smooth(0.10, -0.02, np.abs(depth - 0.10 - 0.05 * np.sin(x * 7 + 1)) - 0.03 * soft)
    colour = ramp(_GRASS, 0.18 + 0.55 * shade + 0.15 * fine + 0.10 * soft)
    scene[depth > 0] = colour[depth > 0]
    return depth.astype(np.float32)


def _flowers(ink: Ink, rng: Rng, grass: Array) -> None:
    """Poppies, daisies, buttercups and thistles, larger towards us."""
    for tint, count in (("#e2412f", 230), ("#fff3c4", 150), ("#ffd94a", 110), ("#8f3fa0", 90)):
        places = rng.uniform((0, 0.69), (1, 1), (count, 2)).astype(np.float32)
        for at in places[sample(grass, places) > 0.012]:
            disc(ink, at, 0.004 + 0.022 * (float(at[1]) - 0.68), rgb(tint)[0])


def _pine(ink: Ink, rng: Rng) -> None:
    """An umbrella pine on the right that leans over the water, lit from the left."""
    for knots, root, tip in (
        ([(0.915, 0.93), (0.905, 0.70), (0.87, 0.48), (0.875, 0.24)], 0.040, 0.016),
        ([(0.873, 0.42), (0.82, 0.31), (0.775, 0.235)], 0.016, 0.007),
        ([(0.872, 0.36), (0.93, 0.26), (0.965, 0.19)], 0.016, 0.007),
    ):
        path = curve(knots, 40)
        width = np.linspace(root, tip, 40, dtype=np.float32)
        lit = path - width[:, None] * np.float32((0.25, 0))
        fill(ink, ribbon(path, width), rgb("#4a1f45")[0])
        fill(ink, ribbon(lit, width * 0.4), rgb("#d0673a")[0])
    clumps = (
        (0.80, 0.20, 0.14, 0.050),
        (0.93, 0.155, 0.14, 0.055),
        (0.855, 0.095, 0.17, 0.065),
        (0.75, 0.27, 0.07, 0.025),
        (0.985, 0.25, 0.08, 0.030),
    )
    for cx, cy, w, h in clumps:
        for u, v in rng.uniform(-1, 1, (150, 2)):
            if u * u + v * v < 1:
                tone = np.float32(0.45 + 0.38 * v + 0.22 * u + rng.normal(0, 0.14))
                disc(ink, (cx + u * w, cy + v * h), 0.013, ramp(_PINE, tone))
