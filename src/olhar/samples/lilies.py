"""A lily pond, in oil: broken colour in short touches, reflections that hang down (after Monet).

Water is painted twice, once with what it mirrors (upright strokes) and once with its own skin
(level strokes); leaves and blossoms come last and are lit from the left.
"""

import numpy as np

from olhar.samples.canvas import (
    Array,
    Ink,
    Rng,
    fill,
    grid,
    mix,
    noise,
    ramp,
    rgb,
    ring,
    smooth,
    surface,
)
from olhar.samples.strokes import Brush, lay, layer, light

_DEEP = rgb("#14213f", "#1d3a4a", "#27523f", "#4a7a45", "#8fa35a")
_SKY = rgb("#3b3f86", "#5f66b3", "#8d8fd0", "#c2b3dc", "#f0cfd6")
_LEAVES = rgb("#1d4a4a", "#2f6b4f", "#5c9a5c", "#98c47e", "#d3dfae", "#efe0dc")
_PETALS = rgb("#fff4ea", "#ffd9dc", "#f7a3b5", "#e8577f", "#c42f58")
_SHADOW = rgb("#101c3a")[0]

_RAFTS = (  # x, y, spread, leaves, blossoms
    (0.22, 0.13, 0.13, 10, 2),
    (0.74, 0.20, 0.15, 13, 3),
    (0.40, 0.37, 0.17, 14, 3),
    (0.91, 0.46, 0.11, 9, 2),
    (0.12, 0.56, 0.15, 11, 3),
    (0.63, 0.67, 0.18, 12, 4),
    (0.24, 0.88, 0.19, 9, 3),
    (0.88, 0.93, 0.14, 7, 2),
)


def lilies(rng: Rng, n: int) -> Array:
    """Paint it: (n, n, 3)."""
    m = 512
    x, y = grid(m)
    willow = noise(rng, m, (7, 1.5), 4) + 0.5 * noise(rng, m, (22, 3), 2)
    ripple = noise(rng, m, (3, 26), 3)
    sway = noise(rng, m, 4, 3)
    clouds = noise(rng, m, (2, 3), 3) + 1.3 * np.sin(3.1 * x + 4.2 * y - 1.4)
    mirrored = ramp(_DEEP, 0.42 + 0.23 * willow - 0.12 * ripple)
    lit = ramp(_SKY, 0.42 + 0.17 * clouds + 0.14 * ripple - 0.25 * (y - 0.5))
    water = mix(mirrored, lit, 0.92 * smooth(-0.25, 0.75, clouds - 0.7 * willow))
    glint = mix(water, lit, 0.40 + 0.35 * smooth(0, 1.5, ripple))
    upright, level = np.pi / 2 + 0.32 * sway, 0.22 * ripple + 0.10 * sway
    leaves, afloat, blossoms = _rafts(rng, m)

    ink = surface(n, *rgb("#2b3f66")[0], 0.3)
    broad = Brush(spacing=0.030, length=0.100, width=0.030, bristles=9, hue=0.04)
    hanging = Brush(spacing=0.0165, length=0.065, width=0.0115, jitter=0.07, hue=0.05)
    skin = Brush(spacing=0.0170, length=0.045, width=0.0080, bristles=4, jitter=0.08, hue=0.05)
    touch = Brush(spacing=0.0080, length=0.022, width=0.0075, bristles=3, jitter=0.06, hue=0.045)
    crossing = Brush(spacing=0.030, length=0.050, width=0.0050, bristles=3, jitter=0.08, hue=0.05)
    for brush in (broad, hanging):
        layer(ink, rng, brush, colour=water, angle=upright)
    moving = smooth(-0.6, 0.9, ripple + 0.6 * clouds)
    layer(ink, rng, skin, colour=glint, angle=level, where=moving)
    layer(ink, rng, touch, colour=leaves, angle=0.4 * level, where=afloat)
    layer(ink, rng, crossing, colour=glint, angle=level)
    for cx, cy, r in blossoms:
        _blossom(ink, rng, cx, cy, r)
    return light(ink)


def _rafts(rng: Rng, m: int) -> tuple[Array, Array, list[tuple[float, float, float]]]:
    """Leaves afloat, far ones small: colours (m, m, 3), mask (m, m); blossoms (x, y, radius)."""
    paint, mask = surface(m, 0, 0, 0), surface(m, 0)
    blossoms: list[tuple[float, float, float]] = []
    turn = np.linspace(0, 2 * np.pi, 40)
    for cx, cy, spread, count, flowers in _RAFTS:
        size = 0.020 + 0.050 * cy
        places = rng.normal(0, 1, (count, 2)) * (spread * 0.55, spread * 0.20) + (cx, cy)
        places = places[np.argsort(places[:, 1])]
        for place in places:
            r, tint = size * rng.uniform(0.75, 1.25), rng.uniform(0.15, 0.75)
            wobble = 1 + 0.06 * np.sin(3 * turn + rng.uniform(0, 6))
            rim = ring((0, 0), wobble, 40) * (1, 0.40)
            for shift, scale, colour in (
                ((0.04, 0.17), 1.05, _SHADOW),
                ((0.00, 0.00), 1.00, ramp(_LEAVES, tint + 0.30)),  # a lit edge
                ((0.03, 0.04), 0.90, ramp(_LEAVES, tint)),
                ((0.12, 0.10), 0.62, ramp(_LEAVES, tint - 0.18)),
            ):
                outline = place + r * (scale * rim + shift)
                fill(paint, outline, colour)
                fill(mask, outline, (1,))
        for k in rng.permutation(count)[:flowers]:
            px, py = places[k]
            blossoms.append((px + rng.normal(0, size / 3), py - 0.25 * size, 0.72 * size))
    return paint / np.float32(255), mask[..., 0] / np.float32(255), blossoms


def _blossom(ink: Ink, rng: Rng, cx: float, cy: float, r: float) -> None:
    """Two whorls of petals, shaded below and on the right, around a yellow heart."""
    petal = Brush(width=0.40 * r, bristles=4, jitter=0.03, hue=0.02, taper=0.35)
    tint = rng.choice([0.0, 0.25, 0.6])
    for reach, count in ((1.0, 9), (0.72, 7)):
        turn = np.sort(rng.uniform(0, 0.5) + np.arange(count) / count * 2 * np.pi)
        turn = turn[np.argsort(np.sin(turn))]  # the petals behind first
        s = np.linspace(0.15, 1, 15)
        px = cx + r * reach * np.cos(turn)[:, None] * s
        py = cy + r * reach * (0.62 * np.sin(turn)[:, None] * s - 0.35 * s**2)
        shade = tint + 0.25 * (np.sin(turn) + 0.6 * np.cos(turn)) * reach + 0.12
        lay(ink, rng, petal, np.stack([px, py], -1), ramp(_PETALS, shade))
    heart = np.asarray([cx, cy - 0.12 * r]) + rng.normal(0, 0.10 * r, (5, 1, 2))
    t = np.linspace(-0.16 * r, 0.16 * r, 15)
    yellow = Brush(width=0.14 * r, bristles=2, hue=0.02)
    lay(ink, rng, yellow, heart + np.stack([0.3 * t, t], -1), rgb("#f4c430")[0])
