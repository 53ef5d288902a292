"""Colour and erasing: what may change in a view without anything moving.

Brightness, contrast, saturation and hue are linear in RGB (hue as a turn of the chroma plane of
YIQ), so all four are one 3 x 3 matrix and one offset per picture, and one clamp at the end.
"""

from __future__ import annotations

from math import log
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from olhar.data.random import Draws

_YIQ = np.array([[0.299, 0.587, 0.114], [0.5959, -0.2746, -0.3213], [0.2115, -0.5227, 0.3112]])
_RGB = np.linalg.inv(_YIQ)
_SHARE, _RATIO = (0.02, 1 / 3), 1 / 0.3


class Light(NamedTuple):
    """What changes the colours of N views: x becomes matrix x + lift * (mean luma of the view)."""

    matrix: Tensor
    """(N, 3, 3) float32"""
    lift: Tensor
    """(N, 1) float32"""


def light(color: float, hue: float, draws: Draws) -> Light:
    """Random light.

    Brightness is a factor; contrast a factor about the view's mean luma; saturation and hue a
    factor and a turn of what differs from grey. Factors are even over [1 - color, 1 + color], turns
    over [-hue, hue] degrees.
    """
    around = 2 * draws.uniform(4, "color") - 1
    brightness, contrast, saturation = 1 + color * around[:3]
    matrix = (brightness * contrast)[:, None, None] * _chroma(
        saturation, np.radians(hue * around[3])
    )
    lift = (brightness * (1 - contrast))[:, None]
    return Light(*(torch.from_numpy(each.astype(np.float32)) for each in (matrix, lift)))


def recolor(images: Tensor, by: Light) -> Tensor:
    """(N, 3, H, W) float32 in [0, 1] in another light, contiguous."""
    matrix, lift = (each.to(images.device) for each in by)
    # Not by a matrix product: its order, and with it the last bit, may depend on the batch.
    red, green, blue = images.mean((2, 3)).unbind(1)
    of_red, of_green, of_blue = _YIQ[0].tolist()
    luma = red * of_red + green * of_green + blue * of_blue
    offset = (lift * luma[:, None])[:, None].expand(-1, 3, 1)
    return torch.baddbmm(offset, matrix, images.flatten(2)).clamp_(0, 1).view(images.shape)


def _chroma(saturation: NDArray[np.float64], turn: NDArray[np.float64]) -> NDArray[np.float64]:
    """(N, 3, 3): to YIQ, scale (I, Q) and turn them, red towards green, back to RGB."""
    cos, sin = saturation * np.cos(turn), saturation * np.sin(turn)
    plane = np.zeros((len(turn), 3, 3))
    plane[:, 0, 0] = 1
    plane[:, 1, 1], plane[:, 1, 2] = cos, sin
    plane[:, 2, 1], plane[:, 2, 2] = -sin, cos
    return _RGB @ plane @ _YIQ


class Rectangles(NamedTuple):
    """Rectangles in N views, as shares of their sides; what lies outside of a view is cut off."""

    left: NDArray[np.float64]
    top: NDArray[np.float64]
    width: NDArray[np.float64]
    height: NDArray[np.float64]


def hidden(probability: float, draws: Draws) -> Rectangles:
    """Rectangles to erase (Zhong et al. 2017, "Random erasing data augmentation").

    That many of the views have one. It takes 2 to 33 % of the area, if it fits so, and is up to 3.3
    times as long as wide.
    """
    whether, share, ratio, x, y = draws.uniform(5, "erase")
    area = (whether < probability) * (_SHARE[0] + share * (_SHARE[1] - _SHARE[0]))
    factor = np.exp((2 * ratio - 1) * log(_RATIO))
    width, height = np.minimum(1, np.sqrt(area * factor)), np.minimum(1, np.sqrt(area / factor))
    return Rectangles(x * (1 - width), y * (1 - height), width, height)


def erase(images: Tensor, where: Rectangles) -> Tensor:
    """(N, 3, H, W) with rectangles in the mean colour of each view, which so stays what it is."""
    return torch.lerp(images, images.mean((2, 3), keepdim=True), masks(where, images))


def masks(where: Rectangles, images: Tensor) -> Tensor:
    """(N, 1, H, W) float32 on the device of (N, 3, H, W): 1 in a view's rectangle, 0 elsewhere."""
    rows, columns = (
        torch.from_numpy(each.astype(np.float32)).to(images.device)
        for each in spans(where, images.shape[2], images.shape[3])
    )
    return (rows[:, :, None] * columns[:, None, :])[:, None]


def spans(
    where: Rectangles, height: int, width: int
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """(N, H) and (N, W): the rows and the columns of the views that rectangles cover."""

    def span(start: NDArray[np.float64], length: NDArray[np.float64], side: int) -> Any:
        first, last = np.rint(np.stack([start, start + length])[..., None] * side)
        return (np.arange(side) >= first) & (np.arange(side) < last)

    return span(where.top, where.height, height), span(where.left, where.width, width)
