"""How probable a picture is, given what a decoder says of it: the first term of the ELBO.

Pictures have 256 levels per channel, so all of these but Bernoulli's are probabilities of levels
and not densities: they sum to 1 over the levels, and their bits can be compared with each other and
with a file's. Levels stand at -1 to 1 in steps of 2/255; the lowest and the highest also take what
lies beyond them (Salimans et al. 2017, "PixelCNN++", section 2.1).

What is between two edges is never computed as a difference of two numbers that are nearly equal:
S(a) - S(b) = S(a) S(-b) (1 - exp(b - a)) for the logistic function S.

Cost: some ten operations per value; in float32, since the last bits of a scale matter.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import TypeVar, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

Number = TypeVar("Number", float, Tensor)

LEVELS = 256
_HALF = 1 / (LEVELS - 1)
"""Half the width of a level."""
_SCALES = (-7.0, 3.0)
"""Of log scales: from 1/9 of a level, from where on a likelihood hardly changes, to flat."""
_WIDE = -1.0
"""Of log scales at the start: about as wide as pictures are."""


class Likelihood(nn.Module, ABC):
    """A distribution over pictures of C channels.

    Args:
        channels: C, 1 or 3.
    """

    outputs: int
    """How many numbers per pixel it needs of a decoder."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.channels = channels

    @abstractmethod
    def log_probability(self, said: Tensor, values: Tensor) -> Tensor:
        """Of pictures, given what a decoder said.

        Args:
            said: (N, outputs, H, W) float32.
            values: (N, C, H, W) in [0, 1], as `observed` gives them.

        Returns:
            (N,) nats, summed over channels and pixels.
        """

    @abstractmethod
    def mean(self, said: Tensor) -> Tensor:
        """(N, outputs, H, W) -> (N, C, H, W) in [0, 1], the expected picture."""

    def observed(self, values: Tensor) -> Tensor:
        """Values in [0, 1] as the nearest of 256 levels, which this is a likelihood of."""
        return values.mul(LEVELS - 1).round().div(LEVELS - 1)


class _Located(Likelihood):
    """A center and a scale for each value; the scale is said per pixel, or learned per channel.

    Args:
        channels: C.
        scale: "pixel" or "channel".
    """

    def __init__(self, channels: int, *, scale: str = "pixel") -> None:
        super().__init__(channels)
        self.outputs = channels * (2 if scale == "pixel" else 1)
        self.log_scale = (
            None if scale == "pixel" else nn.Parameter(torch.full((channels, 1, 1), _WIDE))
        )

    def split(self, said: Tensor) -> tuple[Tensor, Tensor]:
        """(N, outputs, H, W) -> center (N, C, H, W) about -1 to 1, log scale that fits to it."""
        if self.log_scale is not None:
            return said, self.log_scale.clamp(*_SCALES)
        center, log_scale = said.chunk(2, 1)
        return center, (log_scale + _WIDE).clamp(*_SCALES)

    def mean(self, said: Tensor) -> Tensor:
        """The centers."""
        return _unit(self.split(said)[0])


class Logistic(_Located):
    """The discretised logistic distribution (Kingma et al. 2016, appendix A)."""

    def log_probability(self, said: Tensor, values: Tensor) -> Tensor:
        """See `Likelihood.log_probability`."""
        center, log_scale = self.split(said)
        return logistic(2 * values - 1, center, log_scale).flatten(1).sum(1)


class Gaussian(_Located):
    """The discretised normal distribution; with a scale per channel the sigma-VAE.

    There the likelihood is best where sigma is the root of the mean squared error (Rybkin et al.
    2021, "Simple and effective VAE training with calibrated decoders", eq. 5), which is what makes
    a weight between the two terms of the ELBO needless.
    """

    def log_probability(self, said: Tensor, values: Tensor) -> Tensor:
        """See `Likelihood.log_probability`."""
        center, log_scale = self.split(said)
        return gaussian(2 * values - 1, center, log_scale).flatten(1).sum(1)


