"""Two examples in one: mixup and cutmix.

An example's partner is drawn from all of the data, not from its batch, so that what an example
becomes does not depend on which others came with it. The price is that a batch is read twice over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from olhar.data.photometry import Rectangles, masks, spans

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

    from olhar.data.augment import Augment
    from olhar.data.random import Draws


def mix(images: Tensor, others: Tensor, settings: Augment, draws: Draws) -> tuple[Tensor, Tensor]:
    """Pictures with some of their partners in them.

    mixup (Zhang et al. 2017): x = w x1 + (1 - w) x2, w from Beta(alpha, alpha). cutmix (Yun et al.
    2019, algorithm 1): a rectangle with the share 1 - w of the area, centred anywhere, is taken
    from the partner; what lies outside is cut off and w becomes what is then left. If both are
    asked for, each example has one or the other, with equal chances.

    Args:
        images: (N, 3, H, W) float32.
        others: (N, 3, H, W), the partners.
        settings: `mixup` and `cutmix` count.
        draws: the random numbers of these N examples.

    Returns:
        (N, 3, H, W), and (N,) float32 in [0, 1] on the CPU: what is left of the first of each
        pair, by which the targets are mixed.
    """
    which, level, x, y = draws.uniform(4, "mix")
    chance = 0.5 if settings.mixup and settings.cutmix else float(settings.mixup > 0)
    over = which < chance
    side = np.where(over, 0.0, np.sqrt(1 - beta(level, settings.cutmix or 1)))
    pieces = Rectangles(x - side / 2, y - side / 2, side, side)
    rows, columns = spans(pieces, images.shape[2], images.shape[3])
    layers = np.where(over, 1 - beta(level, settings.mixup or 1), 0.0)
    left = torch.from_numpy((1 - layers - rows.mean(1) * columns.mean(1)).astype(np.float32))
    share = torch.from_numpy(layers.astype(np.float32)).to(images.device)[:, None, None, None]
    return torch.lerp(images, others, masks(pieces, images) + share), left


def beta(levels: NDArray[np.float64], alpha: float) -> NDArray[np.float64]:
    """Quantiles of Beta(alpha, alpha): evenly spread levels in [0, 1) give values so distributed.

    The density is symmetric, so half of it is enough; in u = x**alpha (in x, for alpha > 1) it has
    no pole at 0 and its integral can be tabulated. Right to about 1e-5 for alpha from 0.01 to 10.

    >>> beta(np.array([0.0, 0.25, 0.5, 0.75]), alpha=1).round(4)
    array([0.  , 0.25, 0.5 , 0.75])
    """
    power = min(alpha, 1)
    u = np.linspace(0.0, float(0.5**power), 4097)
    x = u ** (1 / power)
    density: NDArray[np.float64] = x ** (alpha - power) * (1 - x) ** (alpha - 1)
    mass = np.append(0.0, np.cumsum(density[1:] + density[:-1]))
    below = np.minimum(levels, 1 - levels) * 2 * mass[-1]
    half = np.asarray(np.interp(below, mass, u), np.float64) ** (1 / power)
    return np.where(levels < 0.5, half, 1 - half)
