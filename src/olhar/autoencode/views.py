"""Pictures of what an autoencoder learned: the plane of its codes, and what it says worst."""

from __future__ import annotations

from colorsys import hls_to_rgb
from typing import TYPE_CHECKING

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont

from olhar.data.random import permutation
from olhar.media.picture import resize

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

_PAPER, _INK, _MUTED, _LINE = "#FAF8F4", "#1E1B18", "#6F675E", "#E4DED5"
_SIDE, _EDGE, _LEGEND, _ROW = 720, 24, 176, 20
_FINER = 3  # drawn so much larger, then averaged
_RADIUS = 4
_TILE, _GAP, _STRIP, _COLUMNS = 112, 8, 24, 8


def plane_picture(points: Tensor, classes: Sequence[str] = ()) -> Tensor:
    """Draw codes as dots in their plane, coloured by class.

    Args:
        points: (N, 2), from `olhar.autoencode.plane`.
        classes: N names; empty for one colour.

    Returns:
        (3, H, W) in [0, 1].
    """
    names = sorted({*classes})
    colors = _colors(len(names)) if names else [(59, 76, 202)]
    width = _SIDE + (_LEGEND if names else 0)
    height = max(_SIDE, 2 * _EDGE + _ROW * len(names))
    large = Image.new("RGB", (width * _FINER, height * _FINER), _PAPER)
    pen = ImageDraw.Draw(large)
    reach = points.abs().amax().clamp(min=1e-9)
    places = (
        (points * torch.tensor([1, -1]) / reach + 1) / 2 * (_SIDE - 2 * _EDGE) + _EDGE
    ) * _FINER
    middle, end = _SIDE * _FINER // 2, (_SIDE - _EDGE) * _FINER
    for line in ((_EDGE * _FINER, middle, end, middle), (middle, _EDGE * _FINER, middle, end)):
        pen.line(line, _LINE, _FINER)
    of = [names.index(name) for name in classes] or [0] * len(points)
    r = _RADIUS * _FINER
    for i in map(int, permutation(len(points), 0, 0)):  # so that no class lies over the others
        x, y = float(places[i, 0]), float(places[i, 1])
        pen.ellipse((x - r, y - r, x + r, y + r), colors[of[i]], _PAPER)
    for row in range(len(names)):
        x, y, r = _SIDE * _FINER, (_EDGE + _ROW * row + _ROW // 2) * _FINER, 5 * _FINER
        pen.ellipse((x - r, y - r, x + r, y + r), colors[row])
    canvas = large.resize((width, height), Image.Resampling.BOX)
    pen, font = ImageDraw.Draw(canvas), ImageFont.load_default(12)
    for row, name in enumerate(names):
        where = _SIDE + 12, _EDGE + _ROW * row + 2
        pen.text(where, _fitting(pen, name, font, _LEGEND - 20), _INK, font)
    return _tensor(canvas)


def worst_picture(images: Tensor, made: Tensor, names: Sequence[str]) -> Tensor:
    """Pictures over what an autoencoder made of them and over how much each place is off.

    Args:
        images: (N, 3, S, S) in [0, 1].
        made: the same size.
        names: what is written below each.

    Returns:
        (3, H, W) in [0, 1]; black is right, white is off by half of all that is possible.
    """
    off = ((made - images).abs().mean(1, keepdim=True) * 2).clamp(0, 1).expand_as(images)
    rows = [resize(each.float(), (_TILE, _TILE)) for each in (images, made, off)]
    columns = min(_COLUMNS, len(images))
    across, down = _TILE + _GAP, 3 * _TILE + _STRIP + _GAP
    size = columns * across + _GAP, -(-len(images) // columns) * down + _GAP
    canvas = Image.new("RGB", size, _PAPER)
    pen, font = ImageDraw.Draw(canvas), ImageFont.load_default(11)
    for i, name in enumerate(names):
        x, y = _GAP + i % columns * across, _GAP + i // columns * down
        for number, tiles in enumerate(rows):
            pixels = tiles[i].mul(255).round().byte().permute(1, 2, 0).numpy()
            canvas.paste(Image.fromarray(np.ascontiguousarray(pixels)), (x, y + number * _TILE))
        where = x, y + 3 * _TILE + 4
        pen.text(where, _fitting(pen, name, font, _TILE), _MUTED, font)
    return _tensor(canvas)


def _colors(count: int) -> list[tuple[int, int, int]]:
    """Around the colour wheel, in turn lighter and darker."""
    found: list[tuple[int, int, int]] = []
    for i in range(count):
        light = (0.42, 0.62)[i % 2]
        r, g, b = hls_to_rgb((0.64 + i / count) % 1, light, 0.65)
        found.append((round(255 * r), round(255 * g), round(255 * b)))
    return found


def _fitting(
    pen: ImageDraw.ImageDraw,
    text: str,
    font: ImageFont.ImageFont | ImageFont.FreeTypeFont,
    width: int,
) -> str:
    while pen.textlength(text, font) > width:
        text = text.removesuffix("…")[:-1] + "…"
    return text


def _tensor(canvas: Image.Image) -> Tensor:
    return torch.from_numpy(np.array(canvas)).permute(2, 0, 1).float() / 255
