"""What every painting is drawn with: noise, colours, anti-aliased shapes, light on thick paint.

All coordinates are in the unit square, x to the right and y down, and every random number is drawn
in the same order at every resolution: a painting is the same composition at 64 and at 2048 pixels.
Pictures in the making are float (n, n, 3) RGB in [0, 1]; an `Ink` is the 8-bit surface on which
OpenCV draws anti-aliased shapes, with the height of the paint as a fourth channel where it matters.
"""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
"""Real numbers: float32 where they are pixels."""
Ink = NDArray[np.uint8]
Rng = np.random.Generator

SHIFT = 4
"""OpenCV takes fixed-point coordinates: 4 fractional bits are 1/16 of a pixel."""


def grid(n: int) -> tuple[Array, Array]:
    """Coordinates x and y of the pixel centres, each (n, n) float32, in (0, 1)."""
    axis = (np.arange(n, dtype=np.float32) + 0.5) / n
    x, y = np.meshgrid(axis, axis)
    return x, y


def rgb(*colours: str) -> Array:
    """Hexadecimal colours as rows in [0, 1].

    >>> rgb("#ff0000", "#0000ff").tolist()
    [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    """
    codes = [[int(colour[i : i + 2], 16) for i in (1, 3, 5)] for colour in colours]
    return np.asarray(codes, np.float32) / 255


def knots(text: str) -> Array:
    """Points as they are noted down in the drawings: pairs of x and y.

    >>> knots("0 0.5, 1 0.25").tolist()
    [[0.0, 0.5], [1.0, 0.25]]
    """
    return np.asarray(text.replace(",", " ").split(), np.float32).reshape(-1, 2)


def ramp(colours: Array, t: Array | float) -> Array:
    """The colour at position t along a list of colours.

    Args:
        colours: (k, 3), evenly spaced from t = 0 to t = 1.
        t: any shape; clamped to [0, 1].

    Returns:
        `t.shape` + (3,), float32.
    """
    steps, places = np.linspace(0, 1, 1024), np.linspace(0, 1, len(colours))
    table = np.empty((1024, 3), np.float32)
    for channel in range(3):
        table[:, channel] = np.interp(steps, places, colours[:, channel])
    return table[(np.clip(t, 0, 1) * 1023).astype(np.int32)]


def smooth(low: float, high: float, t: Array) -> Array:
    """Hermite step from 0 at `low` to 1 at `high`; falling if `low` is the larger."""
    u = np.clip((t - low) / (high - low), 0, 1)
    return (u * u * (3 - 2 * u)).astype(np.float32)


def mix(a: Array, b: Array, t: Array) -> Array:
    """`a` where the mask t (n, n) is 0, `b` where it is 1; both (n, n, 3), or one colour (3,)."""
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
        (n, n) float32.
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
    return total / np.float32(0.75 * energy**0.5)  # interpolation leaves 0.75 of the deviation


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
    at = np.clip((points * m).astype(np.int32), 0, m - 1)
    return field[at[..., 1], at[..., 0]]


def curve(points: Array, count: int = 64, *, closed: bool = False) -> Array:
    """A Catmull-Rom spline through points (k, 2), at even distances along it: (count, 2)."""
    if closed:
        points = np.concatenate([points, points[:1]])
    ends = (2 * points[:1] - points[1:2], points, 2 * points[-1:] - points[-2:-1])
    lattice = np.concatenate(ends)  # (k + 2, 2): one invented neighbour at each end
    at = np.linspace(0, len(points) - 1, 16 * len(points))
    base = np.minimum(at.astype(np.int32), len(points) - 2)
    t = (at - base)[:, None]
    a, b, c, d = (lattice[base + i] for i in range(4))
    fine = b + t / 2 * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))
    walked = np.concatenate([[0], np.cumsum(lengths(np.diff(fine, axis=0)))])
    return along(fine, walked, walked[-1] * np.linspace(0, 1, count))


def along(path: Array, walked: Array, marks: Array) -> Array:
    """Points of a path (k, 2) at given distances from its start: `walked` (k,), `marks` (m,)."""
    x, y = (np.interp(marks, walked, path[:, axis]) for axis in (0, 1))
    return np.stack([x, y], 1).astype(np.float32)


def put(
    shape: Array, at: Sequence[float] | Array, size: float | Sequence[float] | Array = 1.0
) -> Array:
    """A shape (k, 2) scaled, in x and y alike or not, and moved so that its origin is at `at`."""
    return shape * np.asarray(size) + np.asarray(at)


