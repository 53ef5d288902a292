"""What is said of a face beside where it is: how sharp, which way it looks, whose it may be.

Whose it is is told by local binary patterns (Ahonen, Hadid and Pietikainen 2006): around each
pixel, which of eight neighbours are lighter, counted over the cells of a grid on the aligned face.
That tells the few people of a film apart when each is seen many times; it is no proof of identity,
and needs no network. Colours of skin, hair and surroundings are left out on purpose: one person
walks from the sun into the shade.

Cost: 2 ms a face.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from olhar.media.picture import resize

_SIDE, _CELLS = 96, 6
_RIM = 0.14  # of the aligned face that is hair and background, at each side
_GREY = (0.299, 0.587, 0.114)


class Pose(NamedTuple):
    """Which way a face looks, in degrees."""

    yaw: float
    """Positive if it looks to the right of the picture."""
    pitch: float
    """Positive if it looks up."""
    roll: float
    """Positive if it leans clockwise."""


def pose(points: Tensor) -> Pose:
    """Which way a face looks, by the plane that its oval lies in.

    Args:
        points: (468, 3) in pixels, z away from the viewer.
    """
    right, left, top, chin = (points[i].double() for i in (234, 454, 10, 152))
    across, down = left - right, chin - top
    yaw = math.degrees(math.atan2(float(across[2]), math.hypot(float(across[0]), float(across[1]))))
    pitch = math.degrees(math.atan2(float(down[2]), math.hypot(float(down[0]), float(down[1]))))
    roll = math.degrees(math.atan2(float(across[1]), float(across[0])))
    return Pose(yaw, -pitch, roll)


def sharpness(face: Tensor) -> float:
    """The variance of the Laplacian of an aligned face, brought to 128 pixels (Pech-Pacheco 2000).

    Args:
        face: (3, S, S) in [0, 1].

    Returns:
        Of lightness in 0..255: under about 20 is blurred.
    """
    grey = _grey(resize(face, (128, 128)))[None, None] * 255
    inner = grey[..., 20:108, 20:108]
    kernel = grey.new_tensor([[0, 1, 0], [1, -4, 1], [0, 1, 0]])[None, None]
    return float(F.conv2d(inner, kernel).var())


def appearance(face: Tensor) -> Tensor:
    """What a face looks like, to be compared by the dot product.

    Args:
        face: (3, S, S) in [0, 1], aligned.

    Returns:
        (2124,) of length 1, nothing below 0.
    """
    rim = round(_RIM * face.shape[1])
    inner = face[:, rim : face.shape[1] - rim, rim : face.shape[2] - rim]
    grey = _grey(resize(inner, (_SIDE + 4, _SIDE + 4)))
    around = ((-2, 0), (-1, 1), (0, 2), (1, 1), (2, 0), (1, -1), (0, -2), (-1, -1))  # radius 2
    middle = grey[2:-2, 2:-2]
    code = torch.zeros(_SIDE, _SIDE, dtype=torch.long)
    for bit, (y, x) in enumerate(around):
        lighter = grey[2 + y : 2 + y + _SIDE, 2 + x : 2 + x + _SIDE] > middle
        code |= lighter.long() << bit
    bins = _uniform()[code]  # (S, S)
    cell = torch.arange(_SIDE) * _CELLS // _SIDE
    place = (cell[:, None] * _CELLS + cell) * _KINDS + bins
    counts = torch.bincount(place.flatten(), minlength=_CELLS**2 * _KINDS).float()
    return F.normalize(counts.sqrt(), dim=0)  # the root: Hellinger's distance


_KINDS = 59


def _uniform() -> Tensor:
    """The kind of each pattern: 58 with at most two changes around, and one for all others."""
    kinds = torch.full((256,), _KINDS - 1, dtype=torch.long)
    count = 0
    for pattern in range(256):
        turned = (pattern >> 1) | ((pattern & 1) << 7)
        if (pattern ^ turned).bit_count() <= 2:
            kinds[pattern] = count
            count += 1
    return kinds


def _grey(image: Tensor) -> Tensor:
    """Lightness (H, W) of an image (3, H, W)."""
    return (image * image.new_tensor(_GREY)[:, None, None]).sum(0)
