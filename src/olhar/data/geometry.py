"""Where the pixels of a view come from: crop, stretch, shift, rotation and mirroring.

All of them together are one affine map from the view to its picture, so a view is sampled once and
nothing is blurred twice. Three ways, the cheapest that does it:

- moved by whole pixels: the pixels themselves;
- a box of the picture: resized bilinearly, antialiased where it becomes clearly smaller, on a CPU
  in 8 bits, elsewhere as two products of matrices;
- turned, or a box moved: bilinear samples of the picture, halved first where it becomes clearly
  smaller.

Edges are reflected, without repeating the outermost pixel. Coordinates: x to the right, y down.
"""

from __future__ import annotations

from math import log, pi
from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np
import torch
import torch.nn.functional as F

from olhar.data.random import uniform

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

    from olhar.data.augment import Augment
    from olhar.data.random import Draws


_COARSE = 2**0.5
"""Views that show more pixels of a picture than this in one of theirs are antialiased."""


class Placement(NamedTuple):
    """Where N views lie in their pictures: a box, turned, shown moved, then mirrored."""

    box: NDArray[np.int64]
    """(N, 4): left, top, right and bottom edge, in whole pixels of the picture."""
    angle: NDArray[np.float64]
    """(N,): how far the box is turned about its middle, in radians, from right to down."""
    shift: NDArray[np.int64]
    """(N, 2): how far to the right and down what is shown moves, in whole pixels of the view."""
    mirror: NDArray[np.bool_]
    """(N,): whether left and right are swapped."""

    def part(self, part: slice) -> Placement:
        """Some of the views."""
        return Placement(self.box[part], self.angle[part], self.shift[part], self.mirror[part])


def placement(settings: Augment, draws: Draws, side: int) -> Placement:
    """Where views lie in square pictures of `side` pixels."""
    shift = np.floor(draws.uniform(2, "shift").T * (2 * settings.shift + 1)) - settings.shift
    return Placement(
        boxes(settings.crop, settings.stretch, draws, side),
        (2 * draws.uniform(1, "rotate")[0] - 1) * settings.rotate * pi / 180,
        shift.astype(np.int64),
        mirrored(settings.mirror, draws),
    )


def boxes(crop: float, stretch: float, draws: Draws, side: int) -> NDArray[np.int64]:
    """(N, 4) random boxes in square pictures of `side` pixels.

    The share of the area is even over [crop, 1], the aspect ratio even over its logarithm. What
    would not fit becomes smaller at the same aspect ratio, so a stretch alone zooms in a little.
    """
    share, ratio, *place = draws.uniform(4, "crop")
    area = 1 - share * (1 - crop)
    factor = np.exp((2 * ratio - 1) * log(stretch))
    shares = np.sqrt(np.stack([area * factor, area / factor]))  # (2, N) of width and height
    sides = np.maximum(1, np.rint(shares / np.maximum(1, shares.max(0)) * side))
    start = np.floor(np.stack(place) * (side - sides + 1))
    return np.concatenate([start, start + sides]).T.astype(np.int64)


def mirrored(mode: str, draws: Draws) -> NDArray[np.bool_]:
    """(N,) which views are mirrored.

    "alternate" (Jordan 2024, "94% on CIFAR-10 in 3.29 seconds on a single GPU", section 3.6) draws
    once which way an example is shown first and then takes turns: any two epochs show both.
    """
    if mode == "random":
        return draws.uniform(1, "mirror")[0] < 0.5
    if mode == "alternate":
        first = uniform(draws.seed, 0, draws.indices, 1, "alternate")[:, 0] < 0.5
        return first ^ bool(draws.epoch % 2)
    return np.zeros(len(draws), np.bool_)


def place(images: Tensor, where: Placement, settings: Augment, size: int) -> Tensor:
    """Views of square pictures.

    Args:
        images: (N, 3, H, H), uint8 or float in [0, 1].
        where: what each view shows.
        settings: what was asked for: it decides how views are made, so that no view depends on
            others in its batch.
        size: side S of the views.

    Returns:
        (N, 3, S, S), uint8 or float32 in [0, 1].
    """
    cropped = settings.crop < 1 or settings.stretch > 1
    if settings.rotate or (cropped and settings.shift):
        return _affine(images, where, size)
    if cropped:
        return _resize_boxes(images, where, size)
    views = resized(images, size)
    if settings.shift or settings.mirror != "off":
        views = _move(views, where, settings.shift)
    return views


def square(images: Tensor) -> Tensor:
    """The middle of pictures, as large as it can be; nothing is copied."""
    height, width = images.shape[2:]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return images[:, :, top : top + side, left : left + side]


def resized(images: Tensor, size: int) -> Tensor:
    """Square pictures at another size, antialiased: uint8 or float32 in [0, 1]."""
    if images.shape[3] == size:
        return images
    if images.device.type != "cpu":
        images = as_float(images)
    return F.interpolate(images, (size, size), mode="bilinear", antialias=True)


def as_float(images: Tensor) -> Tensor:
    """8 bits to [0, 1]; float stays."""
    return images.float() if images.is_floating_point() else images.float().div_(255)


