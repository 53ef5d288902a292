"""Where the latents of pictures lie: a mixture of normal distributions, to draw new ones from.

The bound pulls the latents of all pictures together towards N(0, I), and never quite there. What
N(0, I) draws may then lie where no picture does, and the decoder has learned nothing of that place.
So once the network is learned, a density is fitted to the latents of the pictures that taught it
(Ghosh et al. 2020, "From Variational to Deterministic Autoencoders", section 4). The bound is still
the one of N(0, I): nothing that is measured knows of this density.

Each covariance counts the mean of all as a few more latents, a quarter of its dimensions, so that
few latents do not make a flat one. Fitted by expectation and maximisation (Dempster, Laird and
Rubin 1977, "Maximum likelihood from incomplete data via the EM algorithm").

Cost: 10,000 latents of 32 numbers take some seconds on one core.
"""

from __future__ import annotations

import math
from typing import NamedTuple, cast

import torch
from torch import Tensor

CLUSTERS = 10
"""Normal distributions in the mixture."""
_ROUNDS = 40
_RIDGE = 1e-4  # of the prior's variance, 1
_EACH = 4  # latents per dimension that a distribution needs to be one


class Density(NamedTuple):
    """K normal distributions over L numbers."""

    shares: Tensor
    """(K,) how often each is drawn from."""
    middles: Tensor
    """(K, L) means."""
    factors: Tensor
    """(K, L, L) lower triangular; times its transpose, the covariance."""

    def log_probability(self, latents: Tensor) -> Tensor:
        """(N, L) -> (N, K) nats, with the log of the share in it."""
        rows: list[Tensor] = []
        for share, middle, factor in zip(*self, strict=True):
            away = cast(
                "Tensor", torch.linalg.solve_triangular(factor, (latents - middle).T, upper=False)
            )  # (L, N)
            volume = factor.diagonal().log().sum() + 0.5 * len(factor) * math.log(2 * math.pi)
            rows.append(share.log() - 0.5 * away.square().sum(0) - volume)
        return torch.stack(rows, 1)


def fitted(latents: Tensor, count: int = CLUSTERS, seed: int = 0) -> Density:
    """The density of latents.

    Args:
        latents: (N, L), at least one.
        count: distributions in the result; where there are too few latents for so many, the shares
            of the last ones are 0.
        seed: which latents the distributions begin at.

    Returns:
        The mixture, float64, on the CPU.
    """
    x = latents.detach().double().cpu()
    n, size = x.shape
    used = max(1, min(count, n // (_EACH * size)))
    found = _density(x, _started(x, used, seed))
    for _ in range(_ROUNDS if used > 1 else 0):
        found = _density(x, found.log_probability(x).softmax(1))
    idle = count - used
    return Density(
        shares=torch.cat([found.shares, found.shares.new_zeros(idle)]),
        middles=torch.cat([found.middles, found.middles.new_zeros(idle, size)]),
        factors=torch.cat([found.factors, torch.eye(size).to(x).expand(idle, -1, -1)]),
    )


def _started(x: Tensor, count: int, seed: int) -> Tensor:
    """(N, count): each latent at the nearest of some that lie far apart (k-means++)."""
    generator = torch.Generator().manual_seed(seed)
    chosen = [int(torch.randint(len(x), (1,), generator=generator))]
    for _ in range(count - 1):
        near = torch.cdist(x, x[chosen]).amin(1).square() + 1e-12
        chosen.append(int(torch.multinomial(near, 1, generator=generator)))
    nearest = torch.cdist(x, x[chosen]).argmin(1)
    return torch.nn.functional.one_hot(nearest, count).to(x)


def _density(x: Tensor, weights: Tensor) -> Density:
    """The likeliest, if each latent belongs to each distribution as much as (N, K) weights say."""
    size = x.shape[1]
    counts = weights.sum(0).clamp_min(1e-9)  # (K,)
    middles = weights.T @ x / counts[:, None]
    scatters: list[Tensor] = []
    for weight, middle in zip(weights.T, middles, strict=True):
        away = x - middle
        scatters.append((away * weight[:, None]).T @ away)
    scatter = torch.stack(scatters)  # (K, L, L)
    common, borrowed = scatter.sum(0) / len(x), size / 4
    mixed = (scatter + borrowed * common) / (counts + borrowed)[:, None, None]
    lifted = mixed + _RIDGE * torch.eye(size).to(x)
    factors = cast("Tensor", torch.linalg.cholesky(lifted))
    return Density(counts / counts.sum(), middles, factors)
