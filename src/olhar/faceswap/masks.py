"""Which pixels are face: the hull of the points, and the eyes and the mouth within it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import torch
import torch.nn.functional as F

from olhar.errors import OlharError

if TYPE_CHECKING:
    from torch import Tensor

OVAL = (
    *(10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377),
    *(152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109),
)
"""Around the face: the brow, the cheeks and the chin."""
RIGHT_EYE = (33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246)
"""Around the right eye of the person, which is left in the picture."""
LEFT_EYE = (263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466)
"""Around the left eye."""
MOUTH = (
    *(61, 146, 91, 181, 84, 17, 314, 405, 321, 375),
    *(291, 409, 270, 269, 267, 0, 37, 39, 40, 185),
)
"""Around the lips."""
_SHIFT = 4  # OpenCV takes fixed-point coordinates: 4 fractional bits are 1/16 of a pixel


def hull(points: Tensor, height: int, width: int) -> Tensor:
    """The convex hull of points, with a smooth edge.

    Args:
        points: (K, 2 or more) x, y in pixels.
        height: rows of the mask.
        width: columns of it.

    Returns:
        (1, height, width) in [0, 1].

    Example:
        >>> corners = torch.tensor([[20.0, 20.0], [60.0, 20.0], [60.0, 60.0], [20.0, 60.0]])
        >>> round(float(hull(corners, 80, 80).mean()), 2)
        0.25
    """
    found = cv2.convexHull(points[:, :2].detach().cpu().float().numpy())
    return _filled([found[:, 0]], height, width)


def parts(points: Tensor, height: int, width: int) -> Tensor:
    """The eyes and the mouth, which a network should get right before anything else.

    Args:
        points: (468, 2 or more) x, y in pixels.
        height: rows of the mask.
        width: columns of it.

    Returns:
        (1, height, width) in [0, 1].
    """
    flat = points[:, :2].detach().cpu().float().numpy()
    return _filled([flat[list(ring)] for ring in (RIGHT_EYE, LEFT_EYE, MOUTH)], height, width)


def softened(mask: Tensor, erode: float = 0.0, blur: float = 0.0) -> Tensor:
    """A mask that is narrower and fades out.

    Args:
        mask: (1, H, W) in [0, 1].
        erode: pixels to take off all around.
        blur: standard deviation of the Gaussian that the edge is blurred with, in pixels.

    Raises:
        OlharError: if one of them is below 0.
    """
    if erode < 0 or blur < 0:
        raise OlharError(f"erode is {erode} and blur {blur}; both must be 0 or more")
    rows = mask[0].detach().cpu().numpy()
    if erode >= 0.5:
        side = 2 * round(erode) + 1
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
        rows = cv2.erode(rows, kernel, borderType=cv2.BORDER_CONSTANT, borderValue=1.0)
    if blur:
        rows = cv2.GaussianBlur(rows, (0, 0), blur, borderType=cv2.BORDER_REPLICATE)
    return torch.from_numpy(np.ascontiguousarray(rows))[None].to(mask)


def _filled(rings: list[np.ndarray], height: int, width: int) -> Tensor:
    """Polygons, filled; drawn four times as large, since OpenCV's smooth edges reach outwards."""
    fine = 4
    canvas = np.zeros((height * fine, width * fine), np.uint8)
    for ring in rings:
        fixed = np.round((ring * fine - 0.5) * (1 << _SHIFT)).astype(np.int32)
        cv2.fillPoly(canvas, [fixed], 255, shift=_SHIFT)
    drawn = torch.from_numpy(canvas)[None, None].float() / 255
    return F.avg_pool2d(drawn, fine)[0]
