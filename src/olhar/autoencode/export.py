"""What of an autoencoder leaves torch: pictures to codes and back, or photographs without noise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from olhar.autoencode.denoiser import Denoiser
from olhar.nets.portable import PICTURE, Graph, Input, padded

if TYPE_CHECKING:
    from torch import Tensor

    from olhar.autoencode.network import Autoencoder


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
