"""A face back into its picture: the mask, the way back at full resolution, and the join.

Three joins. "alpha" mixes by the mask. "bands" (Burt and Adelson 1983, "A multiresolution spline
with application to image mosaics") mixes each octave of detail over its own width: shading goes
over in a wide band, pores in a narrow one. "poisson" (Perez, Gangnet and Blake 2003, "Poisson image
editing") keeps the gradients of the face and takes the colours of its border from the picture; the
solution is the face plus the smoothest correction that is right on the border (their equation 7),
and since that correction is smooth it is solved on 64 x 64 whatever the size of the picture.

Whatever the join, the mask ends within a finite distance, and beyond it no bit changes.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import cv2
import numpy as np
import torch
import torch.nn.functional as F

from olhar.faceswap.align import aligned, apply, cut, inverse, scale
from olhar.faceswap.masks import hull, softened

if TYPE_CHECKING:
    from torch import Tensor

    from olhar.faceswap.settings import Swap
    from olhar.media.yuv import Array

FACE = 0.62
"""The width of a face, as a share of the side of its square."""
MASK = 256
"""Side of the square on which masks are drawn."""
_TOP, _CHIN = 10, 152
_FOREHEAD = (54, 103, 67, 109, 10, 338, 297, 332, 284)
_LIFT = 0.05  # of the height of the face, by which the hull goes up, or raised brows stick out
_RIM = 0.01  # cover that counts as none, so that a blurred mask ends
_SOLVED = 64  # side of the square on which the correction of "poisson" is solved
_COARSEST = 8
_SWEEPS = 48


def covered(points: Tensor, learned: Tensor | None, settings: Swap) -> Tensor:
    """How much of a face is to be seen at each place of its square.

    Args:
        points: (468, 2 or more) in pixels of the picture.
        learned: (1, S, S) in [0, 1]: what the network takes for face.
        settings: which mask, how eroded, how soft.

    Returns:
        (1, 256, 256) in [0, 1], 0 along the edges.
    """
    at = apply(aligned(points, MASK), points[:, :2])
    lifted = at[list(_FOREHEAD)] + _LIFT * (at[_TOP] - at[_CHIN])
    mask = hull(torch.cat([at, lifted]), MASK, MASK)
    if learned is not None and settings.mask != "hull":
        other = F.interpolate(learned[None], (MASK, MASK), mode="bilinear")[0]
        # What is more face than not is not doubted: of two soft edges the outer one counts.
        mask = torch.minimum(mask, (2 * other).clamp(0, 1)) if settings.mask == "both" else other
    width = FACE * MASK
    mask = F.pad(mask[:, 1:-1, 1:-1], (1, 1, 1, 1))  # what reaches out of the square ends there
    mask = softened(mask, settings.erode * width, settings.blur * width)
    return F.pad(mask[:, 1:-1, 1:-1], (1, 1, 1, 1)).sub_(_RIM).div_(1 - 2 * _RIM).clamp_(0, 1)


def around(points: Tensor, height: int, width: int) -> tuple[int, int, int, int] | None:
    """The part of a picture that a face may change: top, bottom, left, right; None if outside."""
    low, high = points[:, :2].amin(0), points[:, :2].amax(0)
    margin = 0.15 * float((high - low).max()) + 4
    left, top = (max(0, math.floor(float(each) - margin)) for each in low)
    right, bottom = (math.ceil(float(each) + margin) for each in high)
    right, bottom = min(width, right), min(height, bottom)
    return (top, bottom, left, right) if right > left and bottom > top else None


def returned(face: Tensor, matrix: Tensor, where: tuple[int, int, int, int]) -> Tensor:
    """A square, put back into a part of the picture that it was cut from.

    Args:
        face: (C, S, S) in [0, 1].
        matrix: (2, 3) from the picture to the square.
        where: top, bottom, left, right of the part.

    Returns:
        (C, bottom - top, right - left); beyond the square its edge goes on.
    """
    top, bottom, left, right = where
    fine = min(8, math.ceil(1 / float(scale(matrix))))
    if fine > 1:  # enlarged smoothly first; `cut` draws straight lines between pixels
        rows = np.ascontiguousarray(face.permute(1, 2, 0).numpy())
        large = cv2.resize(rows, None, fx=fine, fy=fine, interpolation=cv2.INTER_CUBIC)
        large = large.reshape(*large.shape[:2], len(face))  # OpenCV drops a single channel
        face = torch.from_numpy(large).permute(2, 0, 1).clamp_(0, 1)
    back = inverse(matrix.double()).clone()
    back[:, :2] /= max(fine, 1)
    back[:, 2] -= back.new_tensor([left, top])
    return cut(face, back, (bottom - top, right - left))


def joined(picture: Tensor, face: Tensor, mask: Tensor, way: str) -> Tensor:
    """A face in a picture.

    Args:
        picture: (3, H, W).
        face: (3, H, W) in [0, 1].
        mask: (1, H, W) in [0, 1]; where it is 0 the picture stays as it is, bit for bit.
        way: "bands", or another for the mask alone.
    """
    if way == "bands":
        # The edge of the mask is for the finest band; within it, all is done by the bands.
        face = banded(picture, face, mask)
        mask = (2 * mask).clamp(0, 1)
    return torch.where(mask > 0, torch.lerp(picture, face, mask), picture)


def banded(picture: Tensor, face: Tensor, mask: Tensor) -> Tensor:
    """Two images (3, H, W) mixed by a mask (1, H, W), octave by octave."""
    levels = max(1, int(math.log2(max(min(picture.shape[1:]) / 12, 1))) + 1)
    a, b, m = (
        np.ascontiguousarray(each.permute(1, 2, 0).numpy()) for each in (picture, face, mask)
    )
    parts: list[Array] = []
    for _ in range(levels):
        size = (a.shape[1], a.shape[0])
        less_a, less_b, less_m = cv2.pyrDown(a), cv2.pyrDown(b), cv2.pyrDown(m)
        fine_a = a - cv2.pyrUp(less_a, dstsize=size)
        fine_b = b - cv2.pyrUp(less_b, dstsize=size)
        parts.append(fine_a + m.reshape(*m.shape[:2], 1) * (fine_b - fine_a))
        a, b, m = less_a, less_b, less_m
    result: Array = a + m.reshape(*m.shape[:2], 1) * (b - a)
    for part in reversed(parts):
        result = part + cv2.pyrUp(result, dstsize=(part.shape[1], part.shape[0]))
    return torch.from_numpy(result).permute(2, 0, 1).clamp_(0, 1)


def seamless(face: Tensor, picture: Tensor, mask: Tensor) -> Tensor:
    """A face that agrees with the picture along the border of its mask, and has its own gradients.

    Args:
        face: (3, S, S) in [0, 1].
        picture: (3, S, S), the same part of the picture.
        mask: (1, S, S) in [0, 1]; its border is where it is one half.

    Returns:
        (3, S, S) in [0, 1].
    """
    size = min(_SOLVED, face.shape[1])
    off = F.adaptive_avg_pool2d(picture - face, size)
    inside = F.adaptive_avg_pool2d(mask, size) > 0.5
    smooth = harmonic(off, inside)
    return (face + F.interpolate(smooth[None], face.shape[1:], mode="bilinear")[0]).clamp_(0, 1)


def harmonic(values: Tensor, inside: Tensor) -> Tensor:
    """Solve Laplace's equation inside a region: the smoothest values that fit those outside.

    From coarse to fine: each grid starts with what the one of half its size has found, and a few
    dozen sweeps (Jacobi, damped) do the rest.

    Args:
        values: (C, S, S); what is inside does not count.
        inside: (1, S, S) bool; the edges of the square count as outside.

    Returns:
        (C, S, S).

    Example:
        >>> slope = torch.arange(32.0).expand(1, 32, 32)
        >>> hole = torch.zeros(1, 32, 32, dtype=torch.bool)
        >>> hole[:, 8:24, 8:24] = True
        >>> float((harmonic(slope.masked_fill(hole, 99), hole) - slope).abs().max()) < 0.05
        True
    """
    inside = F.pad(inside[:, 1:-1, 1:-1], (1, 1, 1, 1))
    outside = (~inside).to(values.dtype)
    if values.shape[1] > _COARSEST:
        half = values.shape[1] // 2
        border = outside * F.max_pool2d(1 - outside, 3, 1, 1)  # nothing else outside matters
        weight = F.adaptive_avg_pool2d(border, half)
        known = F.adaptive_avg_pool2d(values * border, half) / weight.clamp_min(1e-6)
        coarse = harmonic(known, F.adaptive_avg_pool2d(outside, half) < 0.5)[None]
        guess = F.interpolate(coarse, values.shape[1:], mode="bilinear")[0]
    else:
        guess = (values * outside).sum((1, 2), keepdim=True) / outside.sum().clamp_min(1)
    result = torch.where(inside, guess, values)
    cross = values.new_tensor([[0, 1, 0], [1, 0, 1], [0, 1, 0]])[None, None] / 4
    for _ in range(_SWEEPS):
        mean = F.conv2d(F.pad(result[:, None], (1, 1, 1, 1), "replicate"), cross)[:, 0]
        result = torch.where(inside, torch.lerp(result, mean, 0.9), values)
    return result
