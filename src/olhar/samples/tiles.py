"""Painted tiles: oxides laid on raw glaze with a brush, and the kiln that turns them into colour.

A tile painter works with washes that pool at their edges, outlines that swell and thin, hatching.
What the brush leaves is an amount of cobalt (blue) and of antimony (yellow) at every point.
"""

from collections.abc import Sequence

import numpy as np

from olhar.samples.canvas import (
    Array,
    Ink,
    Rng,
    blurred,
    fill,
    grid,
    mix,
    noise,
    ramp,
    relief,
    rgb,
    ribbon,
    smooth,
    surface,
)

TILES = 6
"""Tiles along each side of the panel."""
_COBALT = rgb("#f3f1e6", "#d3dfea", "#9dbbdd", "#5c86c4", "#2c54a4", "#173484", "#0d1c58")
_ANTIMONY = rgb("#f5f0dc", "#f6d978", "#eeb32c", "#c9801a")
_GROUT = rgb("#8d8474")[0]

Oxide = Sequence[float]
"""Amounts of cobalt and of antimony, each in [0, 1]."""
DARK: Oxide = (0.95, 0.0)


class Painter:
    """A brush over raw glaze."""

    def __init__(self, rng: Rng, n: int) -> None:
        self.rng = rng
        self.ink: Ink = surface(n, 0.0, 0.0)

    def line(self, path: Array, width: float, oxide: Oxide = DARK) -> None:
        """A stroke that swells and thins with its direction and dies at its ends."""
        ahead = np.gradient(path, axis=0)
        lean = np.abs(np.sin(np.arctan2(ahead[:, 1], ahead[:, 0]) - 0.6))
        ends = np.sqrt(np.sin(np.linspace(0.12, np.pi - 0.12, len(path))))
        fill(self.ink, ribbon(path, width * (0.45 + 0.75 * lean) * ends), oxide)

    def shape(self, outline: Array, oxide: Oxide, width: float = 0.0042) -> None:
        """A wash and its outline, drawn in two strokes."""
        fill(self.ink, outline, oxide)
        closed = np.concatenate([outline, outline[:2]])
        half = len(closed) // 2
        self.line(closed[: half + 2], width)
        self.line(closed[half:], width)

    def hatch(
        self, outline: Array, *, angle: float, step: float, cobalt: float, share: float = 1.0
    ) -> None:
        """Parallel strokes inside an outline, over the first `share` of it."""
        low, high = outline.min(0), outline.max(0)
        centre, reach = (low + high) / 2, float(np.hypot(*(high - low))) / 2
        onward = np.asarray((np.cos(angle), np.sin(angle)))
        aside = np.asarray((-onward[1], onward[0]))
        strokes, inside = surface(len(self.ink), 0.0), surface(len(self.ink), 0.0)
        fill(inside, outline, (1.0,))
        t = np.linspace(-reach, reach, 12)[:, None]
        bow = 0.06 * reach * np.sin(np.linspace(0, np.pi, 12))[:, None]
        for offset in np.arange(-reach, reach * (2 * share - 1), step):
            path = centre + onward * t + aside * (offset + bow + self.rng.normal(0, 0.1 * step))
            fill(strokes, ribbon(path, step * self.rng.uniform(0.25, 0.5)), (cobalt,))
        blue = self.ink[..., 0]
        np.maximum(blue, np.minimum(strokes, inside)[..., 0], out=blue)

    def fire(self) -> Array:
        """Glaze, crackle and joints: (n, n, 3)."""
        n, rng = len(self.ink), self.rng
        x, y = grid(n)
        cobalt, antimony = np.moveaxis(self.ink.astype(np.float32) / 255, -1, 0)
        streaks, cloud = noise(rng, n, (5, 40), 4, 0.7), noise(rng, n, 12, 5, 0.65)
        bare = smooth(0.02, 0, cobalt) * smooth(0.02, 0, antimony)
        within = np.maximum(np.abs(x - 0.5), np.abs(y - 0.5)) < 0.5 - 1 / TILES
        air = np.clip(0.17 + 0.09 * streaks, 0, 0.5)  # a thin wash over what is left of the sky
        cobalt = cobalt + air * bare * within * smooth(0.66, 0.2, y)
        pooled = cobalt - blurred(cobalt, 0.004)
        cobalt = cobalt * (1 + 0.13 * cloud + 0.09 * streaks) + 0.22 * pooled
        cobalt = blurred(cobalt, 0.0006)  # oxide bleeds a little into the glaze
        blue = ramp(_COBALT, cobalt + 0.02 * cloud)
        yellow = ramp(_ANTIMONY, antimony * (1 + 0.22 * cloud))
        picture = mix(blue, yellow, smooth(0.02, 0.25, antimony) * smooth(0.75, 0.3, cobalt))

        each = 1 + rng.normal(0, 0.02, (TILES**2, 1)) + rng.normal(0, 0.006, (TILES**2, 3))
        number = (np.floor(x * TILES) + TILES * np.floor(y * TILES)).astype(np.int32)
        from_edge = np.minimum(*(np.abs((axis * TILES + 0.5) % 1 - 0.5) for axis in (x, y))) / TILES
        cracks = [np.exp(-((noise(rng, n, 26, 2) / 0.035) ** 2)) for _ in range(2)]
        shade, shine = relief(smooth(0, 0.010, from_edge) + 0.05 * cloud, 0.13, gloss=0.08)
        light = shade * (1 - 0.07 * (cracks[0] + cracks[1]))
        picture = picture * each.astype(np.float32)[number] * light[..., None] + shine[..., None]
        joint = smooth(0.0022 + 0.5 / n, 0.0022 - 0.5 / n, from_edge)
        grout = _GROUT * (1 + 0.15 * noise(rng, n, 150, 2))[..., None]
        return np.clip(mix(picture, grout, joint), 0, 1)
