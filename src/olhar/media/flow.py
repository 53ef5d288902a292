"""Where things go from one image to the next: dense optical flow, warping, occlusion.

The one convention: `flow(a, b)` is (2, H, W) in the pixels of `a`. What `a` shows at (x, y), `b`
shows at (x + u, y + v), with u = flow[0] to the right and v = flow[1] down. Therefore

    warp(b, flow(a, b)) looks like a        (backward warping: each pixel fetches its colour)

and to carry last frame's result to this frame, fetch: `warp(last_result, flow(this, last))`.

Flow is DIS (Kroeger et al. 2016, "Fast Optical Flow using Dense Inverse Search") with OpenCV's
variational refinement; occlusion is the forward-backward check of Sundaram, Brox and Keutzer
(2010, eq. 5-6) as used for video by Ruder, Dosovitskiy and Brox (2016, section 4.2).
Cost on one core for 640x360: 0.2 s with "fine", 0.08 s with "medium"; warping 0.02 s.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import cv2
import numpy as np
import torch
from torch.nn import functional as F

from olhar.errors import OlharError

if TYPE_CHECKING:
    from torch import Tensor

Preset: TypeAlias = Literal["medium", "fine"]
_FINEST: dict[Preset, tuple[int, int]] = {  # halvings of the finest level, stride of its patches
    "medium": (1, 3),
    "fine": (0, 4),
}
_LEAST = 32  # pixels a side that DIS needs for its coarsest level


def flow(a: Tensor, b: Tensor, preset: Preset = "fine") -> Tensor:
    """Dense optical flow from one image to another.

    Args:
        a: (3, H, W) or (N, 3, H, W) in [0, 1].
        b: the same shape.
        preset: "fine" matches at full size, "medium" at half: a third of the time, and an error
            two to four times as large (0.02 and 0.06 pixels where a square moves over a photo).

    Returns:
        (2, H, W) or (N, 2, H, W) float32, pixels: a(x, y) is seen at b(x + u, y + v).

    Raises:
        OlharError: if the shapes differ, are no images, or the preset is unknown.

    >>> x, y = torch.meshgrid(torch.arange(96.0), torch.arange(96.0), indexing="xy")
    >>> hills = (0.5 + (x / 9).sin() * (y / 7).cos() / 3).expand(3, 96, 96)
    >>> to_the_right = hills.roll(3, -1)
    >>> flow(hills, to_the_right)[0, 48, 48].round().tolist()
    3.0
    """
    if preset not in _FINEST:
        raise OlharError(f"there is no flow preset {preset!r}; choose medium or fine")
    if a.shape != b.shape or a.ndim not in {3, 4} or a.shape[-3] != 3:
        raise OlharError(
            f"flow needs two images (3, H, W) of one size or two batches of them, "
            f"not {tuple(a.shape)} and {tuple(b.shape)}"
        )
    if a.ndim == 4:
        pairs = [flow(one, other, preset) for one, other in zip(a, b, strict=True)]
        return torch.stack(pairs) if pairs else a.new_zeros(0, 2, *a.shape[2:])
    height, width = a.shape[1:]
    grey = [_grey(image) for image in (a, b)]
    matcher: Any = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    level, stride = _FINEST[preset]
    matcher.setFinestScale(level)
    matcher.setPatchStride(stride)
    # Twice OpenCV's rounds and smoothness: a third less error on photos that shift, zoom and turn.
    matcher.setVariationalRefinementIterations(10)
    matcher.setVariationalRefinementAlpha(40.0)
    field: Any = matcher.calc(grey[0], grey[1], None)  # (H, W, 2)
    vectors = torch.from_numpy(np.ascontiguousarray(field[:height, :width].transpose(2, 0, 1)))
    return vectors.to(a.device)


def warp(
    image: Tensor, flow: Tensor, *, mode: Literal["bilinear", "bicubic", "nearest"] = "bilinear"
) -> Tensor:
    """Fetch each pixel from where its flow points: result(x, y) = image(x + u, y + v).

    Whole-pixel flows are exact to 1e-3 pixels; differentiable in both arguments. Beyond the border
    the nearest pixel is repeated; `inside` tells where that happens.

    Args:
        image: (C, H, W) or (N, C, H, W), float32 or float64.
        flow: (2, H, W) or (N, 2, H, W), pixels; H and W of the image.
        mode: how to read between pixels.

    Returns:
        The shape and dtype of `image`.

    Raises:
        OlharError: if the shapes do not fit.

    >>> ramp = torch.arange(4.0).expand(1, 2, 4)
    >>> one_to_the_right = torch.tensor([1.0, 0.0]).view(2, 1, 1).expand(2, 2, 4)
    >>> warp(ramp, one_to_the_right)[0, 0].tolist()
    [1.0, 2.0, 3.0, 3.0]
    """
    if image.ndim != flow.ndim or image.ndim not in {3, 4} or flow.shape[-3] != 2:
        raise OlharError(
            f"warp needs an image (C, H, W) and a flow (2, H, W), or batches of both, "
            f"not {tuple(image.shape)} and {tuple(flow.shape)}"
        )
    if image.shape[-2:] != flow.shape[-2:] or image.shape[:-3] != flow.shape[:-3]:
        raise OlharError(
            f"image {tuple(image.shape)} and flow {tuple(flow.shape)} are not of one size"
        )
    if image.ndim == 3:
        return warp(image[None], flow[None], mode=mode)[0]
    x, y = _targets(flow)
    height, width = image.shape[-2:]
    # grid_sample counts from -1 to 1 between the centres of the outermost pixels.
    grid = torch.stack((_unit(x, width), _unit(y, height)), -1).to(image.dtype)  # (N, H, W, 2)
    return F.grid_sample(image, grid, mode=mode, padding_mode="border", align_corners=True)


def inside(flow: Tensor) -> Tensor:
    """Where a flow points into the picture.

    Args:
        flow: (2, H, W) or (N, 2, H, W), pixels.

    Returns:
        (1, H, W) or (N, 1, H, W) bool: `warp` finds a colour there rather than repeating an edge.
    """
    x, y = _targets(flow)
    height, width = flow.shape[-2:]
    seen = (x >= -0.5) & (x <= width - 0.5) & (y >= -0.5) & (y <= height - 0.5)
    return seen.unsqueeze(-3)


def occlusion(forward: Tensor, backward: Tensor, *, boundaries: bool = True) -> Tensor:
    """Where a flow cannot be trusted: what it points to is hidden, outside or at a motion edge.

    A visible point comes back to itself: the flow there plus the flow back is about zero. With w
    the forward flow and v the backward flow fetched where w points, a pixel is hidden if
    |w + v|^2 > 0.01 (|w|^2 + |v|^2) + 0.5, and at a motion edge if the flow's own gradient exceeds
    0.01 |w|^2 + 0.002.

    Args:
        forward: `flow(a, b)`, (2, H, W) or (N, 2, H, W).
        backward: `flow(b, a)`, the same shape.
        boundaries: count motion edges, where flows are smeared, as hidden too.

    Returns:
        (1, H, W) or (N, 1, H, W) bool in the pixels of `a`: True where `warp(b, forward)` should
        not be used.

    Raises:
        OlharError: if the shapes do not fit.
    """
    returned = warp(backward, forward)
    square = forward.square().sum(-3)  # (..., H, W)
    slack = 0.01 * (square + returned.square().sum(-3)) + 0.5
    hidden = (forward + returned).square().sum(-3) > slack
    if boundaries:
        hidden |= _gradient(forward) > 0.01 * square + 0.002
    return hidden.unsqueeze(-3) | ~inside(forward)


def _grey(image: Tensor) -> np.ndarray[Any, Any]:
    """(3, H, W) -> (H, W) uint8 luma, its edge repeated to the least size."""
    weights = image.new_tensor([0.299, 0.587, 0.114]).view(3, 1, 1)
    luma = ((image.detach() * weights).sum(0) * 255).round().clamp(0, 255).to("cpu", torch.uint8)
    down, right = (max(0, _LEAST - side) for side in luma.shape)
    return np.pad(luma.numpy(), ((0, down), (0, right)), mode="edge")


def _targets(flow: Tensor) -> tuple[Tensor, Tensor]:
    """Column and row each pixel points to, (..., H, W)."""
    height, width = flow.shape[-2:]
    columns = torch.arange(width, device=flow.device, dtype=flow.dtype)
    rows = torch.arange(height, device=flow.device, dtype=flow.dtype)
    return columns + flow[..., 0, :, :], rows[:, None] + flow[..., 1, :, :]


def _unit(position: Tensor, size: int) -> Tensor:
    """Pixels to grid_sample's [-1, 1]."""
    return position * (2 / max(size - 1, 1)) - 1


def _gradient(flow: Tensor) -> Tensor:
    """(..., 2, H, W) -> (..., H, W): |grad u|^2 + |grad v|^2 by central differences."""
    padded = F.pad(flow if flow.ndim == 4 else flow[None], (1, 1, 1, 1), mode="replicate")
    across = (padded[..., 1:-1, 2:] - padded[..., 1:-1, :-2]) / 2
    down = (padded[..., 2:, 1:-1] - padded[..., :-2, 1:-1]) / 2
    total = (across.square() + down.square()).sum(-3)
    return total if flow.ndim == 4 else total[0]
