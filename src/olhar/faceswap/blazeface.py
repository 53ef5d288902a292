"""BlazeFace finds faces with little arithmetic (Bazarevsky et al. 2019, arXiv 1907.05047).

The weights are those that MediaPipe released.

A depthwise 3 x 3 convolution looks around, a 1 x 1 one mixes channels, the input is added: such
blocks cost a ninth of a full convolution. Each position of the last maps guesses one or a few boxes
relative to its own place (its *anchor*), six points on the face, and a score.

`ShortRange` was made for faces that fill a fifth of the picture or more, `FullRange` for smaller
ones: a pyramid that goes down to 1/32 and back up to 1/4. Both are convolutions throughout, so they
also take other sizes than the published 128 and 192 pixels: a picture twice as large shows them
faces half as big, without the seams of tiles.

Cost: `ShortRange` 0.1 million weights and 31 M multiply-adds at 128 x 128, `FullRange` 0.5 million
and 0.12 G at 192 x 192.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from olhar.faceswap.blaze import Block, Double, Down, strided

POINTS = ("right eye", "left eye", "nose", "mouth", "right ear", "left ear")
"""The points that come with each box. Right is the person's: that eye is left in the picture."""


class ShortRange(nn.Module):
    """Large faces.

    Example:
        >>> [tuple(x.shape) for x in ShortRange()(torch.rand(1, 3, 128, 128))]
        [(1, 896, 4), (1, 896, 6, 2), (1, 896)]
    """

    multiple = 16
    """Height and width must be multiples of it."""
    size = 128
    """The side of the squares that it was trained on."""
    fine = (
        *((24, 1), (28, 1), (32, 2), (36, 1), (42, 1)),
        *((48, 2), (56, 1), (64, 1), (72, 1), (80, 1), (88, 1)),
    )
    """Channels and stride of the blocks down to 1/8."""
    coarse = ((96, 2), (96, 1), (96, 1), (96, 1), (96, 1))
    """The same down to 1/16."""
    anchors = (2, 6)
    """Guesses per position of the maps at 1/8 and 1/16."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 24, 5, 2)
        self.fine_blocks, channels = _chain(24, self.fine)
        self.coarse_blocks, last = _chain(channels, self.coarse)
        a, b = self.anchors
        self.scores = nn.ModuleList([nn.Conv2d(channels, a, 1), nn.Conv2d(last, b, 1)])
        self.boxes = nn.ModuleList([nn.Conv2d(channels, 16 * a, 1), nn.Conv2d(last, 16 * b, 1)])

    def forward(self, batch: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Guess faces.

        Args:
            batch: (N, 3, H, W) RGB in [0, 1].

        Returns:
            Boxes (N, A, 4) as left, top, right, bottom, points (N, A, 6, 2) as x, y, both in pixels
            of the batch, and scores (N, A) as logits; A = HW/32 + 6 HW/256.
        """
        x = F.relu(self.stem(strided(2 * batch - 1, 5)), inplace=True)  # (N, 24, H/2, W/2)
        fine = self.fine_blocks(x)  # (N, 88, H/8, W/8)
        coarse = self.coarse_blocks(fine)  # (N, 96, H/16, W/16)
        maps = (fine, coarse)
        scores = [_rows(head(x), 1) for head, x in zip(self.scores, maps, strict=True)]
        boxes = [_rows(head(x), 16) for head, x in zip(self.boxes, maps, strict=True)]
        places = [
            _places(x, stride).repeat_interleave(count, 0)
            for x, stride, count in zip(maps, (8, 16), self.anchors, strict=True)
        ]
        return _decoded(torch.cat(boxes, 1), torch.cat(scores, 1), torch.cat(places))


