"""Lightness of a photograph and colours of a small grid to one picture, band by band.

The picture keeps its own L* at full resolution; a* and b* are smooth and may come from a grid of a
few dozen rows. Where the two do not fit into sRGB, chroma gives way and L* stays. Memory: the
result and some 30 MB, whatever the size.
"""

from __future__ import annotations

import torch
from torch import Tensor

from olhar.colorize.grid import cubic
from olhar.media.color import fit_gamut, lab_to_srgb

_BAND = 1 << 17  # pixels made at a time


def join(light: Tensor, ab: Tensor, extent: tuple[float, float] | None = None) -> Tensor:
    """Give a lightness its colours.

    Args:
        light: (1, H, W) float32, L* in [0, 100], on the CPU.
        ab: (2, h, w) float32, a* and b*, on any grid.
        extent: how many rows and columns of `ab` the picture spans, from the first on; all if left
            out.

    Returns:
        (3, H, W) float32 sRGB in [0, 1].
    """
    height, width = light.shape[-2:]
    rows, columns = extent or ab.shape[-2:]
    wide = ab.cpu() @ cubic(width, ab.shape[-1], columns).T  # (2, h, W)
    down = cubic(height, ab.shape[-2], rows)  # (H, h)
    image = light.new_empty(3, height, width)
    step = max(1, _BAND // width)
    for y in range(0, height, step):
        lab = torch.cat([light[:, y : y + step], down[y : y + step] @ wide])
        image[:, y : y + step] = lab_to_srgb(fit_gamut(lab)).clamp_(0, 1)
    return image
