"""What of a VAE leaves torch: latents to the pictures expected of them, and pictures to latents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from olhar.nets.portable import Graph, Input

if TYPE_CHECKING:
    from torch import Tensor

    from olhar.vae.network import VAE


def graphs(network: VAE) -> dict[str, Graph]:
    """The decoder, and the encoder: mean and deviation of each latent."""

    def encode(images: Tensor) -> tuple[Tensor, Tensor]:
        posterior = network.encode(network.values(images))
        return posterior.mean, posterior.log_scale.exp()

    images = {"images": Input((3, network.size, network.size))}
    latents = {"latents": Input(network.shape, -2.0, 2.0)}
    return {
        "decoder": Graph(network, network.mean, latents, ("images",)),
        "encoder": Graph(network, encode, images, ("means", "deviations")),
    }
