"""Parts that networks of several capabilities share: normalisation, convolutions, their start."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from collections.abc import Sequence

CONVENTIONS: dict[str, tuple[list[float], list[float]]] = {
    "unit": ([0.0] * 3, [1.0] * 3),
    "signed": ([0.5] * 3, [0.5] * 3),
}
"""Mean and deviation that leave [0, 1] as it is, and that make it [-1, 1]."""


class Normalize(nn.Module):
    """Images in [0, 1] to what a network learns best from: (image - mean) / deviation, per channel.

    The first layer of every network, so that nobody can forget it or do it twice. The numbers are
    arguments of the network, not weights: they stand in its card, where a person can read them.

    Args:
        mean: one number per channel, red, green and blue.
        deviation: one positive number per channel.

    Raises:
        ValueError: if there are not three of each, or a deviation is not positive.

    Example:
        >>> Normalize(*CONVENTIONS["signed"])(torch.zeros(1, 3, 2, 2)).mean()
        tensor(-1.)
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, mean: Sequence[float], deviation: Sequence[float]) -> None:
        super().__init__()
        if len(mean) != 3 or len(deviation) != 3:
            raise ValueError("means and deviations must be three each, as an image has channels")
        if not all(value > 0 for value in deviation):
            raise ValueError(f"deviations are {list(deviation)}; each must be positive")
        self.register_buffer("mean", torch.tensor(mean).view(-1, 1, 1), persistent=False)
        self.register_buffer("deviation", torch.tensor(deviation).view(-1, 1, 1), persistent=False)

    def forward(self, batch: Tensor) -> Tensor:
        """(N, C, H, W) in [0, 1] -> the same shape, about -2 to 2."""
        return (batch - self.mean) / self.deviation


def conv_norm(
    channels: int, outputs: int, kernel: int = 3, stride: int = 1
) -> tuple[nn.Conv2d, nn.BatchNorm2d]:
    """A convolution that keeps the size (over the stride), and batch normalisation after it.

    Normalisation stands before the activation, as in its paper (Ioffe and Szegedy 2015), and its
    own offset makes a bias of the convolution idle. In training each process of several uses the
    statistics of its own part of the batch.
    """
    conv = nn.Conv2d(channels, outputs, kernel, stride, kernel // 2, bias=False)
    return conv, nn.BatchNorm2d(outputs)


def initialize(network: nn.Module) -> None:
    """Give every convolution and dense layer its start, before the first step.

    Weights are drawn so that ReLUs keep the size of what passes through, forwards in dense layers
    and backwards in convolutions (He et al. 2015, "Delving Deep into Rectifiers"); biases are 0.
    """
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            mode = "fan_out" if isinstance(module, nn.Conv2d) else "fan_in"
            nn.init.kaiming_normal_(module.weight, mode=mode, nonlinearity="relu")
            if module.bias is not None:  # pyright: ignore[reportUnnecessaryComparison]
                nn.init.zeros_(module.bias)


def head(features: int, outputs: int, dropout: float = 0.0) -> nn.Sequential:
    """From a vector of features to the outputs: dropout (Srivastava et al. 2014), a dense layer.

    The outputs start about as large as the features, whatever their number.
    """
    dense = nn.Linear(features, outputs)
    nn.init.normal_(dense.weight, std=features**-0.5)
    nn.init.zeros_(dense.bias)
    return nn.Sequential(nn.Dropout(dropout), dense)
