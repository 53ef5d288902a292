"""Pictures as dots in a plane, coloured by class: what a model finds alike lies together."""

from __future__ import annotations

from colorsys import hls_to_rgb
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont

from olhar.media.image import write

if TYPE_CHECKING:
    import os
    from pathlib import Path

    from torch import Tensor

_PAPER, _INK, _LINE, _ACCENT = "#FAF8F4", "#1E1B18", "#E4DED5", (0x3B, 0x4C, 0xCA)
_SIDE, _EDGE, _LEGEND, _ROW = 720, 24, 176, 20
_FINER = 3  # drawn so much larger, then averaged
_RADIUS = 4


@dataclass(frozen=True, kw_only=True)
class Plane:
    """Dots in a plane."""

    points: Tensor
    """(N, 2): to the right and upwards."""
    classes: tuple[str, ...] = ()
    """N names; empty for one colour."""

    def picture(self) -> Tensor:
        """Draw it: (3, H, W) in [0, 1], the origin in the middle, with a legend of the classes."""
        points, classes = self.points, self.classes
        names = sorted({*classes})
        colors = _colors(len(names)) if names else [_ACCENT]
        width = _SIDE + (_LEGEND if names else 0)
        height = max(_SIDE, 2 * _EDGE + _ROW * len(names))
        large = Image.new("RGB", (width * _FINER, height * _FINER), _PAPER)
        pen = ImageDraw.Draw(large)
        reach = points.abs().amax().clamp(min=1e-9)
        upwards = points * torch.tensor([1, -1]) / reach  # in [-1, 1], as rows of pixels count
        places = ((upwards + 1) / 2 * (_SIDE - 2 * _EDGE) + _EDGE) * _FINER
        first, middle, end = (each * _FINER for each in (_EDGE, _SIDE // 2, _SIDE - _EDGE))
        for line in ((first, middle, end, middle), (middle, first, middle, end)):
            pen.line(line, _LINE, _FINER)
        of = [names.index(name) for name in classes] or [0] * len(points)
        r = _RADIUS * _FINER
        order = torch.randperm(len(points), generator=torch.Generator().manual_seed(0))
        for i in map(int, order):  # so that no class lies over the others
            x, y = float(places[i, 0]), float(places[i, 1])
            pen.ellipse((x - r, y - r, x + r, y + r), colors[of[i]], _PAPER)
        for row in range(len(names)):
            x, y, r = _SIDE * _FINER, (_EDGE + _ROW * row + _ROW // 2) * _FINER, 5 * _FINER
            pen.ellipse((x - r, y - r, x + r, y + r), colors[row])
        canvas = large.resize((width, height), Image.Resampling.BOX)
        pen, font = ImageDraw.Draw(canvas), ImageFont.load_default(12)
        for row, name in enumerate(names):
            where = _SIDE + 12, _EDGE + _ROW * row + 2
            pen.text(where, fitting(pen, name, font, _LEGEND - 20), _INK, font)
        return torch.from_numpy(np.array(canvas)).permute(2, 0, 1).float() / 255

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the drawing as a picture.

        Raises:
            OlharError: if the suffix is of no picture, or the file cannot be written.
        """
        return write(path, self.picture(), mark=None)  # a drawing of numbers


def _colors(count: int) -> list[tuple[int, int, int]]:
    """Around the colour wheel, in turn lighter and darker."""
    found: list[tuple[int, int, int]] = []
    for i in range(count):
        light = (0.42, 0.62)[i % 2]
        r, g, b = hls_to_rgb((0.64 + i / count) % 1, light, 0.65)
        found.append((round(255 * r), round(255 * g), round(255 * b)))
    return found


def fitting(
    pen: ImageDraw.ImageDraw,
    text: str,
    font: ImageFont.ImageFont | ImageFont.FreeTypeFont,
    width: int,
) -> str:
    """A text, shortened to so many pixels."""
    while pen.textlength(text, font) > width:
        text = text.removesuffix("…")[:-1] + "…"
    return text
