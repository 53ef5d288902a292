"""What of a classifier or a regressor leaves torch: pictures to probabilities, or to numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from olhar.nets.portable import Free, Graph, Input
from olhar.nets.prepare import Part

if TYPE_CHECKING:
    from olhar.classify.network import Predictor

_AT_ONCE = (1, 8, 64)
_ANY_SIZE = {"resnet", "fast"}
"""Architectures that end in an average or a maximum over all places."""


def graphs(network: Predictor) -> dict[str, Graph]:
    """The one graph; probabilities are divided by the temperature as in `Predictor.predict`.

    Sides are those that it was trained on, or any from there on if it is convolutional throughout.
    """
    sides = network.size
    if network.arguments["architecture"] in _ANY_SIZE:
        named = zip(("height", "width"), network.size, strict=True)
        sides = tuple(Free(name, least=side) for name, side in named)
    output = "numbers" if network.task == "number" else "probabilities"
    images = Input((3, *sides))
    return {"predictor": Graph(network, network.predict, {"images": images}, (output,))}


def parts(network: Predictor) -> dict[str, Part]:
    """The same, for a picture, a few and a folder of them."""
    (graph,) = graphs(network).values()
    sizes = tuple(((count, 3, *network.size),) for count in _AT_ONCE)
    return {"predictor": Part(graph, sizes)}
