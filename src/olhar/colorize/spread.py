"""How far hints carry: through what belongs together, and not across edges.

Each colour that is given has a distance to every place, of two parts. One is the length of the
shortest way there, where a step costs little on even ground and much across an edge of lightness or
of the colours that the network sees (a geodesic distance; Yatziv and Sapiro 2006 colour by it,
Toivanen 1996 computes it by raster scans). An edge is what stands out from the picture's texture.
The other is how unlike the hint's place the network and lightness say it is. Near in this sense,
the result is the colour asked for, with some of the network's own variation around it; far away it
is the automatic colour, exactly as without the hint.

Cost: some 0.1 s on a grid of 256 x 384 for a few hints, growing with how many colours they have.
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

Grid = NDArray[np.float32]

# Chosen on photographs with one true hint each: half of the error goes from the region around it,
# and the rest is as before or better.
_MOST = 24  # colours that are told apart
_ROUNDS = 2  # of four raster scans; enough but for mazes
_EVEN = 1.2  # distance across the shorter side of even ground
_EDGE, _TEXTURE = 8.0, 12.0  # L* of a clear edge: at least, and times what is usual
_SEEN = 60.0  # difference of a* and b* that is a clear edge
_SHADE = 0.2  # of a clear edge, from one sample to the next: below it steps count little
_UNLIKE_LIGHT, _UNLIKE_COLOR = 45.0, 25.0  # differences from the hint's place that count as 1
_SURE = 1.1  # how much of the first falling off is made up for
_EXACT = 0.1  # distance within which the colour is nearly the one asked for
_KEPT = 0.5  # share of the network's variation that is kept


def spread(
    auto: Tensor, hinted: Tensor, hints: Tensor, light: Tensor, reach: float = 1.0
) -> Tensor:
    """Confine what hints change to what they are about, and make it what was asked for there.

    Args:
        auto: (2, h, w) float32, a* and b* without hints.
        hinted: (2, h, w), the network's answer to the hints.
        hints: (3, h, w), a*, b* and mask on the same grid; at least one is known.
        light: (1, h, w), L* in [0, 100].
        reach: multiplies how far hints carry.

    Returns:
        (2, h, w) float32, a* and b*.
    """
    asked, seeds = _colors(hints)  # (K, 2), (K, h, w)
    way = torch.from_numpy(_distances(seeds, _steps(light, auto))) / reach  # (K, h, w)
    away = 1 - (-(way / _EXACT).square()).exp()  # (K, h, w): 0 at the hints themselves
    looks = torch.cat([light / _UNLIKE_LIGHT, auto / _UNLIKE_COLOR])  # (3, h, w)
    wanted = torch.zeros_like(auto)
    shares, apart = torch.zeros_like(light[0]), torch.full_like(light[0], torch.inf)
    for color, where, distance, free in zip(asked, seeds, way, away, strict=True):
        seed = torch.from_numpy(where)
        unlike = (looks - looks[:, seed].mean(1)[:, None, None]).square().sum(0) / reach
        far = distance.square() + free * unlike  # (h, w)
        answer = hinted[:, seed].mean(1)  # (2,)
        # A grey hint keeps no variation, a vivid one some of it.
        vivid = min(1.0, float(color.square().sum() / answer.square().sum().clamp_min(1e-6)) ** 0.5)
        shades = _KEPT * vivid * free * (hinted - answer[:, None, None])
        share = 1 / (far + 1e-6)  # whose it is (Shepard 1968)
        wanted += share * (color[:, None, None] + shades)
        shares += share
        apart = torch.minimum(apart, far)
    near = (_SURE * (-apart).exp()).clamp(max=1)  # 1 where a hint is sure, 0 far away
    return auto + near * (wanted / shares - auto)


def _colors(hints: Tensor) -> tuple[Tensor, NDArray[np.bool_]]:
    """The colours that are given, (K, 2), and where, (K, h, w); similar ones are one if many."""
    mask = hints[2] > 0
    known = hints[:2, mask].T  # (P, 2)
    step = 1.0
    while True:
        rounded = (known / step).round().numpy()
        keys, which = np.unique(rounded, axis=0, return_inverse=True)
        if len(keys) <= _MOST:
            break
        step *= 1.5
    each = torch.from_numpy(which.reshape(1, -1) == np.arange(len(keys))[:, None])  # (K, P)
    seeds = np.zeros((len(keys), *mask.shape), bool)
    seeds[:, mask.numpy()] = each.numpy()
    return each.float() @ known / each.sum(1, keepdim=True), seeds


def _steps(light: Tensor, auto: Tensor) -> list[Grid]:
    """What a step costs: right, down, right and down, left and down; each (h', w')."""
    smooth = F.avg_pool2d(F.pad(light[None], (1, 1, 1, 1), mode="replicate"), 3, 1)[0]
    right, down = smooth.diff(dim=2).abs(), smooth.diff(dim=1).abs()
    usual = float((right[:, :-1] + down[:, :, :-1]).median()) if light.numel() > 4 else 0.0
    guide = torch.cat([smooth / (_EDGE + _TEXTURE * usual), auto / _SEEN])  # (3, h, w)
    even = _EVEN / min(light.shape[-2:])
    costs: list[Grid] = []
    for dy, dx in ((0, 1), (1, 0), (1, 1), (1, -1)):
        here, there = _pair(guide, dy, dx)
        edge = (here - there).square().sum(0).sqrt()
        # Many small differences are a shade or a texture, few large ones an edge.
        costs.append((even * (dy + abs(dx)) ** 0.5 + edge.square() / (edge + _SHADE)).numpy())
    return costs


def _pair(field: Tensor, dy: int, dx: int) -> tuple[Tensor, Tensor]:
    """What lies at the two ends of each step."""
    height, width = field.shape[-2:]
    left, right = field[:, :, : width - abs(dx)], field[:, :, abs(dx) :]
    start, end = (left, right) if dx >= 0 else (right, left)
    return start[:, : height - dy], end[:, dy:]


def _distances(seeds: NDArray[np.bool_], steps: list[Grid]) -> Grid:
    """(K, h, w): the length of the shortest way from the seeds of each colour."""
    distance = np.where(seeds, 0, 1e3).astype(np.float32)
    for _ in range(_ROUNDS):
        for _ in range(2):  # down; then up, which is down on the turned grid
            _scan(distance, *steps)
            distance = distance[:, ::-1, ::-1]
            steps = [step[::-1, ::-1] for step in steps]
    return np.ascontiguousarray(distance)


def _scan(distance: Grid, right: Grid, down: Grid, down_right: Grid, down_left: Grid) -> None:
    """One scan from the first row to the last, each both ways; in place."""
    total = np.concatenate([np.zeros_like(right[:, :1]), right.cumsum(1)], 1)  # (h, w)
    for y in range(distance.shape[1]):
        row = distance[:, y]  # (K, w)
        if y:
            above = distance[:, y - 1]
            np.minimum(row, above + down[y - 1], out=row)
            np.minimum(row[:, 1:], above[:, :-1] + down_right[y - 1], out=row[:, 1:])
            np.minimum(row[:, :-1], above[:, 1:] + down_left[y - 1], out=row[:, :-1])
        # The nearest of all to the left, and of all to the right, at once.
        row[:] = np.minimum.accumulate(row - total[y], 1) + total[y]
        row[:] = np.minimum.accumulate((row + total[y])[:, ::-1], 1)[:, ::-1] - total[y]