class Mixture(Likelihood):
    """A mixture of discretised logistics, green seeing red, and blue both (Salimans et al. 2017).

    All channels of a pixel come from one component. Its centers of green and blue move with the
    levels of the channels before them, so that the likelihood knows how colours go together.

    Args:
        channels: C.
        components: M.
    """

    def __init__(self, channels: int, *, components: int = 3) -> None:
        super().__init__(channels)
        self.components = components
        self.coupled = channels * (channels - 1) // 2
        self._each = 1 + 2 * channels + self.coupled
        self.outputs = components * self._each

    def split(self, said: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Log weights (N, M, H, W); centers, log scales, couplings (N, M, C or so, H, W)."""
        c = self.channels
        n, _, height, width = said.shape
        parts: Tensor = said.reshape(n, self.components, self._each, height, width)
        weight, center, log_scale = parts[:, :, 0], parts[:, :, 1 : 1 + c], parts[:, :, 1 + c :]
        log_scale, coupling = log_scale[:, :, :c], log_scale[:, :, c:]
        spread = torch.linspace(-0.5, 0.5, self.components, device=said.device)
        center = center + (spread.view(-1, 1, 1, 1) if self.components > 1 else 0)  # apart at first
        log_scale = (log_scale + _WIDE).clamp(*_SCALES)
        return weight.log_softmax(1), center, log_scale, coupling.tanh()

    def log_probability(self, said: Tensor, values: Tensor) -> Tensor:
        """See `Likelihood.log_probability`."""
        weight, center, log_scale, coupling = self.split(said)
        x = (2 * values - 1)[:, None]  # (N, 1, C, H, W)
        center = self._moved(center, coupling, x)
        log_mass = logistic(x, center, log_scale).sum(2)  # (N, M, H, W)
        return (weight + log_mass).logsumexp(1).flatten(1).sum(1)

    def mean(self, said: Tensor) -> Tensor:
        """Of all components, as probable as they are."""
        weight, center, _, coupling = self.split(said)
        for channel in range(1, self.channels):  # each at the means of those before it
            center = self._moved(center, coupling, center, only=channel)
        return _unit((weight.exp()[:, :, None] * center).sum(1))

    def _moved(self, center: Tensor, coupling: Tensor, x: Tensor, only: int = 0) -> Tensor:
        """Centers of each channel, given the levels of the channels before it."""
        moved = [*center.unbind(2)]
        for channel in [only] if only else range(1, self.channels):
            first = channel * (channel - 1) // 2
            for before in range(channel):
                moved[channel] = moved[channel] + coupling[:, :, first + before] * x[:, :, before]
        return torch.stack(moved, 2)


class Bernoulli(Likelihood):
    """Black or white: a grey value is how often a pixel is drawn white.

    Every look at a picture draws it anew (Burda et al. 2016, section 5), so its bits count one of
    two levels and not 256.
    """

    def __init__(self, channels: int) -> None:
        super().__init__(channels)
        self.outputs = channels

    def observed(self, values: Tensor) -> Tensor:
        """Black and white, drawn anew."""
        return torch.bernoulli(values)

    def log_probability(self, said: Tensor, values: Tensor) -> Tensor:
        """Of black and white pictures; grey values would count as shares of both."""
        cross_entropy = F.binary_cross_entropy_with_logits(said, values, reduction="none")
        return -cross_entropy.flatten(1).sum(1)

    def mean(self, said: Tensor) -> Tensor:
        """How probable white is."""
        return said.sigmoid()


def logistic(x: Tensor, center: Tensor, log_scale: Tensor) -> Tensor:
    """Log probability of levels under a logistic distribution.

    Args:
        x: levels at -1 to 1 in steps of 2/255.
        center: of a shape that fits.
        log_scale: of a shape that fits.

    Returns:
        Nats, of the shape of all three.

    >>> levels = torch.linspace(-1, 1, 256)
    >>> round(logistic(levels, torch.tensor(0.3), torch.tensor(-2.0)).exp().sum().item(), 5)
    1.0
    """
    sharpness = (-log_scale).exp()
    away = (x - center) * sharpness
    half = _HALF * sharpness
    below = F.logsigmoid(away + half)  # log of what is under the upper edge
    above = F.logsigmoid(half - away)  # log of what is over the lower edge
    inside = below + above + (-torch.expm1(-2 * half)).log()
    return torch.where(x < _HALF - 1, below, torch.where(x > 1 - _HALF, above, inside))


def gaussian(x: Tensor, center: Tensor, log_scale: Tensor) -> Tensor:
    """Log probability of levels under a normal distribution; as `logistic`.

    >>> levels = torch.linspace(-1, 1, 256)
    >>> round(gaussian(levels, torch.tensor(0.3), torch.tensor(-2.0)).exp().sum().item(), 5)
    1.0
    """
    sharpness = (-log_scale).exp()
    away = (x - center) * sharpness
    half = _HALF * sharpness
    below, above = _log_normal(away + half), _log_normal(half - away)
    far = away.abs()  # by symmetry both edges may be looked at from the side of the longer tail
    upper, lower = _log_normal(half - far), _log_normal(-half - far)
    inside = upper + (-torch.expm1((lower - upper).clamp_max(-1e-6))).log()
    return torch.where(x < _HALF - 1, below, torch.where(x > 1 - _HALF, above, inside))


def _log_normal(x: Tensor) -> Tensor:
    """Log of the share of N(0, 1) below x."""
    return cast("Tensor", torch.special.log_ndtr(x))


def bits(nats: Number, dimensions: int) -> Number:
    """Nats of a whole picture as bits per dimension.

    Args:
        nats: any number of them.
        dimensions: channels times height times width.

    >>> round(bits(3072 * 8 * math.log(2), 3072), 3)
    8.0
    """
    return nats / (dimensions * math.log(2))


def _unit(centered: Tensor) -> Tensor:
    return ((centered + 1) / 2).clamp(0, 1)


LIKELIHOODS = ("logistic", "mixture", "gaussian", "bernoulli")


def make(name: str, channels: int, *, scale: str, components: int) -> Likelihood:
    """One of `LIKELIHOODS`, with what it needs to know."""
    match name:
        case "logistic":
            return Logistic(channels, scale=scale)
        case "gaussian":
            return Gaussian(channels, scale=scale)
        case "mixture":
            return Mixture(channels, components=components)
        case _:
            return Bernoulli(channels)
