"""FaceMesh sets 468 points on a face (Kartynnik et al. 2019, arXiv 1907.06724).

The weights are those that MediaPipe released. The network sees one face, upright and filling two
thirds of a square, and says where 468 vertices of a mesh lie: x and y in the picture, z away from
the viewer in about the same unit. A second branch says whether there is a face at all.

Cost: 0.6 million weights, two thirds of them in the last layer; 35 M multiply-adds.
"""

from __future__ import annotations

from torch import Tensor, nn

from olhar.faceswap.blaze import Block, strided

SIZE = 192
"""The side of the squares that it sees."""
COUNT = 468
"""Points on a face."""


class FaceMesh(nn.Module):
    """The points of faces.

    Example:
        >>> import torch
        >>> [tuple(x.shape) for x in FaceMesh()(torch.rand(2, 3, 192, 192))]
        [(2, 468, 3), (2,)]
    """

    stages = (16, 32, 64, 128, 128)
    """Channels at 1/2 to 1/32; three blocks each."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, self.stages[0], 3, 2)
        self.stem_active = nn.PReLU(self.stages[0])
        blocks: list[nn.Module] = []
        inputs = self.stages[0]
        for number, outputs in enumerate(self.stages):
            if number:
                blocks.append(Block(inputs, outputs, 2, slopes=True))
            blocks += [Block(outputs, outputs, slopes=True) for _ in range(2)]
            inputs = outputs
        self.body = nn.Sequential(*blocks)
        self.fork = nn.Sequential(Block(128, 128, 2, slopes=True), Block(128, 128, slopes=True))
        self.points = nn.Sequential(Block(128, 128, slopes=True), *_head(3 * COUNT))
        self.presence = nn.Sequential(Block(128, 128, 2, slopes=True), *_head(1))

    def forward(self, batch: Tensor) -> tuple[Tensor, Tensor]:
        """Find the points.

        Args:
            batch: (N, 3, 192, 192) RGB in [0, 1].

        Returns:
            (N, 468, 3) x, y and z in pixels of the batch, and (N,) logits of there being a face.
        """
        x = self.body(self.stem_active(self.stem(strided(batch, 3))))  # (N, 128, 6, 6)
        points = self.points(self.fork(x)).flatten(1)  # (N, 1404)
        return points.unflatten(1, (COUNT, 3)), self.presence(x).flatten()


def _head(outputs: int) -> list[nn.Module]:
    return [
        nn.Conv2d(128, 32, 1),
        nn.PReLU(32),
        Block(32, 32, slopes=True),
        nn.Conv2d(32, outputs, 3),
    ]
