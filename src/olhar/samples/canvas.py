"""What every painting is drawn with: noise, colours, anti-aliased shapes, the light on thick paint.

All coordinates are in the unit square, x to the right and y down, and every random number is drawn in
the same order at every resolution, so a painting is the same composition at 64 and at 2048 px.
Pictures in the making are float32 (n, n, 3) RGB in [0, 1]; an `Ink` is the 8-bit surface on which
OpenCV draws anti-aliased shapes, with the height of the paint as a fourth channel where it matters.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
Labels = NDArray[np.int32]
Ink = NDArray[np.uint8]
Rng = np.random.Generator

SHIFT = 4  # OpenCV takes fixed-point coordinates: 4 fractional bits = 1/16 px


def grid(n: int) -> tuple[Array, Array]:
    """Coordinates x and y of the pixel centres, each (n, n), in (0, 1)."""
    axis = (np.arange(n, dtype=np.float32) + 0.5) / n
    x, y = np.meshgrid(axis, axis)
    return x, y


def rgb(*colours: str) -> Array:
    """Hexadecimal colours as rows in [0, 1]: `rgb("#ff0000", "#0000ff")` is (2, 3)."""
    codes = [[int(colour[i : i + 2], 16) for i in (1, 3, 5)] for colour in colours]
    return np.asarray(codes, np.float32) / 255


def ramp(colours: Array, t: Array) -> Array:
    """The colour at position t along a list of colours.

    Args:
        colours: (k, 3), evenly spaced from t = 0 to t = 1.
        t: any shape; clamped to [0, 1].

    Returns:
        `t.shape` + (3,).
    """
    steps, knots = np.linspace(0, 1, 1024), np.linspace(0, 1, len(colours))
    table = np.stack([np.interp(steps, knots, channel) for channel in colours.T], 1)
    return table.astype(np.float32)[(np.clip(t, 0, 1) * 1023).astype(np.int32)]


def smooth(low: float, high: float, t: Array) -> Array:
    """Hermite step from 0 at `low` to 1 at `high`; falling if `low` is the larger."""
    u = np.clip((t - low) / (high - low), 0, 1)
    return (u * u * (3 - 2 * u)).astype(np.float32)


def mix(a: Array, b: Array, t: Array) -> Array:
    """`a` where the mask t (n, n) is 0, `b` where it is 1; a and b are (n, n, 3) or one colour (3,)."""
    return (a + (b - a) * t[..., None]).astype(np.float32)


def noise(
    rng: Rng, n: int, cells: float | tuple[float, float], octaves: int = 4, gain: float = 0.5
) -> Array:
    """Fractal value noise of zero mean and about unit deviation, the same pattern at every n.

    Args:
        rng: consumed equally at every n.
        n: side of the result.
        cells: lattice cells of the coarsest octave across the picture; (x, y) for stretched noise.
        octaves: each doubles the cells; those finer than the pixels are left out.
        gain: amplitude of one octave relative to the one before.

    Returns:
        (n, n).
    """
    across, down = cells if isinstance(cells, tuple) else (cells, cells)
    total, amplitude, energy = np.zeros((n, n), np.float32), 1.0, 0.0
    for octave in range(octaves):
        kx, ky = (max(round(side * 2**octave), 1) for side in (across, down))
        lattice = rng.standard_normal((ky + 3, kx + 3)).astype(np.float32)
        if max(kx, ky) <= n:
            total += amplitude * (_taps(ky, n) @ lattice @ _taps(kx, n).T)
        energy += amplitude**2
        amplitude *= gain
    return total / np.float32(0.75 * energy**0.5)  # 0.75: what interpolation leaves of the deviation


def _taps(cells: int, n: int) -> Array:
    """Catmull-Rom weights of the cells + 3 lattice nodes at n points, as a dense (n, cells + 3)."""
    at = (np.arange(n) + 0.5) / n * cells
    base = np.floor(at).astype(np.int32)
    t = at - base
    weights = (
        ((-t + 2) * t - 1) * t / 2,
        ((3 * t - 5) * t * t + 2) / 2,
        ((-3 * t + 4) * t + 1) * t / 2,
        (t - 1) * t * t / 2,
    )
    dense = np.zeros((n, cells + 3), np.float32)
    for offset, weight in enumerate(weights):
        dense[np.arange(n), base + offset] = weight
    return dense


def sample(field: Array, points: Array) -> Array:
    """Values of a field (m, m) or (m, m, c) at the pixels nearest to the points (..., 2)."""
    m = len(field)
    column, row = np.moveaxis(np.clip((points * m).astype(np.int32), 0, m - 1), -1, 0)
    return field[row, column]


def curve(points: Sequence[tuple[float, float]] | Array, count: int = 64) -> Array:
    """A Catmull-Rom spline through the given points, `count` of them evenly spaced: (count, 2)."""
    knots = np.asarray(points, np.float32)
    ends = (2 * knots[:1] - knots[1:2], knots, 2 * knots[-1:] - knots[-2:-1])
    lattice = np.concatenate(ends)  # (k + 2, 2): one invented neighbour at each end
    at = np.linspace(0, len(knots) - 1, 16 * len(knots))
    base = np.minimum(at.astype(np.int32), len(knots) - 2)
    t = (at - base)[:, None]
    a, b, c, d = (lattice[base + i] for i in range(4))
    fine = b + t / 2 * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))
    walked = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(fine, axis=0).T))])
    even = np.linspace(0, walked[-1], count)
    return np.stack([np.interp(even, walked, axis) for axis in fine.T], 1).astype(np.float32)


def ribbon(path: Array, width: float | Array) -> Array:
    """The outline of a line of varying width: path (k, 2), full width scalar or (k,) -> (2k, 2)."""
    along = np.gradient(path, axis=0)
    across = np.stack([-along[:, 1], along[:, 0]], 1)
    across /= np.maximum(np.hypot(*across.T), 1e-9)[:, None]
    half = np.broadcast_to(np.asarray(width, np.float32) / 2, len(path))[:, None]
    return np.concatenate([path + across * half, (path - across * half)[::-1]]).astype(np.float32)


def surface(n: int, *values: float) -> Ink:
    """A new (n, n, c) drawing surface filled with one value per channel, each in [0, 1]."""
    return np.full((n, n, len(values)), [round(255 * v) for v in values], np.uint8)


def fill(ink: Ink, outline: Array, value: Sequence[float] | Array) -> None:
    """Fill a closed outline (k, 2), anti-aliased, with one value in [0, 1] per channel."""
    cv2.fillPoly(ink, [fixed(ink, outline)], _scalar(value), cv2.LINE_AA, SHIFT)


def disc(ink: Ink, centre: Sequence[float] | Array, radius: float, value: Sequence[float] | Array) -> None:
    """Fill a circle, anti-aliased; radius in units of the picture's side."""
    x, y = (int((float(c) * len(ink) - 0.5) * 2**SHIFT) for c in centre)
    fixed = max(int(radius * len(ink) * 2**SHIFT), 1)
    cv2.circle(ink, (x, y), fixed, _scalar(value), -1, cv2.LINE_AA, SHIFT)