def _move(images: Tensor, where: Placement, most: int) -> Tensor:
    """Views moved by up to `most` pixels: each a window of its picture with a margin."""
    n, _, _, side = images.shape
    wide = images.permute(0, 2, 3, 1).contiguous()  # (N, H, W, 3)
    if most:
        at = torch.from_numpy(_reflected(side, most)).to(images.device)
        wide = wide.index_select(1, at).index_select(2, at)
    both = torch.stack([wide, wide.flip(2)])  # (2, N, H + 2 most, W + 2 most, 3)
    steps = both.stride()
    windows = both.as_strided(
        (2, n, 2 * most + 1, 2 * most + 1, side, side * 3), (*steps[:4], steps[2], 1)
    )
    left = most + where.shift[:, 0] * np.where(where.mirror, 1, -1)  # in it or its mirror
    top = most - where.shift[:, 1]
    chosen = np.stack([where.mirror.astype(np.int64), np.arange(n), top, left])
    moved = windows[tuple(torch.from_numpy(chosen).to(images.device))]
    return moved.view(n, side, side, 3).permute(0, 3, 1, 2)


def _reflected(side: int, margin: int) -> NDArray[np.int64]:
    """The positions from -margin to side + margin, thrown back at the edges as often as needed."""
    period = max(1, 2 * (side - 1))
    return side - 1 - np.abs(np.arange(-margin, side + margin) % period - (side - 1))


def _resize_boxes(images: Tensor, where: Placement, size: int) -> Tensor:
    scale = (where.box[:, 2:] - where.box[:, :2]) / size  # (N, 2), pixels per pixel of the view
    coarse = scale.max(1) > _COARSE
    if images.dtype == torch.uint8 and images.device.type == "cpu":
        return _resize_bytes(images, where, coarse, size)
    reach = np.where(coarse[:, None], np.maximum(1, scale), 1)
    across, down = (
        _weights(where.box[:, k::2], reach[:, k], images.shape[3], size) for k in (0, 1)
    )
    across[where.mirror] = across[where.mirror, ::-1]
    across, down = (torch.from_numpy(w).to(images.device)[:, None] for w in (across, down))
    return down @ as_float(images) @ across.mT


def _resize_bytes(images: Tensor, where: Placement, coarse: NDArray[np.bool_], size: int) -> Tensor:
    """One by one, as OpenCV and PyTorch have instructions for this that work on bytes."""
    pixels = images.permute(0, 2, 3, 1).numpy()  # (N, H, W, 3)
    views = np.empty((len(pixels), size, size, 3), np.uint8)
    unmirrored = np.empty((size, size, 3), np.uint8)
    plan = zip(where.box.tolist(), where.mirror.tolist(), coarse.tolist(), strict=True)
    for i, ((left, top, right, bottom), mirror, smooth) in enumerate(plan):
        view = unmirrored if mirror else views[i]
        if smooth:
            box = images[i : i + 1, :, top:bottom, left:right]
            box = F.interpolate(box, (size, size), mode="bilinear", antialias=True)
            view[:] = box[0].permute(1, 2, 0).numpy()
        else:
            cv2.resize(pixels[i, top:bottom, left:right], (size, size), view)
        if mirror:
            cv2.flip(view, 1, views[i])
    return torch.from_numpy(views).permute(0, 3, 1, 2)


def _weights(
    spans: NDArray[np.int64], reach: NDArray[np.float64], side: int, size: int
) -> NDArray[np.float32]:
    """(N, size, side): how much of each pixel of a side is in each pixel of the view.

    Triangles about where the pixels of the view lie in a span, `reach` pixels to either side.
    """
    first, last = (spans[:, k, None, None].astype(np.float64) for k in (0, 1))
    centers = first + (last - first) * (np.arange(size)[:, None] + 0.5) / size
    at = np.arange(side) + 0.5
    inside = (at > first) & (at < last)
    weights = np.maximum(0, 1 - np.abs(at - centers) / reach[:, None, None]) * inside
    return (weights / weights.sum(2, keepdims=True)).astype(np.float32)


def _affine(images: Tensor, where: Placement, size: int) -> Tensor:
    side = images.shape[3]
    first, last = where.box[:, :2], where.box[:, 2:]
    half = (last - first) / 2  # (N, 2), x and y, in pixels of the picture
    cos, sin = np.cos(where.angle)[:, None], np.sin(where.angle)[:, None]
    # What u and v of the view, from -1 to 1, are in the picture: center + u * right + v * down.
    right = np.concatenate([cos, sin], 1) * half[:, :1]
    down = np.concatenate([-sin, cos], 1) * half[:, 1:]
    moved = 2 * where.shift / size
    center = (first + last) / 2 - moved[:, :1] * right - moved[:, 1:] * down
    right = np.where(where.mirror[:, None], -right, right)
    halvings = np.maximum(0, np.rint(np.log2(2 * half.max(1) / size))).astype(np.int64)
    views = torch.empty((len(images), 3, size, size), device=images.device)
    for level in np.unique(halvings).tolist():
        some = halvings == level
        chosen = slice(None) if some.all() else torch.from_numpy(some).to(images.device)
        source = as_float(images[chosen].contiguous())
        if level:
            smaller = -(-side // 2**level)
            source = F.interpolate(source, (smaller, smaller), mode="area")
        # grid_sample has -1 and 1 at the middle of the outermost pixels: there it reflects.
        shift = source.shape[3] / max(1, source.shape[3] - 1)
        scale = 2 * shift / side
        ways = np.stack([right * scale, down * scale, center * scale - shift], 1)[some]
        x, y, middle = torch.from_numpy(ways.astype(np.float32)).to(images.device).unbind(1)
        u = ((torch.arange(size, device=images.device) * 2 + 1) / size - 1)[:, None]
        columns = u * x[:, None] + middle[:, None]  # (n, S, 2)
        grid = (u * y[:, None])[:, :, None] + columns[:, None]  # (n, S, S, 2)
        views[chosen] = F.grid_sample(
            source, grid, mode="bilinear", padding_mode="reflection", align_corners=True
        )
    return views
