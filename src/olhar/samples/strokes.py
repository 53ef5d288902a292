"""Brush strokes that follow a flow: the engine of the paintings in oil.

After Haeberli, "Paint by Numbers" (SIGGRAPH 1990) and Hertzmann, "Painterly rendering with curved brush
strokes of multiple sizes" (SIGGRAPH 1998): layers from coarse to fine, each stroke a path along a
direction field in the colour found under its start. Here a stroke is a handful of bristles, each with its
own shade and its own height of paint, so that light raking over the canvas finds ridges (`relief`).
Cost: about 10 microseconds for each bristle.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from olhar.samples.canvas import SHIFT, Array, Ink, Rng, fixed, relief, sample


@dataclass(frozen=True, kw_only=True)
class Brush:
    """How one layer of strokes is laid on; lengths in units of the picture's side."""

    spacing: float
    """Distance between neighbouring strokes."""
    length: float
    width: float
    bristles: int = 5
    jitter: float = 0.05
    """Deviation of the brightness from stroke to stroke."""
    hue: float = 0.03
    """Deviation of each colour channel from stroke to stroke."""
    streak: float = 0.05
    """Deviation of the brightness from bristle to bristle."""


def scatter(rng: Rng, spacing: float) -> Array:
    """Points that fill the square evenly but not regularly, in random order: (k, 2)."""
    k = max(round(1.06 / spacing), 1)
    axis = (np.arange(k) + 0.5) / k * 1.06 - 0.03
    points = np.stack(np.meshgrid(axis, axis), -1).reshape(-1, 2)
    points += rng.uniform(-0.55, 0.55, points.shape) * spacing
    return rng.permutation(points).astype(np.float32)


def trace(starts: Array, angle: Array, length: float | Array, steps: int = 7) -> Array:
    """Paths along a direction field, centred on their starts (midpoint rule).

    Args:
        starts: (k, 2).
        angle: (m, m) radians, 0 = rightwards, positive = down.
        length: of every path, or (k,).
        steps: points before and after the start.

    Returns:
        (k, 2 * steps + 1, 2).
    """
    size = np.broadcast_to(np.asarray(length, np.float32), len(starts))[:, None] / (2 * steps)
    halves: list[list[Array]] = []
    for sign in (-1, 1):
        point, path = starts, list[Array]()
        for _ in range(steps):
            half = point + sign * size / 2 * _heading(angle, point)
            point = point + sign * size * _heading(angle, half)
            path.append(point)
        halves.append(path)
    return np.stack([*halves[0][::-1], starts, *halves[1]], 1).astype(np.float32)


def _heading(angle: Array, points: Array) -> Array:
    a = sample(angle, points)
    return np.stack([np.cos(a), np.sin(a)], -1)


def lay(ink: Ink, rng: Rng, paths: Array, colours: Array, brush: Brush, taper: float = 0.5) -> None:
    """Paint strokes along given paths, in order.

    Args:
        ink: (n, n, 4) colour and height of the paint.
        rng: draws the jitter.
        paths: (k, steps, 2).
        colours: (k, 3) in [0, 1].
        brush: width, bristles and jitters.
        taper: width at the ends relative to the middle.
    """
    k, steps, _ = paths.shape
    shade = rng.normal(0, brush.jitter, (k, 1)) + rng.normal(0, brush.hue, (k, 3))
    streaks = rng.normal(0, brush.streak, (k, brush.bristles))
    loads = rng.uniform(0.25, 0.95, (k, brush.bristles))  # how much paint each bristle carries
    ends = rng.uniform(0, 0.18, (k, brush.bristles, 2))  # bristles neither start nor end together
    widths = brush.width * rng.uniform(0.75, 1.2, k)

    along = np.gradient(paths, axis=1)
    across = np.stack([-along[..., 1], along[..., 0]], -1)
    across /= np.maximum(np.linalg.norm(across, axis=-1, keepdims=True), 1e-9)
    profile = taper + (1 - taper) * np.sqrt(np.sin(np.linspace(0.1, np.pi - 0.1, steps)))
    across *= widths[:, None, None] * profile[:, None]  # (k, steps, 2): one full width of the stroke
    place = (np.arange(brush.bristles) + 0.5) / brush.bristles - 0.5
    middle = paths[:, None] + across[:, None] * place[:, None, None]  # (k, bristles, steps, 2)
    half = across[:, None] * (0.75 / brush.bristles)  # bristles overlap by half
    left, right = fixed(ink, middle + half), fixed(ink, middle - half)

    shades = colours[:, None] + shade[:, None] + streaks[..., None]
    paint = 255 * np.concatenate([shades, loads[..., None]], -1).clip(0, 1)  # (k, bristles, 4)
    first = (ends[..., 0] * steps).astype(int)
    last = steps - (ends[..., 1] * steps).astype(int)
    order = np.argsort(rng.random((k, brush.bristles)), axis=1)
    for i in range(k):
        for b in order[i]:
            f, l = first[i, b], last[i, b]
            outline = np.concatenate([left[i, b, f:l], right[i, b, f:l][::-1]])
            cv2.fillPoly(ink, [outline], paint[i, b].tolist(), cv2.LINE_AA, SHIFT)


def layer(
    ink: Ink, rng: Rng, colour: Array, angle: Array, brush: Brush, where: Array | None = None
) -> None:
    """Cover the canvas (or where a mask (m, m) exceeds 0.5) with strokes of the colours beneath.

    Args:
        ink: (n, n, 4), painted on.
        rng: draws places and jitter.
        colour: (m, m, 3) the scene.
        angle: (m, m) direction of the strokes.
        brush: the layer.
        where: (m, m) mask or None for everywhere.
    """
    starts = scatter(rng, brush.spacing)
    lengths = brush.length * rng.uniform(0.6, 1.3, len(starts))
    if where is not None:
        kept = sample(where, starts) > 0.5
        starts, lengths = starts[kept], lengths[kept]
    if len(starts):
        lay(ink, rng, trace(starts, angle, lengths), sample(colour, starts), brush)


def finish(ink: Ink, strength: float = 0.30, gloss: float = 0.10) -> Array:
    """The painted surface under raking light: (n, n, 3)."""
    paint = ink.astype(np.float32) / 255
    height = cv2.GaussianBlur(paint[..., 3], (0, 0), 0.0009 * len(ink))
    shade, shine = relief(height, strength, gloss=gloss)
    return np.clip(paint[..., :3] * shade[..., None] + shine[..., None], 0, 1)
