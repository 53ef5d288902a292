"""What of the networks that others build on leaves torch: pictures to features."""

from __future__ import annotations

from typing import TYPE_CHECKING

from olhar.nets.portable import Free, Graph, Input

if TYPE_CHECKING:
    from torch import Tensor

    from olhar.nets.efficientnet import Lite0
    from olhar.nets.vgg import VGG16

_LAYERS = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu4_2")
"""Of VGG-16: what stands for style, and what for content (Gatys et al. 2015)."""
_STRIDES = (4, 8, 16, 32)


def vgg16(network: VGG16) -> dict[str, Graph]:
    """Features after five of its layers."""

    def look(images: Tensor) -> tuple[Tensor, ...]:
        return tuple(network(images, _LAYERS).values())

    images = Input((3, Free("height", least=8), Free("width", least=8)))
    return {"features": Graph(network, look, {"images": images}, _LAYERS)}


def lite0(network: Lite0) -> dict[str, Graph]:
    """Features at four scales."""

    def look(images: Tensor) -> tuple[Tensor, ...]:
        return tuple(network(images))

    images = Input((3, Free("rows", 32), Free("columns", 32)))
    outputs = tuple(f"stride{stride}" for stride in _STRIDES)
    return {"features": Graph(network, look, {"images": images}, outputs)}
