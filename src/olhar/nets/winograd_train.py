"""Winograd's 3 x 3 convolution (`olhar.nets.winograd`) for filters that are being trained.

Forwards V = B^T d B of the input's tiles, M = V U by 36 matrix products, Y = A^T M A. Backwards the
same path is walked in the other direction: the gradient of M from that of Y, then of U and of V by
36 products each. So a step of training has three sets of products at a quarter of the direct
convolution's multiplications, and four transforms where three Winograd convolutions would have six.

Pixels are handled channels last: a tile is then gathered and put back in runs of whole channels. A
few pictures are taken through all of it at a time, while they are in the cache; maximum pooling,
if asked for, is done there too, and what it drops is never written to memory.

In float32 with AVX2, forwards and backwards together take 0.5 to 0.8 of the direct convolution's
time from 48 channels into 160 on; `conv3x3` takes the direct way where that is as fast, or the
only one possible.
"""

from typing import Any, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from olhar.nets.winograd import (  # the paper's matrices
    TO_FILTERS,
    TO_PIXELS,
    TO_TILES,
    both_axes,
)

_STRIP = 4 << 20
"""Bytes of transformed tiles at a time."""


def conv3x3(x: Tensor, weight: Tensor, *, pool: bool = False) -> Tensor:
    """3 x 3 convolution with stride 1 and one pixel of zeros around, the fastest way there is.

    Args:
        x: (N, C_in, H, W), fastest with channels last.
        weight: (C_out, C_in, 3, 3).
        pool: keep the maximum of every 2 x 2 pixels; an odd last row or column is left out.

    Returns:
        (N, C_out, H, W), or half the height and width.
    """
    if _pays(x, weight):
        if pool:  # what an odd last row or column holds never reaches the output
            height, width = x.shape[2] // 2 * 2, x.shape[3] // 2 * 2
            y: Tensor = _Conv.apply(x, weight, pool)  # type: ignore[assignment]
            return y[:, :, : height // 2, : width // 2]
        return _Conv.apply(x, weight, pool)  # type: ignore[return-value]
    y = F.conv2d(x, weight, padding=1)
    return F.max_pool2d(y, 2) if pool else y


def _pays(x: Tensor, weight: Tensor) -> bool:
    """Whether Winograd's way is possible and faster."""
    return (
        min(weight.shape[:2]) >= 48
        and x.dtype == weight.dtype == torch.float32
        and x.device.type == "cpu"
        and not torch.compiler.is_compiling()
        and not torch.is_autocast_enabled("cpu")
    )


class _Conv(torch.autograd.Function):
    """T is the number of 4 x 4 tiles of the output, over all pictures of a strip."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, pool: bool) -> Tensor:
        n, c, height, width = x.shape
        rows, columns, k = -(-height // 4), -(-width // 4), len(weight)
        around = (0, 0, 1, 4 * columns - width + 1, 1, 4 * rows - height + 1)
        x = F.pad(x.permute(0, 2, 3, 1), around)  # (N, 4 rows + 2, 4 columns + 2, C)
        tiles = x.unfold(1, 6, 4).unfold(2, 6, 4).permute(4, 5, 0, 1, 2, 3)
        filters = both_axes(TO_FILTERS) @ weight.permute(2, 3, 1, 0).reshape(9, -1)
        filters = filters.view(36, c, k)
        side = 2 if pool else 4  # of what a tile of the output comes to
        y = x.new_empty(n, rows, side, columns, side, k)
        strip = max(1, _STRIP // (4 * 36 * rows * columns * max(c, k)))
        kept: list[Tensor] = []
        for part, out in zip(_parts(tiles, strip, 2), _parts(y, strip), strict=True):
            v = (both_axes(TO_TILES) @ part.reshape(36, -1)).view(36, -1, c)  # (36, T, C)
            m = torch.bmm(v, filters)  # (36, T, K)
            pixels = both_axes(TO_PIXELS) @ m.view(36, -1)  # (16, T K)
            kept.append(v)
            if pool:
                fours = pixels.view(2, 2, 2, 2, -1)
                pixels = torch.maximum(fours[:, 0], fours[:, 1])
                pixels = torch.maximum(pixels[:, :, 0], pixels[:, :, 1])  # (2, 2, T K)
                kept.append(fours == pixels[:, None, :, None])
            pixels = pixels.view(side, side, -1, rows, columns, k)
            out.copy_(pixels.permute(2, 3, 0, 4, 1, 5))
        ctx.save_for_backward(filters, *kept)
        ctx.sizes = height, width, strip, pool
        y = y.view(n, side * rows, side * columns, k)
        if not pool:
            y = y[:, :height, :width]
        return y.permute(0, 3, 1, 2).contiguous(memory_format=torch.channels_last)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, Tensor, None]:
        filters, *kept = ctx.saved_tensors
        height, width, strip, pool = ctx.sizes
        _, c, k = filters.shape
        n, rows, columns, side = len(grads[0]), -(-height // 4), -(-width // 4), 2 if pool else 4
        dy = grads[0].permute(0, 2, 3, 1)
        dy = F.pad(dy, (0, 0, 0, side * columns - dy.shape[2], 0, side * rows - dy.shape[1]))
        dy = dy.contiguous().view(n, rows, side, columns, side, k)
        to_products, to_tiles = (
            both_axes(TO_PIXELS).T.contiguous(),
            both_axes(TO_TILES).T.contiguous(),
        )
        d_filters = torch.zeros_like(filters)
        dx = dy.new_empty(n, rows + 1, 4, columns + 1, 4, c) if ctx.needs_input_grad[0] else None
        steps = iter(kept)
        for number, part in enumerate(_parts(dy, strip)):
            v = next(steps)
            pixels = part.permute(2, 4, 0, 1, 3, 5).reshape(side * side, -1)
            if pool:
                pixels = (pixels.view(2, 1, 2, 1, -1) * next(steps)).view(16, -1)
            dm = (to_products @ pixels).view(36, -1, k)  # (36, T, K)
            d_filters.baddbmm_(v.mT, dm)
            if dx is not None:
                dv = torch.bmm(dm, filters.mT).view(36, -1)  # (36, T C)
                tiles = (to_tiles @ dv).view(6, 6, -1, rows, columns, c).permute(2, 3, 0, 4, 1, 5)
                _add_overlapping(dx[number * strip :][: len(part)], tiles)
        d_weight = (
            (both_axes(TO_FILTERS).T @ d_filters.view(36, -1)).view(3, 3, c, k).permute(3, 2, 0, 1)
        )
        if dx is not None:
            dx = dx.view(n, 4 * rows + 4, 4 * columns + 4, c)[:, 1 : height + 1, 1 : width + 1]
            dx = dx.permute(0, 3, 1, 2)
        return dx, d_weight, None


def _parts(x: Tensor, size: int, axis: int = 0) -> tuple[Tensor, ...]:
    return cast("tuple[Tensor, ...]", x.split(size, axis))


def _add_overlapping(out: Tensor, tiles: Tensor) -> None:
    """Put 6 x 6 tiles down 4 pixels apart and add where they overlap.

    Args:
        out: (N, rows + 1, 4, columns + 1, 4, C), overwritten.
        tiles: (N, rows, 6, columns, 6, C).
    """
    out.zero_()
    out[:, :-1, :, :-1] = tiles[:, :, :4, :, :4]
    out[:, :-1, :, 1:, :2] += tiles[:, :, :4, :, 4:]
    out[:, 1:, :2, :-1] += tiles[:, :, 4:, :, :4]
    out[:, 1:, :2, 1:, :2] += tiles[:, :, 4:, :, 4:]


class Conv3x3(nn.Module):
    """`conv3x3` with filters of its own and no bias.

    Args:
        c_in: channels of the input.
        c_out: channels of the output.
        pool: see `conv3x3`.
    """

    def __init__(self, c_in: int, c_out: int, *, pool: bool = False) -> None:
        super().__init__()
        self.pool = pool
        self.weight = nn.Parameter(torch.empty(c_out, c_in, 3, 3))
        nn.init.kaiming_uniform_(self.weight, a=5**0.5)

    def forward(self, x: Tensor) -> Tensor:
        """(N, c_in, H, W) -> (N, c_out, H, W), or half the height and width."""
        return conv3x3(x, self.weight, pool=self.pool)
