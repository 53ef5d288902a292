"""Pictures of what an autoencoder says worst."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont

from olhar.look.plane import fitting
from olhar.media.picture import resize

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

_PAPER, _MUTED = "#FAF8F4", "#6F675E"
_TILE, _GAP, _STRIP, _COLUMNS = 112, 8, 24, 8


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
        pen.text(where, fitting(pen, name, font, _TILE), _MUTED, font)
    return _tensor(canvas)


def _tensor(canvas: Image.Image) -> Tensor:
    return torch.from_numpy(np.array(canvas)).permute(2, 0, 1).float() / 255
