"""A convolutional network that learns small pictures in minutes (Jordan 2024, arXiv 2404.00498).

"94% on CIFAR-10 in 3.29 Seconds on a Single GPU" collects what makes learning fast, from Page's
and tysam-code's records on. What is kept of it here:

- the first layer is not learned: its 2 x 2 filters are the principal components of the training
  pictures' patches, scaled to equal variance (whitened), each with both signs; its offsets are;
- every other convolution starts by passing its input on (a Dirac in its first filters);
- batch normalisation has an offset and no scale, and forgets its statistics within a few steps;
- the last layer's output is divided down, so that it starts unsure and is learned slowly.

Here a picture is padded by a pixel so that 32 x 32 becomes 32, 16, 8, 4: whole 4 x 4 tiles for
Winograd's convolution (`olhar.nets.winograd_train`), in which all but the first learned layer run
on a CPU in float32. In bfloat16 they are convolved directly, and the padding only costs: without it
32 x 32 becomes 31, 15, 7, 3. Channels last is the layout that both are fastest in.

Cost: 147 million multiply-adds for an image of 32 x 32 by the definition, 57 million as computed in
float32; 118 million without padding.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from olhar.errors import OlharError
from olhar.nets.linalg import eigh
from olhar.nets.winograd_train import Conv3x3

if TYPE_CHECKING:
    from collections.abc import Sequence

_PATCH = 2
_FORGET = 0.4
"""Share of the newest batch in the running statistics: a fast training has few batches."""


class Fast(nn.Module):
    """Whitened patches, for each width a block that halves the picture, the maximum, a last layer.

    Args:
        outputs: how many numbers come out.
        size: height and width of the images that it is trained on; 2 to the power of the number of
            blocks or more, and more without padding.
        widths: channels of each block.
        divide: the last layer's output by this.
        pad: the picture by a pixel on two sides; without, a fifth less is computed in bfloat16.

    Raises:
        OlharError: if the images are too small for so many blocks.

    Example:
        >>> Fast(10, (32, 32), widths=(16, 32))(torch.rand(2, 3, 32, 32)).shape
        torch.Size([2, 10])
    """

    patches: Tensor

    def __init__(
        self,
        outputs: int,
        size: tuple[int, int],
        *,
        widths: Sequence[int] = (64, 256, 256),
        divide: float = 9.0,
        pad: bool = True,
    ) -> None:
        super().__init__()
        least = 2 ** len(widths) + (not pad)
        if min(size) < least:
            raise OlharError(
                f"{len(widths)} widths make {len(widths)} blocks, which need images of {least} x "
                f"{least} pixels or more, and not of {size[1]} x {size[0]}; give fewer widths"
            )
        count = 2 * 3 * _PATCH**2
        self.register_buffer("patches", torch.randn(count, 3, _PATCH, _PATCH) / count**0.5)
        self.offsets = nn.Parameter(torch.zeros(count))
        self.blocks = nn.Sequential(*(_Block(a, b) for a, b in pairwise((count, *widths))))
        self.head = nn.Linear(widths[-1], outputs, bias=False)
        self.divide = float(divide)
        self.pad = pad

    @torch.no_grad()
    def whiten(self, images: Tensor) -> None:
        """Make the first layer of training pictures.

        Args:
            images: (N, 3, H, W) as `forward` gets them, normalised; some thousands are enough.
        """
        patches = F.unfold(images, _PATCH).transpose(1, 2).reshape(-1, 3 * _PATCH**2)
        values, vectors = eigh(patches.T @ patches / len(patches))
        filters = (vectors / (values + 5e-4).sqrt()).T.flip(0)  # the strongest component first
        filters = filters.to(self.patches).view(-1, *self.patches.shape[1:])
        self.patches.copy_(torch.cat([filters, -filters]))

    @torch.no_grad()
    def normalize_weights(self) -> None:
        """Give every learned filter bank the norm of orthogonal rows.

        Their length means nothing before batch normalisation, but the longer they are the less a
        step turns them; held, the learning rate alone says how far a step turns them.
        """
        for module in self.modules():
            if isinstance(module, Conv3x3):
                norm = module.weight.square().sum().sqrt()
                module.weight.mul_(len(module.weight) ** 0.5 / norm)

    def forward(self, batch: Tensor) -> Tensor:
        """(N, 3, H, W) -> (N, outputs)."""
        if self.pad:
            batch = F.pad(batch, (0, 1, 0, 1))
        x = F.conv2d(batch, self.patches, self.offsets)
        # (N, 24, H, W), or a pixel less without padding
        x = self.blocks(F.gelu(x))  # (N, widths[-1], H / 2**blocks, W / 2**blocks)
        return self.head(x.amax((2, 3))) / self.divide


class _Block(nn.Module):
    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.conv1, self.norm1 = _dirac(Conv3x3(inputs, outputs, pool=True)), _Norm(outputs)
        self.conv2, self.norm2 = _dirac(Conv3x3(outputs, outputs)), _Norm(outputs)

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, H, W) -> (N, outputs, H/2, W/2)."""
        x = F.gelu(self.norm1(self.conv1(x)))
        return F.gelu(self.norm2(self.conv2(x)))


class _Norm(nn.BatchNorm2d):
    """Batch normalisation with an offset and no scale."""

    def __init__(self, channels: int) -> None:
        super().__init__(channels, eps=1e-12, momentum=_FORGET)
        del self.weight
        self.register_buffer("weight", torch.ones(channels), persistent=False)


def _dirac(conv: Conv3x3) -> Conv3x3:
    """Start by passing the inputs on, as far as there are outputs for them."""
    nn.init.dirac_(conv.weight.data[: conv.weight.shape[1]])
    return conv
