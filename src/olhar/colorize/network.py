"""The colorizer: what a photograph shows, from EfficientNet-Lite0, to a distribution over colours.

The encoder (`olhar.nets.efficientnet`) sees lightness as a grey image. A decoder in the manner of
feature pyramids (Lin et al. 2017) goes from coarse to fine, up to a quarter of the size, and says
for each place how likely each bin of the a*b* plane is (`bins`). More resolution would be wasted: a
quarter loses 14 dB less than the best guess at the colours does.

Hints enter the decoder at every scale, averaged over what is known there: at 1/32 a single point
speaks for a whole object, at 1/4 for its place alone. Where nothing is known the input is 0, so one
network colours with hints and without (Zhang et al. 2017).

Cost: 3.9 million weights; 0.9 G multiply-adds at 256 x 256.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from olhar.colorize.bins import COLDEST, grid, mean
from olhar.colorize.painter import Said
from olhar.errors import OlharError
from olhar.media.color import lab_to_srgb
from olhar.nets.blocks import conv_norm
from olhar.nets.efficientnet import TAPS, Lite0
from olhar.nets.model import filled

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_HINT = 20.0  # a usual chroma: hints then weigh as much as features from the start


class ColorNet(nn.Module):
    """A `Painter` with bins and hints.

    Args:
        widths: channels of the decoder at 1/32, 1/16, 1/8 and 1/4 of the size.
        side: shorter side of the images that it sees best.
        trained_at: which power of the rarity weights it was trained under, 0 to 1.

    Example:
        >>> network = ColorNet().eval()
        >>> said = network(torch.rand(1, 1, 64, 96) * 100, torch.zeros(1, 3, 64, 96))
        >>> said.logits.shape, network.decode(said, 0.5).shape
        (torch.Size([1, 261, 16, 24]), torch.Size([1, 2, 16, 24]))
    """

    bins: Tensor
    rarity: Tensor
    tint: Tensor
    """(2,): the mean a* and b* of what it learned from: what one can say of any photograph."""
    multiple = 32
    takes_hints = True

    def __init__(
        self,
        widths: Sequence[int] = (128, 128, 96, 64),
        side: int = 160,
        trained_at: float = 0.5,
    ) -> None:
        super().__init__()
        self.side, self.trained_at = int(side), float(trained_at)
        self.arguments = {
            "widths": [*widths],
            "side": self.side,
            "trained_at": self.trained_at,
        }
        self.encoder = Lite0()
        self.whole = nn.Linear(TAPS[6], widths[0])
        coarser = (0, *widths[:-1])
        self.decoder = nn.ModuleList(
            _Level(skip, below, width)
            for skip, below, width in zip([*TAPS.values()][::-1], coarser, widths, strict=True)
        )
        self.head = nn.Conv2d(widths[-1], len(grid()), 1)
        self.register_buffer("bins", grid().clone())
        self.register_buffer("rarity", torch.zeros(len(grid())))
        self.register_buffer("tint", torch.zeros(2))

    def forward(self, light: Tensor, hints: Tensor) -> Said:
        """See `Painter`; the logits are (N, Q, H/4, W/4), under weights of `trained_at`."""
        height, width = light.shape[-2:]
        if height % self.multiple or width % self.multiple:
            raise OlharError(
                f"the colorizer was given {width} x {height} pixels; both sides must be multiples "
                f"of {self.multiple}: pad the image"
            )
        grey = lab_to_srgb(torch.cat([light, torch.zeros_like(light).expand(-1, 2, -1, -1)], 1))
        features = self.encoder(grey.contiguous(memory_format=torch.channels_last))
        x = self.whole(features[-1].mean((2, 3)))[:, :, None, None]  # (N, widths[0], 1, 1)
        for level, skip in zip(self.decoder, reversed(features), strict=True):
            x = level(x, skip, _known(hints, skip.shape[-2:]))
        return Said(logits=self.head(x).float())

    def log_probabilities(self, said: Said, vivid: float) -> Tensor:
        """(N, Q, h, w): the distribution under weights to the power of `vivid`."""
        assert said.logits is not None
        shift = (vivid - self.trained_at) * self.rarity
        return (said.logits + shift[:, None, None]).log_softmax(1)

    def decode(self, said: Said, vivid: float) -> Tensor:
        """(N, 2, h, w): the mean at `vivid` = 0, towards the most likely of rare colours at 1."""
        temperature = 1 - (1 - COLDEST) * vivid
        return mean(self.log_probabilities(said, vivid), self.bins, temperature)


class _Level(nn.Module):
    """One scale of the decoder: what is coarser, enlarged, with features and hints of its own."""

    def __init__(self, skip: int, coarser: int, width: int) -> None:
        super().__init__()
        self.down = nn.Conv2d(coarser, width, 1, bias=False) if coarser else nn.Identity()
        self.skip = nn.Conv2d(skip, width, 1, bias=False)
        self.hint = nn.Conv2d(3, width, 1, bias=False)
        self.norm = nn.BatchNorm2d(width)
        self.conv1, self.norm1 = conv_norm(width, width)
        self.conv2, self.norm2 = conv_norm(width, width)

    def forward(self, coarser: Tensor, skip: Tensor, hints: Tensor) -> Tensor:
        """(N, coarser, h/2, w/2), (N, skip, h, w), (N, 3, h, w) -> (N, width, h, w)."""
        size = skip.shape[-2:]
        x = F.interpolate(self.down(coarser), size=size, mode="nearest")
        x = F.relu(self.norm(x + self.skip(skip) + self.hint(hints)))
        x = F.relu(self.norm1(self.conv1(x)))
        return x + F.relu(self.norm2(self.conv2(x)))


def _known(hints: Tensor, size: torch.Size) -> Tensor:
    """Hints on a coarser grid: their mean where there are any, 0 elsewhere; and whether there are.

    Args:
        hints: (N, 3, H, W), see `Painter`.
        size: h and w, by which H and W can be divided.

    Returns:
        (N, 3, h, w), colours over 20.
    """
    kernel = hints.shape[-2] // size[0], hints.shape[-1] // size[1]
    mask = F.avg_pool2d(hints[:, 2:], kernel)  # (N, 1, h, w)
    ab = F.avg_pool2d(hints[:, :2] * hints[:, 2:], kernel) / mask.clamp_min(1e-6)
    return torch.cat([ab / _HINT, (mask > 0).to(ab.dtype)], 1)


def from_tensors(tensors: Mapping[str, Tensor], **arguments: Any) -> ColorNet:
    """Build a trained colorizer; tensors may be float16.

    Args:
        tensors: its weights.
        arguments: what it was built with (`ColorNet.arguments`).

    Returns:
        The network on the CPU, float32, in evaluation mode.

    Raises:
        RuntimeError: if the tensors are not those of such a network.
    """
    network = filled(partial(ColorNet, **arguments), tensors)
    return network.to(memory_format=torch.channels_last)
