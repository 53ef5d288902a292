"""Autoencoders: a picture through a bottleneck of a few numbers, its code, and back.

The network has to say a picture in `latent` numbers from which it can draw it again; what it keeps
is what the pictures it learned from have in common (Hinton and Salakhutdinov 2006, "Reducing the
Dimensionality of Data with Neural Networks"). Without non-linearities it would be principal
component analysis. One is of dense layers, one of convolutions.

Cost for 28 x 28 pixels: 2.8 million weights and as many multiply-adds (dense); 1 million and 15
million (convolutions).
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from olhar.autoencode.denoiser import Denoiser
from olhar.nets.blocks import Normalize, conv_norm
from olhar.nets.model import filled

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

WIDTHS = {"dense": (512, 128), "conv": (32, 64, 128)}
"""Of the hidden layers or scales, from the picture to the code."""


class Autoencoder(nn.Module):
    """Pictures of one size to codes and back.

    Args:
        architecture: "dense" or "conv".
        size: side S of the pictures, in pixels.
        latent: numbers in a code.
        widths: of the layers (dense), or channels at 1/2, 1/4, ... of the size (conv); the decoder
            has the same in reverse.
        depth: convolutions at each scale.
        mean: of the pictures that were learned from, per channel.
        deviation: of them.

    Example:
        >>> network = Autoencoder("conv", size=28, latent=10).eval()
        >>> code = network.encode(torch.rand(2, 3, 28, 28))
        >>> code.shape, network.decode(code).shape
        (torch.Size([2, 10]), torch.Size([2, 3, 28, 28]))
    """

    def __init__(
        self,
        architecture: str = "conv",
        *,
        size: int,
        latent: int = 32,
        widths: Sequence[int] = (),
        depth: int = 2,
        mean: Sequence[float] = (0.5, 0.5, 0.5),
        deviation: Sequence[float] = (0.25, 0.25, 0.25),
    ) -> None:
        super().__init__()
        widths = tuple(widths) or WIDTHS[architecture]
        self.arguments = {
            "architecture": architecture,
            "size": size,
            "latent": latent,
            "widths": [*widths],
            "depth": depth,
            "mean": [*mean],
            "deviation": [*deviation],
        }
        self.size, self.latent = size, latent
        self.normalize = Normalize(mean, deviation)
        if architecture == "dense":
            self.encoder = _dense_encoder(size, latent, widths)
            self.decoder = _dense_decoder(size, latent, widths)
        else:
            self.encoder = _conv_encoder(size, latent, widths, depth)
            self.decoder = _conv_decoder(size, latent, widths, depth)

    def encode(self, batch: Tensor) -> Tensor:
        """(N, 3, S, S) in [0, 1] -> (N, latent)."""
        return self.encoder(self.normalize(batch))

    def decode(self, codes: Tensor) -> Tensor:
        """(N, latent) -> (N, 3, S, S), about [0, 1], not clipped."""
        images = self.decoder(codes)[:, :, : self.size, : self.size].float()
        return images * self.normalize.deviation + self.normalize.mean

    def forward(self, batch: Tensor) -> Tensor:
        """(N, 3, S, S) in [0, 1] -> what is left of it after the code."""
        return self.decode(self.encode(batch))


def _dense_encoder(size: int, latent: int, widths: Sequence[int]) -> nn.Sequential:
    return nn.Sequential(nn.Flatten(), *_layers([3 * size * size, *widths, latent]))


def _dense_decoder(size: int, latent: int, widths: Sequence[int]) -> nn.Sequential:
    layers = _layers([latent, *reversed(widths), 3 * size * size])
    return nn.Sequential(*layers, nn.Unflatten(1, (3, size, size)))


def _layers(sizes: Sequence[int]) -> list[nn.Module]:
    """Dense layers with GELU between them, none after the last."""
    found: list[nn.Module] = []
    for inputs, outputs in pairwise(sizes):
        found += [nn.Linear(inputs, outputs), nn.GELU()]
    return found[:-1]


def _conv_encoder(size: int, latent: int, widths: Sequence[int], depth: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    channels = 3
    for width in widths:
        layers += [*conv_norm(channels, width, 3, 2), nn.ReLU()]
        for _ in range(depth - 1):
            layers += [*conv_norm(width, width), nn.ReLU()]
        channels = width
        size = -(-size // 2)
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(channels * size * size, latent))


def _conv_decoder(size: int, latent: int, widths: Sequence[int], depth: int) -> nn.Sequential:
    """A size that cannot be halved so often comes out a little larger; `decode` cuts it."""
    coarse = -(-size // 2 ** len(widths))
    channels = widths[-1]
    layers: list[nn.Module] = [
        nn.Linear(latent, channels * coarse * coarse),
        nn.Unflatten(1, (channels, coarse, coarse)),
        nn.ReLU(),
    ]
    for width in [*reversed(widths[:-1]), widths[0]]:
        layers.append(nn.Upsample(scale_factor=2))
        for _ in range(depth):
            layers += [*conv_norm(channels, width), nn.ReLU()]
            channels = width
    return nn.Sequential(*layers, nn.Conv2d(channels, 3, 3, padding=1))


def from_tensors(
    tensors: Mapping[str, Tensor], architecture: str = "conv", **arguments: Any
) -> Autoencoder | Denoiser:
    """Build a trained autoencoder or denoiser; tensors may be float16.

    Args:
        tensors: its weights.
        architecture: "dense", "conv" or "denoiser".
        arguments: what else it was built with (its `arguments`).

    Returns:
        The network on the CPU, float32, in evaluation mode.

    Raises:
        RuntimeError: if the tensors are not those of such a network.
        LookupError: if there is no such architecture.
    """

    def build() -> Autoencoder | Denoiser:
        if architecture == "denoiser":
            return Denoiser(**arguments)
        if architecture not in WIDTHS:
            raise LookupError(f"architecture {architecture!r} is none of an autoencoder")
        return Autoencoder(architecture, **arguments)

    return filled(build, tensors).to(memory_format=torch.channels_last)
