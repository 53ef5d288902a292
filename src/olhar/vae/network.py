"""A plain convolutional variational autoencoder (Kingma and Welling 2014, arXiv 1312.6114).

    picture -> encoder -> mean and scale of the latents -> a sample of them -> decoder -> likelihood

The encoder halves the picture once for each width: a convolution of 2 x 2 pixels with stride 2, and
residual blocks. The decoder is its mirror image. In the middle stands either one vector, fit for
digits, or maps of numbers that keep their places, which is what colour pictures need: most of their
bits are details. The prior is N(0, I); new pictures are drawn from where vectors lie (`density`).

Residual blocks start as the identity (their last layer at zero) and need no normalisation: batch
statistics would make a bound depend on the pictures beside it.

Cost: with widths 64 and 128 and 32 x 32 pixels 83 million multiply-adds forward, mostly in the 3 x
3 convolutions.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from olhar.errors import OlharError
from olhar.nets.model import filled
from olhar.vae.bound import Posterior, Terms
from olhar.vae.density import CLUSTERS, fitted
from olhar.vae.likelihood import make

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_CERTAIN = 6.0
"""Of a posterior's log scale: the most that it differs from the prior's, 0."""
_HEARD = -1.0
"""Of a posterior's log scale, at the start."""
_CLUSTERED = 128
"""Numbers in a vector up to which a covariance of all of them is no burden."""
_CAUTIOUS = 0.3
"""Size of the decoder's last layer at the start: what it says is not far from grey."""


