"""Tensors as pictures: images side by side, and numbers in their rows and columns."""

from __future__ import annotations

import io
from html import escape
from typing import TYPE_CHECKING

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from olhar.look.phrase import Phrase

if TYPE_CHECKING:
    from collections.abc import Sequence

_PAPER, _INK, _MUTED, _LINE = "#FAF8F4", "#1E1B18", "#6F675E", "#E4DED5"
_HEAT = ("#E0A100", "#FAF8F4", "#3B4CCA")  # least, none, most
_CELL, _GAP, _SHEET, _TOP = 34, 28, 10, 44
_BETWEEN = 8  # pixels between images


def side_by_side(pictures: Tensor | Sequence[Tensor], enlarge: int = 1) -> Tensor:
    """One image (3, H, W) of one or several, top edges level, on paper.

    Args:
        pictures: (3, H, W), (1, H, W) or (H, W) in [0, 1].
        enlarge: each pixel becomes a square so many pixels wide.
    """
    images = [_rgb(each, enlarge) for each in _each(pictures)]
    height = max(image.shape[1] for image in images)
    paper = torch.tensor([int(_PAPER[i : i + 2], 16) / 255 for i in (1, 3, 5)])[:, None, None]
    parts: list[Tensor] = []
    for image in images:
        column = paper.expand(3, height, image.shape[2]).clone()
        column[:, : image.shape[1]] = image
        parts += [paper.expand(3, height, _BETWEEN), column]
    return torch.cat(parts[1:], 2)


def _each(pictures: Tensor | Sequence[Tensor]) -> list[Tensor]:
    return [pictures] if isinstance(pictures, Tensor) else [*pictures]


def _rgb(image: Tensor, enlarge: int) -> Tensor:
    image = image.detach().float().cpu().clamp(0, 1)
    image = image[None] if image.ndim == 2 else image
    image = image.expand(3, -1, -1)
    return image.repeat_interleave(enlarge, 1).repeat_interleave(enlarge, 2)


def sheet(images: Tensor, columns: int) -> Tensor:
    """A batch (N, C, H, W) as one image (C, H', W'), rows of so many with a pixel between them."""
    n, c, h, w = images.shape
    rows = -(-n // columns)
    paper = images.new_ones(rows * columns, c, h + 1, w + 1)
    paper[:n, :, :h, :w] = images
    grid = paper.reshape(rows, columns, c, h + 1, w + 1).permute(2, 0, 3, 1, 4)
    return grid.reshape(c, rows * (h + 1), columns * (w + 1))[:, :-1, :-1]


def heat(values: Tensor) -> Tensor:
    """Numbers (H, W) as colours (3, H, W): amber below zero, paper at zero, indigo above."""
    scaled = values.detach().float() / values.abs().amax().clamp(min=1e-12)
    low, none, high = (
        torch.tensor([int(c[i : i + 2], 16) / 255 for i in (1, 3, 5)])[:, None, None] for c in _HEAT
    )
    return none + scaled.clamp(min=0) * (high - none) - scaled.clamp(max=0) * (low - none)


def png(image: Tensor) -> bytes:
    """The bytes of a PNG of an image (3, H, W)."""
    levels = image.mul(255).round().byte().permute(1, 2, 0).numpy()
    box = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(levels)).save(box, "PNG", optimize=True)
    return box.getvalue()


def blocks(*tensors: tuple[str | Phrase, Tensor], arrow: bool = True) -> str:
    """Tensors of up to four dimensions as their numbers, each with its name and shape: an SVG.

    The last dimension runs to the right and the one before it down; channels stand beside each
    other, and the examples of a batch below each other.

    Args:
        tensors: names and tensors, drawn from left to right.
        arrow: an arrow between them: each is made of the one before.
    """
    parts: list[str] = []
    x, height = 8, 0
    top = max(abs(float(t.abs().max())) for _, t in tensors if t.numel()) or 1.0
    for number, (name, tensor) in enumerate(tensors):
        if number:
            if arrow:
                parts.append(
                    _label(x + _GAP // 2, _TOP + _CELL // 2 + 6, "→", "middle", 20, _MUTED)
                )
            x += _GAP
        drawn, width, deep = _block(tensor, x, _TOP, top)
        parts += drawn
        shape = str(tuple(tensor.shape))
        parts += [_label(x, 16, name, "start", 13, _INK), _label(x, 33, shape, "start", 12, _MUTED)]
        longest = max(len(t) for t in (*(name if isinstance(name, Phrase) else (name,)), shape))
        x += max(width, round(7.4 * longest) + 4)
        height = max(height, deep)
    size = x + 8, _TOP + height + 8
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size[0]} {size[1]}" '
        f'width="{size[0]}" height="{size[1]}" font-family="system-ui, sans-serif" role="img">'
        f'<rect width="{size[0]}" height="{size[1]}" fill="{_PAPER}"/>{"".join(parts)}</svg>\n'
    )


def _block(tensor: Tensor, x: int, y: int, top: float) -> tuple[list[str], int, int]:
    """One tensor at a place: its parts, its width and its height."""
    if tensor.ndim == 4:
        parts: list[str] = []
        wide = deep = 0
        for example in tensor:
            drawn, width, height = _block(example, x, y + deep, top)
            parts += drawn
            wide, deep = max(wide, width), deep + height + 12
        return parts, wide, deep - 12
    sheets = (
        tensor if tensor.ndim == 3 else tensor.reshape(1, *((1, 1)[tensor.ndim :]), *tensor.shape)
    )
    depth, rows, columns = sheets.shape
    across = columns * _CELL + _SHEET
    parts = [
        _square(x + i * across + column * _CELL, y + row * _CELL, float(values[row, column]), top)
        for i, values in enumerate(sheets)
        for row in range(rows)
        for column in range(columns)
    ]
    return parts, depth * across - _SHEET, rows * _CELL


def _square(x: int, y: int, value: float, top: float) -> str:
    color = _HEAT[2] if value >= 0 else _HEAT[0]
    share = 0.08 + 0.3 * abs(value) / top
    text = f"{value:.3g}" if abs(value) < 1000 else f"{value:.0e}"
    return (
        f'<rect x="{x}" y="{y}" width="{_CELL}" height="{_CELL}" fill="{_PAPER}"/>'
        f'<rect x="{x}" y="{y}" width="{_CELL}" height="{_CELL}" fill="{color}" '
        f'fill-opacity="{share:.2f}" stroke="{_LINE}"/>'
        f"{_label(x + _CELL // 2, y + _CELL // 2 + 4, text, 'middle', 12, _INK)}"
    )


def _label(x: int, y: int, text: str | Phrase, anchor: str, size: int, color: str) -> str:
    where = f'x="{x}" y="{y}" text-anchor="{anchor}" font-size="{size}" fill="{color}"'
    if isinstance(text, Phrase) and text.english != text.portuguese:
        return (
            f'<text lang="en" {where}>{escape(text.english)}</text>'
            f'<text lang="pt-BR" {where}>{escape(text.portuguese)}</text>'
        )
    return f"<text {where}>{escape(text if isinstance(text, str) else text.english)}</text>"
