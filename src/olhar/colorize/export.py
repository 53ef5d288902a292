"""What of a network that colours leaves torch: lightness and hints to colours.

Pictures are L* in [0, 100], with sides that are multiples of the painter's, and hints as `Painter`
wants them; what comes out is a* and b*, on a grid that may be coarser, and the logits of the bins
if it has any.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, cast

import torch

from olhar.colorize.look import ask, copy_size, parts_said
from olhar.colorize.settings import Colorize
from olhar.nets.portable import Free, Graph, Input
from olhar.nets.prepare import Part

if TYPE_CHECKING:
    from torch import Tensor, nn

    from olhar.colorize.painter import Painter
    from olhar.nets.engine_record import Shapes

_SHAPES = ((1, 1), (3, 4), (3, 2))
"""Of photographs: width and height."""


def graphs(painter: Painter) -> dict[str, Graph]:
    """The one graph, as colourful as `Colorize` is if it is told nothing."""
    vivid = Colorize().vivid

    def paint(light: Tensor, hints: Tensor | None = None) -> tuple[Tensor, ...]:
        said = ask(painter, light, hints)
        colors = painter.decode(said, vivid)
        return (colors,) if said.logits is None else (colors, said.logits)

    inputs = _inputs(painter)
    outputs = ("colors",) if painter.bins is None else ("colors", "logits")
    return {"painter": Graph(cast("nn.Module", painter), paint, inputs, outputs)}


def parts(painter: Painter) -> dict[str, Part]:
    """What a painter says before it is decoded, of photographs of usual shapes."""
    with torch.inference_mode():
        side = painter.multiple
        said = ask(painter, torch.zeros(1, 1, side, side))
    outputs = tuple(name for name, part in said._asdict().items() if part is not None)
    graph = Graph(
        cast("nn.Module", painter), partial(parts_said, painter), _inputs(painter), outputs
    )
    sizes: list[Shapes] = []
    for width, height in _SHAPES:
        small = copy_size(height, width, painter.side)
        rows, columns = (-(-length // side) * side for length in small)
        shapes: Shapes = ((1, 1, rows, columns), (1, 3, rows, columns))
        sizes.append(shapes[: 1 + painter.takes_hints])
    return {"painter": Part(graph, tuple(sizes))}


def _inputs(painter: Painter) -> dict[str, Input]:
    sides = (Free("rows", painter.multiple), Free("columns", painter.multiple))
    inputs = {"light": Input((1, *sides), 0.0, 100.0)}
    return inputs | {"hints": Input((3, *sides))} if painter.takes_hints else inputs