def fixed(ink: Ink, points: Array) -> Labels:
    """Unit coordinates as OpenCV's fixed-point pixels."""
    return np.round((points * len(ink) - 0.5) * 2**SHIFT).astype(np.int32)


def _scalar(value: Sequence[float] | Array) -> tuple[float, ...]:
    """A colour of [0, 1] numbers as OpenCV's 0..255 scalar."""
    return tuple(min(max(255 * float(v), 0.0), 255.0) for v in value)


def relief(height: Array, strength: float, *, gloss: float = 0.0) -> tuple[Array, Array]:
    """Light from the upper left on a surface (Lambert), and its shine (Blinn-Phong).

    Args:
        height: (n, n) in [0, 1].
        strength: how steep: the height of 1 in units of 1/100 of the picture's side.
        gloss: how much shine, [0, 1].

    Returns:
        (n, n) a factor around 1 to multiply colours with; (n, n) light to add.
    """
    scale = strength * len(height) / 100
    dx = cv2.Sobel(height, cv2.CV_32F, 1, 0, ksize=3, scale=scale / 8)
    dy = cv2.Sobel(height, cv2.CV_32F, 0, 1, ksize=3, scale=scale / 8)
    length = np.sqrt(dx * dx + dy * dy + 1)
    light = np.asarray([-0.45, -0.55, 0.70], np.float32)
    shade = (light[2] - light[0] * dx - light[1] * dy) / length / light[2]
    halfway = light + np.asarray([0, 0, 1], np.float32)
    halfway /= np.linalg.norm(halfway)
    shine = np.clip((halfway[2] - halfway[0] * dx - halfway[1] * dy) / length, 0, 1) ** 40
    return shade.astype(np.float32), (gloss * shine).astype(np.float32)