class Block(nn.Module):
    """Residual: SiLU, 3 x 3 convolution, SiLU, 3 x 3 convolution, added to what came in."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(width, width, 3, padding=1)
        self.second = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """(N, width, H, W) -> the same."""
        return x + self.second(F.silu(self.first(F.silu(x))))


class VAE(nn.Module):
    """Pictures to latents and back.

    Args:
        size: side of the pictures, a multiple of 2 to the power of the number of widths.
        channels: 3, or 1 for grey pictures, of which one channel is modelled.
        latent: numbers in the vector, or channels of the maps.
        vector: whether the latents are one vector and not maps.
        widths: channels after each halving.
        depth: residual blocks after each halving.
        likelihood: one of `olhar.vae.likelihood.LIKELIHOODS`.
        scale: of a logistic or normal likelihood: "pixel" or "channel".
        components: of a mixture.

    Raises:
        OlharError: if the pictures cannot be halved so often.

    Example:
        >>> network = VAE(size=16, channels=1, latent=2, vector=True, widths=(8, 16))
        >>> network.mean(torch.zeros(5, *network.shape)).shape
        torch.Size([5, 3, 16, 16])
    """

    shares: Tensor
    middles: Tensor
    factors: Tensor
    """Of vectors: the mixture that `draw` draws from, which is the prior until `settle`."""
    steps: Tensor
    """How many steps of training it has seen: beta rises with them (`Vae.warm_beta`)."""

    def __init__(
        self,
        *,
        size: int,
        channels: int = 3,
        latent: int = 32,
        vector: bool = False,
        widths: Sequence[int] = (64, 128),
        depth: int = 1,
        likelihood: str = "logistic",
        scale: str = "pixel",
        components: int = 3,
    ) -> None:
        super().__init__()
        factor = 2 ** len(widths)
        if size % factor:
            raise OlharError(
                f"pictures of {size} x {size} pixels cannot be halved {len(widths)} times, once "
                f"for each width; the size must be a multiple of {factor}"
            )
        self.arguments: dict[str, Any] = {
            "size": size,
            "channels": channels,
            "latent": latent,
            "vector": vector,
            "widths": [*widths],
            "depth": depth,
            "likelihood": likelihood,
            "scale": scale,
            "components": components,
        }
        self.size, self.channels, self.vector = size, channels, vector
        side, last = size // factor, widths[-1]
        self.shape = (latent, 1, 1) if vector else (latent, side, side)
        """Of the latents of one picture."""
        self.likelihood = make(likelihood, channels, scale=scale, components=components)
        self.encoder = nn.Sequential(*_down(channels, widths, depth))
        self.decoder = nn.Sequential(*_up(widths, depth))
        self.paint = nn.Conv2d(widths[0], 4 * self.likelihood.outputs, 1)
        if vector:
            self.believe = nn.Sequential(nn.Flatten(), nn.Linear(last * side**2, 2 * latent))
            self.imagine = nn.Sequential(
                nn.Flatten(), nn.Linear(latent, last * side**2), nn.Unflatten(1, (last, side, side))
            )
        else:
            self.believe = nn.Conv2d(last, 2 * latent, 1)
            self.imagine = nn.Conv2d(latent, last, 1)
        self.clustered = vector and latent <= _CLUSTERED
        """Whether `draw` can draw from elsewhere than the prior."""
        if self.clustered:
            self.register_buffer("shares", torch.zeros(CLUSTERS))
            self.register_buffer("middles", torch.zeros(CLUSTERS, latent))
            self.register_buffer("factors", torch.zeros(CLUSTERS, latent, latent))
            self.shares[0] = 1
            self.factors.diagonal(dim1=1, dim2=2).fill_(1)
        self.register_buffer("steps", torch.zeros((), dtype=torch.int64))
        self._start(latent)

    @torch.no_grad()
    def _start(self, latent: int) -> None:
        """Signals of one size from end to end, and latents that say something from the first step.

        A decoder that hears only noise learns to do without it, and the posterior becomes the prior
        before anything has been learned ("posterior collapse").
        """
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
                nn.init.zeros_(cast("Tensor", module.bias))
        for module in self.modules():
            if isinstance(module, Block):
                nn.init.zeros_(module.second.weight)
        last = cast("nn.Conv2d | nn.Linear", [*self.believe.modules()][-1])
        last.weight[latent:] = 0
        cast("Tensor", last.bias)[latent:] = _HEARD
        self.paint.weight.mul_(_CAUTIOUS)

    def values(self, images: Tensor) -> Tensor:
        """(N, 3, H, W) in [0, 1] -> (N, C, H, W): the channels that are modelled."""
        return images if self.channels == 3 else images.mean(1, keepdim=True)

    def encode(self, values: Tensor) -> Posterior:
        """(N, C, H, W) in [0, 1] -> what the latents may be."""
        said = self.believe(self.encoder(2 * values - 1)).float().view(-1, 2, *self.shape)
        mean, log_scale = said.unbind(1)
        return Posterior(mean, log_scale.clamp(-_CERTAIN, _CERTAIN))

    def decode(self, latents: Tensor) -> Tensor:
        """(N, *shape) -> (N, outputs, H, W) float32: what the likelihood needs to know."""
        x = F.silu(self.decoder(self.imagine(latents)))  # (N, widths[0], H/2, W/2)
        with torch.autocast(x.device.type, enabled=False):  # 8 bits are not enough for 256 levels
            return F.pixel_shuffle(self.paint(x.float()), 2)

    def mean(self, latents: Tensor) -> Tensor:
        """(N, *shape) -> (N, 3, H, W) in [0, 1]: the expected pictures."""
        return self.likelihood.mean(self.decode(latents)).expand(-1, 3, -1, -1)

    def settle(self, latents: Tensor) -> None:
        """Draw from where (N, *shape) latents lie, from now on; only if `clustered`."""
        density = fitted(latents.flatten(1))
        for name, values in density._asdict().items():
            getattr(self, name).copy_(values)

    def draw(
        self, count: int, generator: torch.Generator | None = None, temperature: float = 1.0
    ) -> Tensor:
        """New latents, (count, *shape); the first of many are those of few.

        Args:
            count: how many.
            generator: on the CPU; None: torch's own.
            temperature: times the deviations of what is drawn from.
        """
        drawn: list[Tensor] = []
        for _ in range(count):
            noise = temperature * torch.randn(self.shape, generator=generator)
            if self.clustered:
                which = torch.multinomial(self.shares.cpu(), 1, generator=generator)[0]
                moved = self.middles[which].cpu() + self.factors[which].cpu() @ noise.flatten()
                noise = moved.view(self.shape)
            drawn.append(noise)
        return torch.stack(drawn).to(self.steps.device)

    def forward(self, images: Tensor) -> Terms:
        """Both terms of the ELBO, with one sample of the latents.

        Args:
            images: (N, 3, H, W) in [0, 1].
        """
        values = self.likelihood.observed(self.values(images))
        posterior = self.encode(values)
        latents, _ = posterior.sample()
        reconstruction = -self.likelihood.log_probability(self.decode(latents), values)
        return Terms(reconstruction, posterior.divergence().sum((2, 3)))

    def log_weights(self, images: Tensor, count: int) -> Tensor:
        """(N, 3, H, W) -> (count, N): log p(x, z) - log q(z|x) of so many latents each."""
        values = self.likelihood.observed(self.values(images))
        posterior = self.encode(values)
        rows: list[Tensor] = []
        for _ in range(count):
            latents, noise = posterior.sample()
            log_probability = self.likelihood.log_probability(self.decode(latents), values)
            rows.append(log_probability + posterior.log_ratio(latents, noise))
        return torch.stack(rows)

    @property
    def dimensions(self) -> int:
        """Numbers in a picture, by which nats become bits per dimension."""
        return self.channels * self.size**2


def _down(channels: int, widths: Sequence[int], depth: int) -> list[nn.Module]:
    layers: list[nn.Module] = []
    for before, width in zip((channels, *widths), widths, strict=False):
        layers += [nn.Conv2d(before, width, 2, stride=2), *(Block(width) for _ in range(depth))]
    return [*layers, nn.SiLU()]


def _up(widths: Sequence[int], depth: int) -> list[nn.Module]:
    """The mirror image of `_down`, but for the last doubling, which is that of the pixels."""
    layers: list[nn.Module] = [Block(widths[-1]) for _ in range(depth)]
    for width, after in zip(widths[:0:-1], widths[-2::-1], strict=True):
        layers += [nn.Conv2d(width, 4 * after, 1), nn.PixelShuffle(2)]
        layers += [Block(after) for _ in range(depth)]
    return layers


def from_tensors(tensors: Mapping[str, Tensor], **arguments: Any) -> VAE:
    """Build a trained network.

    Args:
        tensors: its weights.
        arguments: what it was built with (`VAE.arguments`).

    Returns:
        The network on the CPU, in evaluation mode.

    Raises:
        RuntimeError: if the tensors are not those of such a network.
    """
    network = filled(partial(VAE, **arguments), tensors)
    return network.to(memory_format=torch.channels_last)
