"""Show a painter a small copy of a photograph, and take down what it says.

Networks know the world at the size they were trained at, so the copy has the painter's own shorter
side. Its sides are filled up to the painter's multiple by reflection. Several views (mirrored, of
other sizes) are averaged as logits, before anything is decoded: averaged colours would be dull
where the views disagree, while an averaged distribution still has its peaks.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor

from olhar.colorize.grid import resample
from olhar.colorize.painter import Said
from olhar.media.picture import resize
from olhar.nets.engine import run

if TYPE_CHECKING:
    from olhar.colorize.hints import Hints
    from olhar.colorize.painter import Painter
    from olhar.colorize.settings import Colorize

LONGEST = 8
"""The copy's longer side is at most this many times the painter's side."""
_SCALES = (1.0, 0.75, 1.5)  # of the sizes seen with `views="many"`; the first is the result's


class Look(NamedTuple):
    """What a painter said of one picture."""

    said: Said
    """(1, ..., h, w), on a grid of its own."""
    extent: tuple[float, float]
    """How many of its rows and columns are the picture's; the rest is reflection."""
    light: Tensor
    """(1, h', w') L* of the copy that was seen, without what was filled up."""

    def spans(self, part: Tensor) -> tuple[float, float]:
        """How many rows and columns of `part` are the picture's: colours may be finer than bins."""
        rows, columns = _grid(self.said)
        return self.extent[0] * part.shape[-2] / rows, self.extent[1] * part.shape[-1] / columns


def look(painter: Painter, light: Tensor, settings: Colorize, hints: Hints | None = None) -> Look:
    """Ask a painter about a picture.

    Args:
        painter: in evaluation mode.
        light: (1, H, W) float32, L* in [0, 100], of any size.
        settings: of which `size` and `views` count.
        hints: what is known of the colours; None for nothing.
    """
    side = settings.size or painter.side
    scales = _SCALES if settings.views == "many" else _SCALES[:1]
    first, *others = [
        each
        for scale in scales
        for each in _look(painter, light, round(side * scale), hints, settings.views != "one")
    ]
    if not others:
        return first
    views = [first.said, *(_moved(view, first) for view in others)]
    return first._replace(said=Said(*(_mean([*part]) for part in zip(*views, strict=True))))


def copy_size(height: int, width: int, side: int) -> tuple[int, int]:
    """Height and width of the copy: its shorter side is `side`, unless the other is too long."""
    scale = min(side / min(height, width), LONGEST * side / max(height, width))
    return max(1, round(height * scale)), max(1, round(width * scale))


def _look(
    painter: Painter, light: Tensor, side: int, hints: Hints | None, mirrored: bool
) -> list[Look]:
    height, width = copy_size(light.shape[-2], light.shape[-1], side)
    small = resize(light / 100, (height, width)) * 100
    known = hints.rasterize(height, width) if hints else torch.zeros(3, height, width)
    over_y, over_x = -height % painter.multiple, -width % painter.multiple
    filled = _reflect(_reflect(torch.cat([small, known]), over_y, 1), over_x, 2)
    filled[1:, height:] = 0  # a hint is given once
    filled[1:, :, width:] = 0
    filled = filled[None].to(device_of(painter))  # (1, 4, H, W)
    looks: list[Look] = []
    for flip in (False, True)[: 1 + mirrored]:
        shown = filled.flip(-1) if flip else filled
        said = _asked(painter, shown[:, :1].contiguous(), shown[:, 1:].contiguous())
        said = Said(*(part.flip(-1) if flip and part is not None else part for part in said))
        rows, columns = _grid(said)
        extent = rows * height / (height + over_y), columns * width / (width + over_x)
        looks.append(Look(said, extent, small))
    return looks


def _asked(painter: Painter, light: Tensor, hints: Tensor) -> Said:
    given = (light, hints) if painter.takes_hints else (light,)
    told = run(painter, "painter", partial(parts_said, painter), *given)
    *logits, last = (told,) if isinstance(told, Tensor) else told
    if painter.bins is None:
        return Said(ab=last)
    return Said(logits[0], last) if logits else Said(logits=last)


def ask(painter: Painter, light: Tensor, hints: Tensor | None = None) -> Said:
    """What a painter says of images (N, 1, H, W); without hints, where None are given."""
    if hints is None:
        hints = light.new_zeros(()).expand(light.shape[0], 3, light.shape[2], light.shape[3])
    return painter(light, hints)


def parts_said(painter: Painter, *given: Tensor) -> tuple[Tensor, ...]:
    """As `ask`, without what it does not say: logits, colours or both."""
    return tuple(part for part in ask(painter, *given) if part is not None)


def device_of(painter: Painter) -> torch.device:
    """Where a painter computes."""
    parameter = next(iter(getattr(painter, "parameters", tuple)()), None)
    return torch.device("cpu") if parameter is None else parameter.device


def _reflect(image: Tensor, more: int, axis: int) -> Tensor:
    """Go on for `more` samples as in a mirror, however few there are."""
    count = image.shape[axis]
    period = max(1, 2 * count - 2)
    index = torch.arange(count + more) % period
    return image.index_select(axis, torch.where(index < count, index, period - index))


def _grid(said: Said) -> tuple[int, int]:
    part = said.ab if said.logits is None else said.logits
    assert part is not None, "a painter says logits, colours or both"
    return part.shape[-2], part.shape[-1]


def _moved(view: Look, first: Look) -> Said:
    """What a view said, on the grids of the first one."""

    def moved(part: Tensor | None, like: Tensor | None) -> Tensor | None:
        if part is None or like is None:
            return None
        size = like.shape[-2], like.shape[-1]
        own, whole = view.spans(part), first.spans(like)
        if part.shape == like.shape and own == whole:
            return part
        # The picture's part to the same part of the other grid; its reflections follow the picture.
        return resample(part, size, (size[0] * own[0] / whole[0], size[1] * own[1] / whole[1]))

    return Said(*map(moved, view.said, first.said))


def _mean(parts: list[Tensor | None]) -> Tensor | None:
    known = [part for part in parts if part is not None]
    return torch.stack(known).mean(0) if known else None
