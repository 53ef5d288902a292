"""How the faces of a training are varied: placed anew, bent, and seen in another's colours.

A network that is shown a face and asked for the same face would learn to copy. So it is shown a
bent one and asked for the straight one: a grid of 5 x 5 nodes is laid over the face and each node
moved a little by chance (deepfakes, 2017). Then it has to know the person to put things right, and
puts them right too when it is shown somebody else. What is asked for is never bent; both are
turned, resized, moved and mirrored alike, and both are sampled in one go.

The other thing that gives a person away is the palette: light, camera, skin. So what is shown, not
what is asked for, is brought towards the mean and deviation of a face of the other side.

Coordinates are those of `grid_sample`: -1 to 1 from edge to edge, x to the right, y down.
"""

from __future__ import annotations

from functools import lru_cache
from math import pi
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from olhar.data.geometry import mirrored

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from olhar.data.random import Draws

_NODES, _BEYOND = 5, 1.25  # nodes each way, over so much of the face's side
_TURN, _ZOOM, _SHIFT = 10.0, 0.05, 0.05  # degrees; shares of the side


class Palette(NamedTuple):
    """The colours of N faces."""

    mean: Tensor
    """(N, 3)"""
    deviation: Tensor
    """(N, 3)"""


def placed(draws: Draws, *, mirror: bool) -> Tensor:
    """(N, 2, 3): where views lie in their faces, turned, resized, moved and perhaps mirrored."""
    turn, zoom, x, y = 2 * draws.uniform(4, "placed") - 1
    angle = turn * _TURN * pi / 180
    size = 1 + zoom * _ZOOM
    flip = np.where(mirrored("random" if mirror else "off", draws), -1.0, 1.0)
    cos, sin = size * np.cos(angle), size * np.sin(angle)
    rows = [[cos * flip, -sin, 2 * x * _SHIFT], [sin * flip, cos, 2 * y * _SHIFT]]
    return torch.from_numpy(np.array(rows, np.float32).transpose(2, 0, 1))


def bent(draws: Draws, strength: float, size: int, device: torch.device | str = "cpu") -> Tensor:
    """(N, size, size, 2): how far each place of a view is moved when its nodes are.

    Args:
        draws: of N faces.
        strength: standard deviation of the nodes, as a share of the side.
        size: of the view.
        device: where the result is wanted.
    """
    count = 2 * _NODES**2
    radius, angle = draws.uniform(2 * count, "bent").reshape(2, count, -1)
    normal = np.sqrt(-2 * np.log1p(-radius)) * np.cos(2 * pi * angle)  # Box and Muller 1958
    nodes = torch.from_numpy((2 * strength * normal.T).astype(np.float32))
    nodes, between = nodes.to(device), _between(size, torch.device(device))
    field = between @ nodes.view(-1, 2, _NODES, _NODES) @ between.mT  # (N, 2, size, size)
    return field.permute(0, 2, 3, 1).contiguous()


@lru_cache(maxsize=4)
def _between(size: int, device: torch.device) -> Tensor:
    """(size, nodes): how much of each node a row or a column of a view has."""
    place = ((torch.arange(size) + 0.5) / size - 0.5) / _BEYOND + 0.5  # in the grid, 0 to 1
    far = place[:, None] * (_NODES - 1) - torch.arange(_NODES)
    return (1 - far.abs()).clamp_min(0).to(device)


def views(faces: Tensor, place: Tensor, moved: Tensor | None, size: int) -> tuple[Tensor, Tensor]:
    """Views of faces, bent and straight, in one sampling.

    Args:
        faces: (N, C, R, R).
        place: (N, 2, 3) of `placed`.
        moved: (N, size, size, 2) of `bent`; None bends nothing.
        size: side S of the views.

    Returns:
        (N, C, S, S) bent, and the same straight.
    """
    grid = F.affine_grid(place, [len(faces), 1, size, size], align_corners=False)
    if moved is None:
        found = F.grid_sample(faces, grid, padding_mode="border", align_corners=False)
        return found, found
    both = torch.cat([grid + moved, grid], 1)
    found = F.grid_sample(faces, both, padding_mode="border", align_corners=False)
    return found[:, :, :size], found[:, :, size:]


def palette(faces: Tensor, where: Tensor) -> Palette:
    """The colours of faces (N, 3, H, W) where (N, 1, H, W) is not 0."""
    weight = where / where.sum((2, 3), keepdim=True).clamp_min(1e-6)
    mean = (faces * weight).sum((2, 3))
    spread = ((faces - mean[..., None, None]).square() * weight).sum((2, 3))
    return Palette(mean, spread.sqrt().clamp_min(1e-3))


def repainted(faces: Tensor, own: Palette, other: Palette, share: Tensor) -> Tensor:
    """Faces (N, 3, H, W) brought towards other palettes, each by its share (N,) of the way."""
    towards = share[:, None]
    mean = own.mean.lerp(other.mean, towards)
    scale = own.deviation.lerp(other.deviation, towards) / own.deviation
    offset = mean - scale * own.mean
    return (faces * scale[..., None, None] + offset[..., None, None]).clamp(0, 1)


def shares(draws: Draws, often: float) -> NDArray[np.float32]:
    """(N,): how far each face is brought towards another palette; 0 for 1 - `often` of them."""
    whether, far = draws.uniform(2, "palette")
    return np.where(whether < often, far, 0).astype(np.float32)
