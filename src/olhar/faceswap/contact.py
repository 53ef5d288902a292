"""A sheet of the faces of a set, by which a person sees at a glance what it holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont

from olhar.media.picture import resize

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

_TILE, _GAP, _STRIP, _COLUMNS = 96, 8, 30, 12
_PAPER, _INK, _MUTED = "#FAF8F4", "#1E1B18", "#6F675E"


def contact(crops: Sequence[Tensor], captions: Sequence[tuple[str, str]]) -> Tensor:
    """Draw crops in rows of twelve with two lines under each.

    Args:
        crops: (3, S, S) in [0, 1], at least one.
        captions: the two lines.

    Returns:
        (3, H, W) in [0, 1].
    """
    columns = min(_COLUMNS, len(crops))
    rows = -(-len(crops) // columns)
    across, down = _TILE + _GAP, _TILE + _STRIP + _GAP
    canvas = Image.new("RGB", (columns * across + _GAP, rows * down + _GAP), _PAPER)
    pen, font = ImageDraw.Draw(canvas), ImageFont.load_default(11)
    for i, (crop, lines) in enumerate(zip(crops, captions, strict=True)):
        x, y = _GAP + i % columns * across, _GAP + i // columns * down
        tile = resize(crop.float(), (_TILE, _TILE)).mul(255).round().byte().permute(1, 2, 0)
        canvas.paste(Image.fromarray(np.ascontiguousarray(tile.numpy())), (x, y))
        for line, text, ink in zip((2, 15), lines, (_INK, _MUTED), strict=True):
            pen.text((x, y + _TILE + line), text, ink, font)
    return torch.from_numpy(np.array(canvas)).permute(2, 0, 1).float() / 255