class FullRange(nn.Module):
    """Faces of all sizes, down to about a twelfth of the picture.

    Example:
        >>> [tuple(x.shape) for x in FullRange()(torch.rand(1, 3, 96, 192))]
        [(1, 1152, 4), (1, 1152, 6, 2), (1, 1152)]
    """

    multiple = 32
    """Height and width must be multiples of it."""
    size = 192
    """The side of the squares that it was trained on."""
    levels = ((64, 16, 2), (128, 32, 2), (192, 48, 2), (384, 96, 3))
    """Channels, channels of the bottleneck, and blocks, at 1/4 to 1/32."""
    ascent = ((96, 48, 2), (64, 32, 2), (48, 24, 1))
    """The same on the way back, at 1/16 to 1/4."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 32, 3, 2, 1)
        self.first = nn.Sequential(Double(32, 8), Double(32, 8))
        channels = 32
        down: list[nn.Module] = []
        for outputs, narrow, blocks in self.levels:
            level = [Double(outputs, narrow) for _ in range(blocks)]
            down.append(nn.Sequential(Down(channels, outputs, narrow), *level))
            channels = outputs
        self.down = nn.ModuleList(down)
        across, lift, up = list[nn.Module](), list[nn.Module](), list[nn.Module]()
        for (outputs, narrow, blocks), (inputs, _, _) in zip(
            self.ascent, self.levels[2::-1], strict=True
        ):
            across.append(nn.Conv2d(inputs, outputs, 1))
            lift.append(nn.Conv2d(channels, outputs, 1))
            up.append(nn.Sequential(*(Double(outputs, narrow) for _ in range(blocks))))
            channels = outputs
        self.across, self.lift, self.up = map(nn.ModuleList, (across, lift, up))
        self.scores = _head(channels, 4)
        self.boxes = _head(channels, 64)

    def forward(self, batch: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Guess faces.

        Args:
            batch: (N, 3, H, W) RGB in [0, 1].

        Returns:
            Boxes (N, A, 4) as left, top, right, bottom, points (N, A, 6, 2) as x, y, both in pixels
            of the batch, and scores (N, A) as logits; A = HW/16.
        """
        x = self.first(F.relu(self.stem(2 * batch - 1), inplace=True))  # (N, 32, H/2, W/2)
        seen: list[Tensor] = []
        for level in self.down:
            x = level(x)
            seen.append(x)  # (N, C, H/4, W/4) to (N, 384, H/32, W/32)
        for across, lift, up, side in zip(
            self.across, self.lift, self.up, seen[2::-1], strict=True
        ):
            raised = F.interpolate(F.relu(lift(x)), scale_factor=2, mode="bilinear")
            x = up(F.relu(across(side)) + raised)
        # Four guesses at half the size, told apart by channel, become four places at full size.
        scores = F.pixel_shuffle(self.scores(x), 2)  # (N, 1, H/4, W/4)
        boxes = F.pixel_shuffle(self.boxes(x), 2)  # (N, 16, H/4, W/4)
        return _decoded(_rows(boxes, 16), _rows(scores, 1), _places(boxes, 4))


def _chain(inputs: int, stages: tuple[tuple[int, int], ...]) -> tuple[nn.Sequential, int]:
    blocks: list[nn.Module] = []
    for outputs, stride in stages:
        blocks.append(Block(inputs, outputs, stride))
        inputs = outputs
    return nn.Sequential(*blocks), inputs


def _head(channels: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(channels, outputs, 1), nn.Conv2d(outputs, outputs, 3, 2, 1, groups=outputs)
    )


def _rows(x: Tensor, width: int) -> Tensor:
    """(N, k * width, H, W) to (N, HW k, width)."""
    return x.permute(0, 2, 3, 1).reshape(x.shape[0], -1, width)


def _places(x: Tensor, stride: int) -> Tensor:
    """The middles of the positions of a map, in pixels: (HW, 2) as x, y."""
    rows, columns = (
        (torch.arange(size, device=x.device, dtype=x.dtype) + 0.5) * stride for size in x.shape[2:]
    )
    y, x = torch.meshgrid(rows, columns, indexing="ij")
    return torch.stack([x, y], -1).flatten(0, 1)


def _decoded(values: Tensor, scores: Tensor, places: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Middle, size and points, all relative to the places, as boxes and points in pixels."""
    middle, size = values[..., :2] + places, values[..., 2:4]
    boxes = torch.cat([middle - size / 2, middle + size / 2], -1)
    points = values[..., 4:].reshape(*values.shape[:-1], 6, 2) + places[:, None]
    return boxes, points, scores[..., 0]
