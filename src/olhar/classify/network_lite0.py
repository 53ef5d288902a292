"""EfficientNet-Lite0 that has seen photographs before: transfer learning without a network.

The bundled colorizer knows what is in a photograph, or it could not colour it. Its encoder has
learned that from ImageNet and then from colouring; here a new last layer for the own classes is
learned on top of it, and the rest is adapted with smaller steps. With few pictures that is worth
far more than a network that begins with nothing.

What the last layer sees are the maps at strides 16 and 32, each as its mean and its maximum over
all places: how much there is of something, and whether it is anywhere. Pictures under 96 pixels are
enlarged to that, since the maps are of things as large as they are in photographs.

Cost: 0.13 billion multiply-adds for an image of 128 x 128.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from olhar import hub
from olhar.nets.blocks import head
from olhar.nets.efficientnet import TAPS, Lite0

_STRIDE = 32
_LEAST = 96  # pixels of the shorter side
_ENCODER = "encoder."
"""Its tensors in the colorizer."""


class Lite(nn.Module):
    """EfficientNet-Lite0 with a new last layer.

    Args:
        outputs: how many numbers come out.
        size: height and width of the images; they may be any, and larger ones have more to see.
        dropout: share of the features that are silenced in training.
        pretrained: whether to begin with the encoder of the bundled colorizer.

    Example:
        >>> Lite(5, (48, 48)).eval()(torch.rand(2, 3, 48, 48)).shape
        torch.Size([2, 5])
    """

    def __init__(
        self,
        outputs: int,
        size: tuple[int, int],  # noqa: ARG002  as every architecture
        *,
        dropout: float = 0.2,
        pretrained: bool = False,
    ) -> None:
        super().__init__()
        self.model = Lite0()
        if pretrained:
            _, tensors = hub.load("colorizer")
            self.model.load_state_dict(
                {
                    name.removeprefix(_ENCODER): tensor
                    for name, tensor in tensors.items()
                    if name.startswith(_ENCODER)
                }
            )
        features = 2 * (TAPS[4] + TAPS[6])
        self.even = nn.BatchNorm1d(features)  # some vary a hundred times as much as others
        self.head = head(features, outputs, dropout)

    def forward(self, batch: Tensor) -> Tensor:
        """(N, 3, H, W) in [0, 1] -> (N, outputs)."""
        height, width = batch.shape[2:]
        larger = _LEAST / min(height, width)
        if larger > 1:
            height, width = round(height * larger), round(width * larger)
            batch = F.interpolate(batch, (height, width), mode="bicubic")
        padding = (0, -width % _STRIDE, 0, -height % _STRIDE)
        if any(padding):
            batch = F.pad(batch, padding, mode="replicate")
        *_, middle, last = self.model(batch)  # (N, 112, H/16, W/16), (N, 320, H/32, W/32)
        seen = [fold((2, 3)) for maps in (middle, last) for fold in (maps.mean, maps.amax)]
        return self.head(self.even(torch.cat(seen, 1)))  # (N, 864) before
