"""The evidence lower bound, its second term, and a tighter bound.

log p(x) >= E log p(x|z) - KL(q(z|x) || p(z)), with z drawn from q (Kingma and Welling 2014, eq. 3).
Both terms are sums over what they are of, pixels and latents: a mean of one beside a sum of the
other would weigh them by their counts, which is a large beta that nobody chose.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor


class Posterior(NamedTuple):
    """What an encoder believes: independent normal distributions."""

    mean: Tensor
    """(N, L, h, w)."""
    log_scale: Tensor
    """(N, L, h, w), of the standard deviations."""

    def sample(self) -> tuple[Tensor, Tensor]:
        """A latent, and the noise in it: the reparametrisation (Kingma and Welling 2014, 2.4)."""
        noise = torch.randn_like(self.mean)
        return self.mean + self.log_scale.exp() * noise, noise

    def divergence(self) -> Tensor:
        """KL to the prior N(0, I): (N, L, h, w) nats (Kingma and Welling 2014, appendix B)."""
        variance = (2 * self.log_scale).exp()
        return 0.5 * (self.mean.square() + variance - 1) - self.log_scale

    def log_ratio(self, latent: Tensor, noise: Tensor) -> Tensor:
        """(N,) nats: log p(z) - log q(z|x) of a latent that `sample` drew."""
        return (0.5 * (noise.square() - latent.square()) + self.log_scale).flatten(1).sum(1)


class Terms(NamedTuple):
    """Both terms of the ELBO, of each picture, in nats."""

    reconstruction: Tensor
    """(N,) -log p(x|z)."""
    groups: Tensor
    """(N, G) KL of each group of latents: a channel of a map, or one number."""

    @property
    def divergence(self) -> Tensor:
        """(N,) KL of all latents."""
        return self.groups.sum(1)

    @property
    def bound(self) -> Tensor:
        """(N,) the ELBO's negative: no less than -log p(x), on average over z."""
        return self.reconstruction + self.divergence


def free(groups: Tensor, least: float) -> Tensor:
    """The divergence that is minimised: below `least` a group costs the same (free bits).

    What is used less cannot get cheaper, so it is used before it is given up (Kingma et al. 2016,
    "Improving variational inference with inverse autoregressive flow", eq. 15).

    Args:
        groups: (N, G) nats.
        least: nats per group, as a mean over the batch; 0 is the ELBO itself.

    Returns:
        A scalar: the mean over pictures of the sum over groups.
    """
    return groups.mean(0).clamp_min(least).sum()


def importance(log_weights: Tensor) -> Tensor:
    """The importance-weighted bound on log p(x) (Burda et al. 2016, eq. 8).

    With one sample it is the ELBO; it rises with every further one, towards log p(x).

    Args:
        log_weights: (K, N) log p(x, z) - log q(z|x) of K latents for each picture.

    Returns:
        (N,) nats.
    """
    return log_weights.logsumexp(0) - math.log(len(log_weights))