def profile(points: Array, x: Array) -> Array:
    """The height y over x (n,) of a spline through points that go from left to right."""
    path = curve(points, 256)
    return np.interp(x, path[:, 0], path[:, 1]).astype(np.float32)


def ring(centre: Sequence[float] | Array, radius: float | Array, count: int = 60) -> Array:
    """A closed outline around a centre, (count, 2); the radius may go with the angle, (count,)."""
    turn = np.linspace(0, 2 * np.pi, count)
    return put(np.stack([np.cos(turn), np.sin(turn)], 1), centre, np.reshape(radius, (-1, 1)))


def lengths(vectors: Array) -> Array:
    """Euclidean lengths of vectors (..., 2)."""
    return np.hypot(vectors[..., 0], vectors[..., 1])


def ribbon(path: Array, width: float | Array) -> Array:
    """The outline of a line of varying width: path (k, 2), full width scalar or (k,) -> (2k, 2)."""
    along = np.gradient(path, axis=0)
    across = np.stack([-along[:, 1], along[:, 0]], 1)
    across = across / np.maximum(lengths(across), 1e-9)[:, None]
    half = np.broadcast_to(np.asarray(width) / 2, len(path))[:, None]
    return np.concatenate([path + across * half, (path - across * half)[::-1]]).astype(np.float32)


def frame(outer: float, inner: float) -> list[Array]:
    """The four bars of a square frame; both numbers are distances from the picture's edge."""
    far, near = 1 - outer, 1 - inner
    bars = (
        (outer, outer, far, inner),
        (outer, near, far, far),
        (outer, inner, inner, near),
        (near, inner, far, near),
    )
    return [box(*bar) for bar in bars]


def box(left: float, top: float, right: float, bottom: float) -> Array:
    """A rectangle as an outline (4, 2)."""
    return np.asarray([(left, top), (right, top), (right, bottom), (left, bottom)], np.float32)


def surface(n: int, *values: float) -> Ink:
    """A new (n, n, c) drawing surface filled with one value per channel, each in [0, 1]."""
    return np.full((n, n, len(values)), [round(255 * v) for v in values], np.uint8)


def fill(ink: Ink, outline: Array, value: Sequence[float] | Array) -> None:
    """Fill a closed outline (k, 2), anti-aliased, with one value in [0, 1] per channel."""
    cv2.fillPoly(ink, [fixed(ink, outline)], _scalar(value), cv2.LINE_AA, SHIFT)


def disc(
    ink: Ink, centre: Sequence[float] | Array, radius: float, value: Sequence[float] | Array
) -> None:
    """Fill a circle, anti-aliased; radius in units of the picture's side."""
    x, y = fixed(ink, np.asarray(centre))
    size = max(int(radius * len(ink) * 2**SHIFT), 1)
    cv2.circle(ink, (int(x), int(y)), size, _scalar(value), -1, cv2.LINE_AA, SHIFT)


def fixed(ink: Ink, points: Array) -> NDArray[np.int32]:
    """Unit coordinates as OpenCV's fixed-point pixels."""
    return np.round((points * len(ink) - 0.5) * 2**SHIFT).astype(np.int32)


def whole(picture: Array, points: Array) -> NDArray[np.int32]:
    """Unit coordinates as whole pixels, for the maps that are not anti-aliased."""
    return np.round(points * len(picture) - 0.5).astype(np.int32)


def _scalar(value: Sequence[float] | Array) -> tuple[float, ...]:
    """A colour of [0, 1] numbers as OpenCV's 0..255 scalar."""
    return tuple(min(max(255 * float(v), 0.0), 255.0) for v in value)


def blurred(picture: Array, sigma: float) -> Array:
    """Gaussian blur of (n, n) or (n, n, c); sigma in units of the picture's side."""
    return cv2.GaussianBlur(picture, (0, 0), sigma * len(picture))


def resized(picture: Array, n: int) -> Array:
    """A picture (m, m) or (m, m, c) at n pixels a side, averaging if it shrinks."""
    how = cv2.INTER_AREA if n < len(picture) else cv2.INTER_CUBIC
    return cv2.resize(picture, (n, n), interpolation=how)


def relief(height: Array, strength: float, *, gloss: float = 0.0) -> tuple[Array, Array]:
    """Light from the upper left on a surface (Lambert), and its shine (Blinn-Phong).

    Args:
        height: (n, n) float32 in [0, 1].
        strength: the height of 1 in hundredths of the picture's side.
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
