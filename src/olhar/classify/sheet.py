"""A sheet of pictures with what was said of each: what a person judges a classifier by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont

from olhar.media.picture import resize

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from olhar.classify.network import Task

_TILE, _GAP, _STRIP, _COLUMNS = 112, 8, 38, 8
_PAPER, _INK, _ACCENT, _RED = "#FAF8F4", "#1E1B18", "#3B4CCA", "#B3261E"


def sheet(images: Tensor, said: Tensor, true: Tensor, names: Sequence[str], task: Task) -> Tensor:
    """Draw pictures in rows of eight; the bar's length is how sure the network is, red is wrong.

    Args:
        images: (N, 3, H, W) in [0, 1].
        said: (N, C) probabilities, or numbers.
        true: (N,) classes, (N, C) labels, or (N, K) numbers.
        names: of the C classes or labels, or K numbers.
        task: which of these it is.

    Returns:
        (3, H, W) in [0, 1].
    """
    columns = min(_COLUMNS, len(images))
    rows = -(-len(images) // columns)
    across, down = _TILE + _GAP, _TILE + _STRIP + _GAP
    canvas = Image.new("RGB", (columns * across + _GAP, rows * down + _GAP), _PAPER)
    pen, font = ImageDraw.Draw(canvas), ImageFont.load_default(11)
    tiles = resize(images.float(), (_TILE, _TILE)).mul(255).round().byte().permute(0, 2, 3, 1)
    for i, tile in enumerate(tiles.numpy()):
        x, y = _GAP + i % columns * across, _GAP + i // columns * down
        canvas.paste(Image.fromarray(np.ascontiguousarray(tile)), (x, y))
        first, second, share, right = _said(said[i], true[i], names, task)
        color = _ACCENT if right else _RED
        bar = max(2, round(share * _TILE))
        pen.rectangle((x, y + _TILE + 1, x + bar - 1, y + _TILE + 4), fill=color)
        for line, text, ink in ((6, first, _INK), (20, second, color)):
            fitting = text
            while pen.textlength(fitting, font) > _TILE:
                fitting = fitting.removesuffix("…")[:-1] + "…"
            pen.text((x, y + _TILE + line), fitting, ink, font)
    return torch.from_numpy(np.array(canvas)).permute(2, 0, 1).float() / 255


def _said(
    said: Tensor, true: Tensor, names: Sequence[str], task: Task
) -> tuple[str, str, float, bool]:
    """What was said; what is the case, if that is another; how surely; whether it is right."""
    if task == "class":
        share, best = said.max(0)
        cls = int(true.argmax() if true.ndim else true)
        right = int(best) == cls
        found = f"{names[int(best)]} {float(share):.0%}"
        return found, "" if right else f"is {names[cls]}", float(share), right
    if task == "labels":
        there, has = said >= 0.5, true >= 0.5
        right = bool((there == has).all())
        found, wanted = (
            ", ".join(name for name, on in zip(names, flags, strict=True) if bool(on)) or "none"
            for flags in (there, has)
        )
        sure = torch.where(there, said, 1 - said).min()  # of the least sure decision
        return found, "" if right else f"is {wanted}", float(sure), right
    found, wanted = (", ".join(f"{float(v):.4g}" for v in values) for values in (said, true))
    return found, f"is {wanted}", 1.0, True
