"""What of an autoencoder leaves torch: pictures to codes and back, or photographs without noise."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from olhar.autoencode.apply import cleaned
from olhar.autoencode.denoiser import Denoiser
from olhar.nets.portable import PICTURE, Graph, Input, padded
from olhar.nets.prepare import Part

if TYPE_CHECKING:
    from torch import Tensor

    from olhar.autoencode.network import Autoencoder

_TILES = (256, 704)
"""Sides of what a denoiser sees of a small and of a large photograph."""
_AT_ONCE = (1, 64)


def graphs(network: Autoencoder | Denoiser) -> dict[str, Graph]:
    """The whole, and its halves if there is a code; pictures come out as they are, not clipped."""
    if isinstance(network, Denoiser):
        return {"denoiser": _denoiser(network)}
    images = {"images": Input((3, network.size, network.size))}
    codes = {"codes": Input((network.latent,), -2.0, 2.0)}
    return {
        "autoencoder": Graph(network, network.forward, images, ("reconstructions",)),
        "encoder": Graph(network, network.encode, images, ("codes",)),
        "decoder": Graph(network, network.decode, codes, ("images",)),
    }


def _denoiser(network: Denoiser) -> Graph:
    def clean(images: Tensor) -> Tensor:
        """As `Denoiser.forward`, whose question whether to fill up has no place in a graph."""
        height, width = images.shape[-2:]
        return images - network.noise(padded(images, network.multiple))[:, :, :height, :width]

    return Graph(network, clean, {"images": Input(PICTURE)}, ("clean",))


def parts(network: Autoencoder | Denoiser) -> dict[str, Part]:
    """What `olhar.autoencode.apply` computes."""
    if isinstance(network, Denoiser):
        tiles = tuple(((1, 3, side, side),) for side in _TILES)
        return {"denoiser": Part(_denoiser(network), tiles, partial(cleaned, network))}
    halves = graphs(network)
    pictures = tuple(((count, 3, network.size, network.size),) for count in _AT_ONCE)
    codes = tuple(((count, network.latent),) for count in _AT_ONCE)
    return {
        "encoder": Part(halves["encoder"], pictures),
        "decoder": Part(halves["decoder"], codes),
    }
