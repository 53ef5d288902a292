"""What of a style that was learned leaves torch: photographs to pictures, of any size."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from olhar.nets.portable import PICTURE, Graph, Input
from olhar.nets.prepare import Part
from olhar.stylize.learned import restyled

if TYPE_CHECKING:
    from olhar.stylize.stylizer import Stylizer

_SIDES = (256, 512, 1024)
"""Of small, usual and large pictures, in pixels."""


def graphs(network: Stylizer) -> dict[str, Graph]:
    """The whole."""
    return {"stylizer": Graph(network, network.forward, {"images": Input(PICTURE)}, ("pictures",))}


def parts(network: Stylizer) -> dict[str, Part]:
    """What `olhar.stylize.learned` computes."""
    sizes = tuple(((1, 3, side * 3 // 4, side),) for side in _SIDES)
    return {"stylizer": Part(graphs(network)["stylizer"], sizes, partial(restyled, network))}
