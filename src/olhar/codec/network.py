"""A codec for pictures: what to keep of them, and how to paint them from that.

    picture -> analysis -> numbers, in steps -> rounded, coded -> synthesis -> picture
                  └── side information, coded first ──> how probable each number is (`prior`)

It starts as the transform of JPEG: blocks of 8 x 8 pixels, colours turned so that they are
independent, cosines of which the finest are dropped (Ahmed, Natarajan and Rao 1974, "Discrete
Cosine Transform"). Residual blocks between neighbouring places make it a better one, and a smaller
network at half the size paints what blocks cannot. All qualities are one network: the size of the
steps, and how much each residual block says, are curves over the quality (Cui et al. 2021,
"Asymmetric Gained Deep Image Compression").

Cost: 6 thousand multiply-adds a pixel to analyse, 14 to paint, 5 for the probabilities.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from olhar.codec.coder import logistic_tables
from olhar.codec.prior import KNOTS, Curve, Prior, deviation
from olhar.nets.model import filled

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

BLOCK = 8
"""Pixels on a side that numbers stand for; side information for BLOCK * 4."""
FINE, COARSE = 12 / 255, 213 / 255
"""Steps at quality 1 and 0, at the start."""


class Block(nn.Module):
    """Residual: each channel's neighbours, then all channels of a place."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.near = nn.Conv2d(width, width, 5, padding=2, groups=width)
        self.widen = nn.Conv2d(width, 2 * width, 1)
        self.narrow = nn.Conv2d(2 * width, width, 1)
        self.gate = Curve(width, 1.0)
        with torch.no_grad():
            self.narrow.weight.mul_(0.01)

    def forward(self, x: Tensor, quality: Tensor) -> Tensor:
        """(N, width, H, W) -> the same."""
        return x + self.gate(quality) * self.narrow(F.gelu(self.widen(self.near(x))))


class Coded(NamedTuple):
    """What a picture becomes."""

    image: Tensor
    """(N, 3, H, W), not clipped."""
    bits: Tensor
    """(N,) an estimate of what it takes."""


