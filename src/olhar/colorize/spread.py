"""How far hints carry: through what belongs together, and not across edges.

Each colour that is given has a distance to every place: the length of the shortest way there, where
a step costs little on even ground and much across an edge of the lightness or of the colours that
the network sees (a geodesic distance; Yatziv and Sapiro 2006 colour by it, Toivanen 1996 computes
it by raster scans). Near in this sense, the result is the colour asked for, with the network's own
variation around it; far away it is the automatic colour, exactly as without the hint.

Cost: some 0.1 s on a grid of 256 x 384 for a few hints, growing with how many colours they have.
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

Grid = NDArray[np.float32]

_MOST = 24  # colours that are told apart
_ROUNDS = 2  # of four raster scans; enough but for mazes
_EVEN = 0.6  # distance across the shorter side of even ground
_LIGHT, _COLOR = 12.0, 12.0  # steps of L*, and of a* and b*, that cost a distance of 1
_EXACT = 0.1  # distance within which the colour is nearly the one asked for
_SHADE = 0.15  # of such steps, from one sample to the next: below it they count little
_KEEN = 2.0  # how sharply shares go to the nearer colour


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
    steps = _steps(light, auto, hinted - auto)
    distance = torch.from_numpy(_distances(seeds, steps)) / reach  # (K, h, w)
    near = (-distance.amin(0).square()).exp()  # (h, w): 1 where a hint is sure, 0 far away
    share = 1 / (distance + 1e-4) ** _KEEN
    share /= share.sum(0)  # (K, h, w): whose it is (Shepard 1968)
    away = 1 - (-(distance / _EXACT).square()).exp()  # (K, h, w): 0 at the hints themselves
    wanted = torch.zeros_like(auto)
    for color, seed, part, free in zip(asked, seeds, share, away, strict=True):
        there = hinted[:, torch.from_numpy(seed)].mean(1)  # (2,): the answer at the hint
        # A grey hint keeps no variation, a vivid one all of it.
        keep = min(1.0, float(color.square().sum() / there.square().sum().clamp_min(1e-6)) ** 0.5)
        wanted += part * (color[:, None, None] + keep * free * (hinted - there[:, None, None]))
    return auto + near * (wanted - auto)


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


def _steps(light: Tensor, auto: Tensor, change: Tensor) -> list[Grid]:
    """What a step costs: right, down, right and down, left and down; each (h', w')."""
    smooth = F.avg_pool2d(F.pad(light[None], (1, 1, 1, 1), mode="replicate"), 3, 1)[0]
    guide = torch.cat([smooth / _LIGHT, auto / _COLOR, change / _COLOR])  # (5, h, w)
    even = _EVEN / min(light.shape[-2:])
    pairs = [
        (guide[:, :, :-1], guide[:, :, 1:], 1.0),
        (guide[:, :-1], guide[:, 1:], 1.0),
        (guide[:, :-1, :-1], guide[:, 1:, 1:], 2**0.5),
        (guide[:, :-1, 1:], guide[:, 1:, :-1], 2**0.5),
    ]
    costs: list[Grid] = []
    for a, b, length in pairs:
        apart = (a - b).square().sum(0).sqrt()
        # Many small differences are a shade or a texture, few large ones an edge.
        costs.append((even * length + apart.square() / (apart + _SHADE)).numpy())
    return costs


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
