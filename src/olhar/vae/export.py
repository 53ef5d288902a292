"""What of a VAE leaves torch: latents to the pictures expected of them, and pictures to latents."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from olhar.nets.portable import Graph, Input
from olhar.nets.prepare import Part
from olhar.vae.apply import posterior

if TYPE_CHECKING:
    from olhar.vae.network import VAE

_AT_ONCE = (1, 64)


def graphs(network: VAE) -> dict[str, Graph]:
    """The decoder, and the encoder: mean and deviation of each latent."""
    images = {"images": Input((3, network.size, network.size))}
    latents = {"latents": Input(network.shape, -2.0, 2.0)}
    return {
        "decoder": Graph(network, network.mean, latents, ("images",)),
        "encoder": Graph(network, partial(posterior, network), images, ("means", "deviations")),
    }


def parts(network: VAE) -> dict[str, Part]:
    """The same, as `olhar.vae.apply` computes them."""
    found = graphs(network)
    pictures = tuple(((count, 3, network.size, network.size),) for count in _AT_ONCE)
    latents = tuple(((count, *network.shape),) for count in _AT_ONCE)
    return {
        "decoder": Part(found["decoder"], latents),
        "encoder": Part(found["encoder"], pictures),
    }
