"""A multilayer perceptron: dense layers on all pixels at once (Rumelhart, Hinton, Williams 1986).

It knows nothing of images: shuffle the pixels of all of them alike and it learns just as well. What
it needs for that is weights, 3 x H x W for each unit of its first layer.

Cost: as many multiply-adds per image as there are weights; 6.4 million for 64 x 64 pixels.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from torch import Tensor, nn

from olhar.errors import OlharError
from olhar.nets.blocks import head, initialize

if TYPE_CHECKING:
    from collections.abc import Sequence


class MLP(nn.Module):
    """Flatten, then for each width: dense, normalise, ReLU, dropout; then one dense layer more.

    Layer normalisation (Ba et al. 2016) rather than batch normalisation: each image is normalised
    by itself, so the size of the batch does not matter.

    Args:
        outputs: how many numbers come out.
        size: height and width of the images, the only ones it takes.
        widths: units of each hidden layer.
        dropout: share of the units that are silenced in training.

    Example:
        >>> import torch
        >>> MLP(10, (32, 32), widths=(128, 64))(torch.rand(2, 3, 32, 32)).shape
        torch.Size([2, 10])
    """

    def __init__(
        self,
        outputs: int,
        size: tuple[int, int],
        *,
        widths: Sequence[int] = (512, 256),
        dropout: float = 0.2,
    ) -> None:
        super().__init__()
        self.size = size
        layers: list[nn.Module] = []
        for inputs, width in pairwise((3 * size[0] * size[1], *widths)):
            layers += [
                nn.Linear(inputs, width),
                nn.LayerNorm(width),
                nn.ReLU(),
                nn.Dropout(dropout),
            ]
        self.layers = nn.Sequential(*layers)
        initialize(self)
        self.head = head(widths[-1], outputs)

    def forward(self, batch: Tensor) -> Tensor:
        """(N, 3, H, W) -> (N, outputs)."""
        if batch.shape[-2:] != self.size:
            raise OlharError(
                f"this perceptron takes images of {self.size[1]} x {self.size[0]} pixels, and not "
                f"of {batch.shape[-1]} x {batch.shape[-2]}; resize them"
            )
        x = batch.flatten(1)  # (N, 3 H W)
        x = self.layers(x)  # (N, widths[-1])
        return self.head(x)
