"""What of a network that colours leaves torch: lightness and hints to colours.

Pictures are L* in [0, 100], with sides that are multiples of the painter's, and hints as `Painter`
wants them; what comes out is a* and b*, on a grid that may be coarser, and the logits of the bins
if it has any.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from olhar.colorize.settings import Colorize
from olhar.nets.portable import Free, Graph, Input

if TYPE_CHECKING:
    from torch import Tensor, nn

    from olhar.colorize.painter import Painter


def graphs(painter: Painter) -> dict[str, Graph]:
    """The one graph, as colourful as `Colorize` is if it is told nothing."""
    vivid = Colorize().vivid

    def paint(light: Tensor, hints: Tensor | None = None) -> tuple[Tensor, ...]:
        none = light.new_zeros(()).expand(light.shape[0], 3, light.shape[2], light.shape[3])
        said = painter(light, none if hints is None else hints)
        colors = painter.decode(said, vivid)
        return (colors,) if said.logits is None else (colors, said.logits)

    sides = (Free("rows", painter.multiple), Free("columns", painter.multiple))
    inputs = {"light": Input((1, *sides), 0.0, 100.0)}
    if painter.takes_hints:
        inputs["hints"] = Input((3, *sides))
    outputs = ("colors",) if painter.bins is None else ("colors", "logits")
    return {"painter": Graph(cast("nn.Module", painter), paint, inputs, outputs)}
