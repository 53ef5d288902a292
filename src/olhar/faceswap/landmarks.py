"""From a box to 468 points: the face is cut out upright, looked at, and its points are put back.

What FaceMesh looks at is a square half as large again as the face, turned so that the eyes are
level. It comes from the detector first, and from the points themselves for a second look, which
turned faces and profiles need: the box of a detector knows little of them.

Cost: 10 ms of one slow core for each look.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor

from olhar.faceswap.align import apply, cut, inverse, scale, square
from olhar.faceswap.facemesh import COUNT, SIZE
from olhar.nets.engine import run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from olhar.faceswap.faces import Faces

EYES = (33, 263)
"""The outer corners of the right and the left eye, which say how far a face leans."""
_MARGIN = 1.5
_AT_ONCE = 16


class Squares(NamedTuple):
    """Where to look for points."""

    centers: Tensor
    """(F, 2) x and y, in pixels."""
    sides: Tensor
    """(F,) in pixels."""
    leans: Tensor
    """(F,) radians, clockwise."""


class Looks(NamedTuple):
    """What was seen there."""

    points: Tensor
    """(F, 468, 3) x, y and z, in pixels of the picture; z grows away from the viewer."""
    presence: Tensor
    """(F,) in [0, 1]: how sure the network is that there is a face."""


def of_boxes(boxes: Tensor, points: Tensor) -> Squares:
    """Where to look, by what the detector says: boxes (F, 4) and points (F, 6, 2)."""
    eyes = points[:, 1] - points[:, 0]
    sides = (boxes[:, 2:] - boxes[:, :2]).amax(1)
    return Squares((boxes[:, :2] + boxes[:, 2:]) / 2, _MARGIN * sides, _lean(eyes))


def of_points(points: Tensor) -> Squares:
    """Where to look, by points (F, 468, 3) that are known about."""
    flat = points[..., :2]
    leans = _lean(flat[:, EYES[1]] - flat[:, EYES[0]])
    turn = square(flat.new_zeros(len(flat), 2), leans.new_full(leans.shape, 1.0), leans, 1)
    turn = torch.cat([turn[..., :2], torch.zeros_like(turn[..., 2:])], -1)
    upright = apply(turn, flat)
    low, high = upright.amin(1), upright.amax(1)
    centers = apply(inverse(turn), ((low + high) / 2)[:, None])[:, 0]
    return Squares(centers, _MARGIN * (high - low).amax(1), leans)


def look(images: Sequence[Tensor], squares: Squares, faces: Faces) -> Looks:
    """Find the points of faces.

    Args:
        images: F pictures (3, H, W) in [0, 1], one for each square; the same one may come again.
        squares: where to look.
        faces: the networks.
    """
    if not images:
        return Looks(torch.zeros(0, COUNT, 3), torch.zeros(0))
    matrices = square(squares.centers, squares.sides, squares.leans, SIZE)
    points, presence = list[Tensor](), list[Tensor]()
    with torch.inference_mode():
        for start in range(0, len(images), _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            cuts = [cut(i, m, SIZE) for i, m in zip(images[part], matrices[part], strict=True)]
            batch = torch.stack(cuts).contiguous(memory_format=torch.channels_last)
            found, logits = run(faces, "mesh", faces.mesh, batch.to(faces.device))
            points.append(found.to(batch.device))
            presence.append(logits.sigmoid().to(batch.device))
    found = torch.cat(points)
    flat = apply(inverse(matrices), found[..., :2])
    depth = found[..., 2:] / scale(matrices)[:, None, None]
    return Looks(torch.cat([flat, depth], -1), torch.cat(presence))


def boxes_of(points: Tensor) -> Tensor:
    """The boxes (F, 4) around points (F, 468, 3)."""
    flat = points[..., :2]
    return torch.cat([flat.amin(1), flat.amax(1)], 1)


def _lean(eyes: Tensor) -> Tensor:
    return torch.atan2(eyes[:, 1], eyes[:, 0])
