"""Brush strokes that follow a flow: the engine of the paintings in oil.

After Haeberli, "Paint by Numbers" (SIGGRAPH 1990), and Hertzmann, "Painterly rendering with curved
brush strokes of multiple sizes" (SIGGRAPH 1998): layers from coarse to fine, each stroke a path
along a direction field in the colour found under its start. Here a stroke is a handful of bristles,
each with its own shade and height of paint, so that light raking over the canvas finds ridges.
Cost: about 10 microseconds for each bristle.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from olhar.samples.canvas import SHIFT, Array, Ink, Rng, blurred, fixed, relief, sample


@dataclass(frozen=True, kw_only=True)
class Brush:
    """How strokes are laid on; lengths in units of the picture's side."""

    width: float
    """Of a stroke in its middle."""
    spacing: float = 0.0
    """Distance between neighbouring strokes of a layer."""
    length: float = 0.0
    """Of the strokes of a layer."""
    bristles: int = 5
    jitter: float = 0.05
    """Deviation of the brightness from stroke to stroke."""
    hue: float = 0.03
    """Deviation of each colour channel from stroke to stroke."""
    streak: float = 0.05
    """Deviation of the brightness from bristle to bristle."""
    taper: float = 0.5
    """Width at the ends relative to the middle."""


def scatter(rng: Rng, spacing: float) -> Array:
    """Points that fill the square evenly but not regularly, in random order: (k, 2)."""
    k = max(round(1.06 / spacing), 1)  # a little past the edges, where strokes begin too
    axis = (np.arange(k) + 0.5) / k * 1.06 - 0.03
    points = np.stack(np.meshgrid(axis, axis), -1).reshape(-1, 2)
    points += rng.uniform(-0.55, 0.55, points.shape) * spacing
    return rng.permutation(points).astype(np.float32)


def trace(starts: Array, angle: Array, length: Array, steps: int = 7) -> Array:
    """Paths along a direction field, centred on their starts (midpoint rule).

    Args:
        starts: (k, 2).
        angle: (m, m) radians, 0 = rightwards, positive = down.
        length: (k,) of each path.
        steps: points before and after the start.

    Returns:
        (k, 2 * steps + 1, 2).
    """
    size = length[:, None] / (2 * steps)
    halves: list[list[Array]] = []
    for sign in (-1, 1):
        point, path = starts, list[Array]()
        for _ in range(steps):
            halfway = point + sign * size / 2 * _heading(angle, point)
            point = point + sign * size * _heading(angle, halfway)
            path.append(point)
        halves.append(path)
    return np.stack([*halves[0][::-1], starts, *halves[1]], 1).astype(np.float32)


def _heading(angle: Array, points: Array) -> Array:
    a = sample(angle, points)
    return np.stack([np.cos(a), np.sin(a)], -1)


def lay(ink: Ink, rng: Rng, brush: Brush, paths: Array, colours: Array) -> None:
    """Paint strokes along given paths, in order.

    Args:
        ink: (n, n, 4) colour and height of the paint.
        rng: draws the jitter.
        brush: width, bristles and jitters.
        paths: (k, steps, 2).
        colours: (k, 3) in [0, 1], or (3,) for all.
    """
    k, steps = len(paths), len(paths[0])
    shade = rng.normal(0, brush.jitter, (k, 1)) + rng.normal(0, brush.hue, (k, 3))
    streaks = rng.normal(0, brush.streak, (k, brush.bristles))
    loads = rng.uniform(0.25, 0.95, (k, brush.bristles))  # how much paint each bristle carries
    ends = rng.uniform(0, 0.18, (k, brush.bristles, 2))  # bristles neither start nor end together
    widths = brush.width * rng.uniform(0.75, 1.2, k)

    along = np.gradient(paths, axis=1)
    across = np.stack([-along[..., 1], along[..., 0]], -1)
    across /= np.maximum(np.linalg.norm(across, axis=-1, keepdims=True), 1e-9)
    bulge = np.sqrt(np.sin(np.linspace(0.1, np.pi - 0.1, steps)))
    outline = brush.taper + (1 - brush.taper) * bulge
    across *= widths[:, None, None] * outline[:, None]  # (k, steps, 2): the width of the stroke
    place = (np.arange(brush.bristles) + 0.5) / brush.bristles - 0.5
    middle = paths[:, None] + across[:, None] * place[:, None, None]  # (k, bristles, steps, 2)
    half = across[:, None] * (0.75 / brush.bristles)  # bristles overlap by half
    first = (ends[..., :1] * steps).astype(int)
    last = (steps - 1 - ends[..., 1:] * steps).astype(int)
    kept = np.clip(np.arange(steps), first, last)[..., None]
    left, right = (np.take_along_axis(side, kept, 2) for side in (middle + half, middle - half))
    outlines = fixed(ink, np.concatenate([left, right[:, :, ::-1]], 2))

    shades = np.broadcast_to(colours, (k, 3))[:, None] + shade[:, None] + streaks[..., None]
    paint = 255 * np.concatenate([shades, loads[..., None]], -1).clip(0, 1)  # (k, bristles, 4)
    order = np.argsort(rng.random((k, brush.bristles)), axis=1)[..., None]
    paint = np.take_along_axis(paint, order, 1).reshape(-1, 4).tolist()
    outlines = np.take_along_axis(outlines, order[..., None], 1).reshape(-1, 2 * steps, 2)
    for outline, value in zip(outlines, paint, strict=True):
        cv2.fillPoly(ink, [outline], value, cv2.LINE_AA, SHIFT)


def layer(
    ink: Ink,
    rng: Rng,
    brush: Brush,
    *,
    colour: Array,
    angle: Array,
    where: Array | None = None,
) -> None:
    """Cover the canvas with strokes of the colours beneath.

    Args:
        ink: (n, n, 4), painted on.
        rng: draws places and jitter.
        brush: how.
        colour: (m, m, 3) the scene.
        angle: (m, m) direction of the strokes.
        where: (m, m) paint only where this exceeds 0.5; everywhere if not given.
    """
    starts = scatter(rng, brush.spacing)
    length = brush.length * rng.uniform(0.6, 1.3, len(starts))
    if where is not None:
        kept = sample(where, starts) > 0.5
        starts, length = starts[kept], length[kept]
    lay(ink, rng, brush, trace(starts, angle, length), sample(colour, starts))


def light(ink: Ink, strength: float = 0.30, gloss: float = 0.10) -> Array:
    """The painted surface under raking light: (n, n, 3)."""
    paint = ink.astype(np.float32) / 255
    shade, shine = relief(blurred(paint[..., 3], 0.0009), strength, gloss=gloss)
    return np.clip(paint[..., :3] * shade[..., None] + shine[..., None], 0, 1)