class Codec(nn.Module):
    """Pictures to numbers that are cheap to store, and back.

    Args:
        width: channels at an eighth of the size.
        depth: residual blocks, of the analysis and of the synthesis.
        side: channels of the side information.
        groups: channel before which each group of numbers ends; the last is how many there are.
        features: channels that the side information becomes.
        hidden: width of what guesses.
        refine: channels at half the size.

    Example:
        >>> network = Codec(width=192, depth=(1, 1))
        >>> network(torch.rand(1, 3, 40, 56), torch.tensor([0.5])).image.shape
        torch.Size([1, 3, 40, 56])
    """

    tables: Tensor
    """(SCALES, ESCAPE + 1) of the range coder (`coder`)."""

    def __init__(
        self,
        *,
        width: int = 192,
        depth: Sequence[int] = (2, 3),
        side: int = 32,
        groups: Sequence[int] = (8, 32, 64, 128),
        features: int = 64,
        hidden: int = 96,
        refine: int = 32,
    ) -> None:
        super().__init__()
        self.arguments: dict[str, Any] = {
            "width": width,
            "depth": [*depth],
            "side": side,
            "groups": [*groups],
            "features": features,
            "hidden": hidden,
            "refine": refine,
        }
        numbers = groups[-1]
        self.numbers = numbers
        self.steps = Curve(numbers)
        self.take = nn.Conv2d(3 * BLOCK**2, width, 1)
        self.before = nn.ModuleList(Block(width) for _ in range(depth[0]))
        self.keep = nn.Conv2d(width, numbers, 1)
        self.give = nn.Conv2d(numbers, width, 1)
        self.after = nn.ModuleList(Block(width) for _ in range(depth[1]))
        self.paint = nn.Conv2d(width, 3 * BLOCK**2, 1)
        self.spread = nn.Conv2d(width, 16 * (BLOCK // 2) ** 2, 1)
        self.refine = nn.Sequential(
            nn.Conv2d(12 + 16, refine, 3, padding=1),
            nn.GELU(),
            nn.Conv2d(refine, refine, 3, padding=1),
            nn.GELU(),
            nn.Conv2d(refine, 12, 3, padding=1),
        )
        self.summary = nn.Sequential(
            nn.Conv2d(numbers, 96, 1),
            nn.GELU(),
            nn.Conv2d(96, 96, 4, stride=2, padding=1),
            nn.GELU(),
            nn.Conv2d(96, side, 4, stride=2, padding=1),
        )
        self.prior = Prior(side=side, groups=tuple(groups), features=features, hidden=hidden)
        self.register_buffer("tables", logistic_tables())
        self._start()

    @torch.no_grad()
    def _start(self) -> None:
        """As the cosine transform, with the steps that are best for it."""
        for module in (self.take, self.keep, self.give, self.paint):
            nn.init.dirac_(module.weight)
            assert module.bias is not None
            nn.init.zeros_(module.bias)
        cosines = _cosines()[:, :, None, None]  # (192, 192, 1, 1), coarse first
        count = min(len(cosines), self.take.out_channels)
        self.take.weight[:count] = cosines[:count]
        self.paint.weight.zero_()
        self.paint.weight[:, :count] = cosines[:count].transpose(0, 1)
        last = self.refine[-1]
        assert isinstance(last, nn.Conv2d)
        last.weight.mul_(0.01)
        ends = torch.tensor([COARSE, FINE]).log()
        self.steps.knots[:] = torch.lerp(ends[0], ends[1], torch.linspace(0, 1, KNOTS))[:, None]

    def analyse(self, images: Tensor, quality: Tensor) -> Tensor:
        """What is kept of pictures whose sides are multiples of BLOCK.

        Args:
            images: (N, 3, H, W) in [0, 1].
            quality: (N,) in [0, 1].

        Returns:
            (N, M, H/8, W/8) in steps, not rounded.
        """
        x = self.take(F.pixel_unshuffle(images - 0.5, BLOCK))
        for block in self.before:
            x = block(x, quality)
        return self.keep(x) * torch.exp(-self.steps(quality))

    def summarize(self, numbers: Tensor) -> Tensor:
        """(N, M, h, w), in steps -> side information, (N, side, ceil(h/4), ceil(w/4))."""
        height, width = numbers.shape[-2:]
        return self.summary(F.pad(numbers, (0, -width % 4, 0, -height % 4), mode="replicate"))

    def synthesize(self, numbers: Tensor, quality: Tensor) -> Tensor:
        """(N, M, h, w), in steps -> (N, 3, 8 h, 8 w), not clipped."""
        x = self.give(numbers * torch.exp(self.steps(quality)))
        for block in self.after:
            x = block(x, quality)
        painted = F.pixel_shuffle(self.paint(x), BLOCK)
        finer = F.pixel_shuffle(self.spread(x), BLOCK // 2)
        finer = torch.cat([F.pixel_unshuffle(painted, 2), finer], 1)
        return painted + F.pixel_shuffle(self.refine(finer), 2) + 0.5

    def forward(self, images: Tensor, quality: Tensor) -> Coded:
        """Code pictures and paint them again, with an estimate of the bits.

        With gradients, rounding is the identity to them, and probabilities are those of numbers
        with uniform noise (Minnen and Singh 2020, "Channel-wise Autoregressive Entropy Models").

        Args:
            images: (N, 3, H, W) in [0, 1], any size.
            quality: (N,) in [0, 1].
        """
        height, width = images.shape[-2:]
        padded = F.pad(images, (0, -width % BLOCK, 0, -height % BLOCK), mode="replicate")
        painted, bits = self.spend(self.analyse(padded, quality).float(), quality)
        return Coded(painted[:, :, :height, :width], bits)

    def spend(self, numbers: Tensor, quality: Tensor) -> Coded:
        """Round numbers and paint them; see `forward`.

        Args:
            numbers: (N, M, h, w) in steps.
            quality: (N,) in [0, 1].
        """
        side = self.summarize(numbers)
        mean, scale = self.prior.side(quality)
        bits = self._bits(side - mean, scale).sum((1, 2, 3))
        side = _rounded(side - mean) + mean
        features = self.prior.features(side, quality)
        features = features[:, :, : numbers.shape[2], : numbers.shape[3]]
        known = torch.zeros_like(numbers)
        for number, stage in enumerate(self.prior.stages):
            mean, scale = self.prior.guess(number, features, known, quality)
            rest = numbers[:, stage.first : stage.last] - mean
            mask = stage.mask(*rest.shape[-2:]).to(rest.device)
            bits = bits + (self._bits(rest, scale) * mask).sum((1, 2, 3))
            now = (_rounded(rest) + mean) * mask
            known = known + F.pad(now, (0, 0, 0, 0, stage.first, self.numbers - stage.last))
        return Coded(self.synthesize(known, quality), bits)

    def _bits(self, rest: Tensor, scale: Tensor) -> Tensor:
        """Of numbers less their means: -log2 of a logistic's mass on a step around each."""
        noisy = torch.is_grad_enabled()
        values = rest + torch.rand_like(rest) - 0.5 if noisy else rest.round()
        spread = deviation(scale.float()) * (math.sqrt(3) / math.pi)
        upper, lower = (values + 0.5) / spread, (values - 0.5) / spread
        sign = torch.where(values > 0, -1.0, 1.0)  # so that no thin tail is lost beside 1
        mass = (torch.sigmoid(sign * upper) - torch.sigmoid(sign * lower)).abs()
        return -mass.clamp_min(1e-9).log2()


def _rounded(values: Tensor) -> Tensor:
    """Whole numbers; to the gradient the identity."""
    return values + (values.round() - values).detach()


def _cosines() -> Tensor:
    """(192, 192) orthonormal: each row a cosine of a colour over a block, coarse ones first.

    Colours are brightness (R + G + B), R - B and R - 2 G + B, each of length one; columns are in
    the order of `pixel_unshuffle`.
    """
    colors = torch.tensor([[1.0, 1, 1], [1, 0, -1], [1, -2, 1]])
    colors = colors / colors.square().sum(1, keepdim=True).sqrt()
    place = torch.arange(BLOCK)
    waves = torch.cos(math.pi / BLOCK * (place + 0.5) * place[:, None]) * math.sqrt(2 / BLOCK)
    waves[0] /= math.sqrt(2)
    rows = torch.einsum("kc,ui,vj->kuvcij", colors, waves, waves).reshape(3 * BLOCK**2, -1)
    radius = (place[:, None] ** 2 + place**2).float().sqrt()
    order = torch.stack([radius, 1.2 + 2 * radius, 1.3 + 2 * radius]).flatten().argsort(stable=True)
    return rows[order]


def weights(quality: Tensor) -> Tensor:
    """Of the mean squared error of pictures in [0, 1], against bits per pixel.

    At a high rate a quantiser of step s has an error of s^2 / 12 and loses a bit for each doubling
    of it; the sum is least where the weight is 18 / (ln 2 * s^2), with three channels a pixel.
    """
    step = COARSE * (FINE / COARSE) ** quality
    return 18 / math.log(2) / step.square()


def from_tensors(tensors: Mapping[str, Tensor], **arguments: Any) -> Codec:
    """Build a trained network; tensors may be float16.

    Args:
        tensors: its weights.
        arguments: what it was built with (`Codec.arguments`).

    Returns:
        The network on the CPU, float32, in evaluation mode.

    Raises:
        RuntimeError: if the tensors are not those of such a network.
    """
    network = filled(lambda: Codec(**arguments), tensors).float()  # whatever torch makes by itself
    return network.to(memory_format=torch.channels_last)
