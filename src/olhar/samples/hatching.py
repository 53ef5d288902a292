"""Pen and wash: darkness that is nothing but lines, crossed where it is deep.

Hatching follows each plane of the drawing and stops at its edge (after Winkenbach and Salesin,
"Computer-generated pen-and-ink illustration", SIGGRAPH 1994): every step of darkness adds a set of
lines at another angle, and within a set the lines swell with the darkness, as an engraver's do.
"""

import cv2
import numpy as np

from olhar.samples.canvas import (
    Array,
    Ink,
    Rng,
    blurred,
    fill,
    grid,
    lengths,
    mix,
    noise,
    ramp,
    resized,
    rgb,
    ribbon,
    smooth,
    surface,
    whole,
)

_INK, PAPER = rgb("#231813", "#f4ead2")
_SKY = rgb("#5f9ac4", "#b4d2d8", "#fbe0a0", "#f6b078")
_OPEN = 9.0  # marks the sky, where hatching has no direction of its own and goes with the wind
_SETS = (  # turned by, where darker than, lines across the picture
    (0.00, 0.04, 112),
    (1.05, 0.46, 120),
    (-0.60, 0.70, 126),
    (1.57, 0.88, 132),
)


class Drawing:
    """Planes of a subject under a sky: darkness, direction of hatching, wash; lines of the pen."""

    def __init__(self, rng: Rng, n: int) -> None:
        y = grid(n)[1]
        clouds = noise(rng, n, (2, 5), 4)
        self.rng = rng
        self.pen: Ink = surface(n, 0.0)
        self.tone: Array = np.clip(0.24 + 0.13 * clouds + 0.20 * smooth(0.30, 0, y), 0.09, 0.62)
        self.angle = np.full((n, n), _OPEN, np.float32)
        sky = ramp(_SKY, y / 0.60 + 0.08 * clouds)
        self.wash = mix(sky, PAPER, 0.7 * smooth(0.2, 1.4, -clouds))

    def shape(
        self, outline: Array, tone: float, angle: float, wash: Array, pen: float = 0.0018
    ) -> None:
        """A plane over what is there.

        Args:
            outline: (k, 2); up to nine corners are joined by single strokes, more are a curve.
            tone: darkness in [0, 1].
            angle: of the first set of lines, in radians.
            wash: (3,) its colour.
            pen: width of the outline; 0 for none.
        """
        pixels = whole(self.tone, outline)
        cv2.fillPoly(self.tone, [pixels], (tone,))
        cv2.fillPoly(self.angle, [pixels], (angle,))
        cv2.fillPoly(self.wash, [pixels], wash.tolist())
        fill(self.pen, outline, (0.0,))
        if pen:
            closed = np.concatenate([outline, outline[:1]])
            edges = [closed[i : i + 2] for i in range(len(outline))]
            for piece in edges if len(outline) <= 9 else [closed]:
                self.line(piece, pen)

    def line(self, path: Array, width: float) -> None:
        """One line of the pen: it wavers, and a straight one runs a little past its ends."""
        if len(path) == 2:
            reach = path[1] - path[0]
            past = 0.003 * reach / max(float(lengths(reach)), 1e-6)
            path = path[0] - past + np.linspace(0, 1, 9)[:, None] * (reach + 2 * past)
        waver = self.rng.normal(0, 0.0006, path.shape)
        press = self.rng.uniform(0.6, 1.25, len(path))
        fill(self.pen, ribbon(path + waver, width * press), (1.0,))

    def finish(self) -> Array:
        """Ink and colour on grained paper: (n, n, 3)."""
        n, rng = len(self.tone), self.rng
        hatching = self._hatch()
        wash = blurred(self.wash, 0.0012)
        around = resized(blurred(resized(wash, 256), 0.0094), n)
        bloom, grain = noise(rng, n, 9, 5, 0.6), noise(rng, n, 120, 3, 0.8)
        strength = np.clip(0.86 + 0.16 * bloom + 0.05 * grain, 0, 1)
        colour = PAPER + (wash - PAPER) * strength[..., None]
        pooled = np.clip(1 + 0.35 * (wash - around).min(-1), 0.7, 1)  # colour gathers at edges
        colour = colour * (pooled * (1 + 0.020 * grain))[..., None]
        line = np.maximum(self.pen[..., 0] / np.float32(255), 0.93 * hatching)
        return np.clip(mix(colour, _INK, line * np.clip(0.94 + 0.05 * grain, 0, 1)), 0, 1)

    def _hatch(self) -> Array:
        """How much of each pixel the sets of lines cover: (n, n)."""
        n, rng = len(self.tone), self.rng
        x, y = grid(n)
        waver, press = noise(rng, n, 7, 4, 0.6), noise(rng, n, 34, 3, 0.7)
        wind = y + 0.050 * noise(rng, n, 2, 2) + 0.02 * np.sin(7 * x)
        total = np.zeros((n, n), np.float32)
        for turn, threshold, lines in _SETS:
            angle = self.angle + np.float32(turn)
            level = y * np.cos(angle) - x * np.sin(angle)
            across = np.where(self.angle == _OPEN, wind + turn * 0.45 * x, level)
            phase = lines * across + 0.22 * waver
            half = np.clip(0.55 * (self.tone - threshold) + 0.05 * press, 0, 0.27) + 0.03
            gap = np.abs(phase - np.round(phase)) - half
            drawn = (self.tone > threshold) & (half > 0.042)
            total = np.maximum(total, np.clip(0.5 - gap * n / lines, 0, 1) * drawn)
        return total
