"""Similarity transforms: where a face is, how large and how far it leans, and how to cut it out.

A transform is a (2, 3) matrix that takes places (x, y, 1) to places, in pixels, where the middle of
the first pixel is (0.5, 0.5). `umeyama` fits the one that maps some points to others with the least
squared error (Umeyama 1991, equations 40-42): turned, resized and moved, never sheared or mirrored.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, cast

import torch
import torch.nn.functional as F
from torch import Tensor

from olhar.errors import OlharError

if TYPE_CHECKING:
    from collections.abc import Sequence

RIGID = (33, 133, 362, 263, 168, 6, 195, 1, 2, 98, 327)
"""Points of FaceMesh that neither the mouth nor the brows move: the corners of the eyes, the
bridge, tip, foot and wings of the nose."""
_PLACES = (
    *((0.305, 0.413), (0.425, 0.421), (0.575, 0.421), (0.695, 0.413)),  # corners of the eyes
    *((0.50, 0.398), (0.50, 0.431), (0.50, 0.490), (0.50, 0.584), (0.50, 0.605)),  # down the nose
    *((0.420, 0.589), (0.580, 0.589)),  # its wings
)
"""Where they are in an aligned face, as shares of its side, seen from the front."""


def template(size: int) -> Tensor:
    """Where the `RIGID` points are in an aligned face of some side: (11, 2)."""
    return torch.tensor(_PLACES) * size


def umeyama(source: Tensor, target: Tensor, weights: Tensor | None = None) -> Tensor:
    """The similarity transform that maps points to points with the least squared error.

    Args:
        source: (..., K, 2), K at least 2.
        target: (..., K, 2).
        weights: (..., K) of the points; all alike if left out.

    Returns:
        (..., 2, 3), in the type of `source`.

    Raises:
        OlharError: if the points of the source are all the same.

    Example:
        >>> square = torch.tensor([[0.0, 0], [1, 0], [1, 1], [0, 1]])
        >>> matrix = umeyama(square, 2 * square + torch.tensor([3.0, 4]))
        >>> round(float(scale(matrix)), 6), matrix[:, 2]
        (2.0, tensor([3., 4.]))
    """
    if weights is None:
        weights = torch.ones(source.shape[:-1], device=source.device)
    share = (weights / weights.sum(-1, keepdim=True))[..., None].double()
    a, b = source.double(), target.double()
    middle_a, middle_b = (share * a).sum(-2), (share * b).sum(-2)
    a, b = a - middle_a[..., None, :], b - middle_b[..., None, :]
    spread = (share * a * a).sum((-2, -1))
    if (spread <= 1e-12).any():
        raise OlharError("points that all lie in one place say nothing of size and turn")
    # In the plane the singular value decomposition comes down to one angle.
    along = (share * a * b).sum((-2, -1)) / spread
    across = (share * (a[..., 0:1] * b[..., 1:2] - a[..., 1:2] * b[..., 0:1])).sum(
        (-2, -1)
    ) / spread
    turn = torch.stack([along, -across, across, along], -1).reshape(*along.shape, 2, 2)
    move = middle_b - (turn @ middle_a[..., None])[..., 0]
    return torch.cat([turn, move[..., None]], -1).to(source.dtype)


def aligned(points: Tensor, size: int) -> Tensor:
    """The transform that takes a face to its place in a square.

    Args:
        points: (..., 468, 2 or 3) in pixels of the picture.
        size: side of the square.

    Returns:
        (..., 2, 3), from the picture to the square.
    """
    rigid = points[..., list(RIGID), :2]
    return umeyama(rigid, template(size).to(rigid).expand_as(rigid))


def apply(matrix: Tensor, points: Tensor) -> Tensor:
    """Take points (..., K, 2) through a transform (..., 2, 3)."""
    return points @ matrix[..., :2].mT + matrix[..., None, :, 2]


def inverse(matrix: Tensor) -> Tensor:
    """The transform (..., 2, 3) that undoes another."""
    turn = cast("Tensor", torch.linalg.inv(matrix[..., :2]))
    return torch.cat([turn, -turn @ matrix[..., 2:]], -1)


def scale(matrix: Tensor) -> Tensor:
    """By how much a similarity transform (..., 2, 3) makes things larger."""
    return matrix[..., :2].det().abs().sqrt()


def cut(image: Tensor, matrix: Tensor, size: int | tuple[int, int]) -> Tensor:
    """What a transform takes into a square or a rectangle.

    Beyond the picture its edge goes on. Where the result is smaller than what it shows, several
    samples are averaged for each pixel.

    Args:
        image: (C, H, W).
        matrix: (2, 3), from the picture to the result.
        size: side of the square; or rows and columns.

    Returns:
        (C, rows, columns).
    """
    rows, columns = (size, size) if isinstance(size, int) else size
    height, width = image.shape[1:]
    # Plain numbers: on tensors as small as this each operation costs more than it computes.
    ((a, b, c), (d, e, f)) = cast("list[list[float]]", matrix.tolist())
    area = a * e - b * d
    fine = max(1, math.ceil(abs(area) ** -0.5 / 1.5))  # samples per pixel, each way
    x, y = columns / 2, rows / 2
    back = [
        [e * x, -b * y, e * (x - c) - b * (y - f)],  # from [-1, 1] to pixels of the picture
        [-d * x, a * y, a * (y - f) - d * (x - c)],
    ]
    theta = image.new_tensor(
        [
            [2 * value / area / side - last for value, last in zip(row, (0, 0, 1), strict=True)]
            for row, side in zip(back, (width, height), strict=True)
        ]
    )
    grid = F.affine_grid(theta[None], [1, 1, rows * fine, columns * fine], align_corners=False)
    found = F.grid_sample(image[None], grid, padding_mode="border", align_corners=False)
    return F.avg_pool2d(found, fine)[0] if fine > 1 else found[0]


def square(center: Sequence[float] | Tensor, side: Tensor, lean: Tensor, size: int) -> Tensor:
    """The transform that takes a leaning square of a picture to an upright one.

    Args:
        center: (..., 2) of the square in the picture.
        side: (...) of it, in pixels.
        lean: (...) radians by which it is turned clockwise.
        size: side of the result.

    Returns:
        (..., 2, 3).
    """
    center = torch.as_tensor(center)
    ratio = size / side
    cos, sin = ratio * lean.cos(), ratio * lean.sin()
    turn = torch.stack([cos, sin, -sin, cos], -1).reshape(*cos.shape, 2, 2)
    move = size / 2 - (turn @ center[..., None])[..., 0]
    return torch.cat([turn, move[..., None]], -1)
