"""3 x 3 convolution by Winograd's minimal filtering F(4 x 4, 3 x 3) (Lavin and Gray 2016).

Each 4 x 4 tile of the output is computed from a 6 x 6 tile of the input with 36 multiplications
where the definition takes 144. In a transformed space the convolution is 36 independent matrix
products, so all of it is plain tensor work that differentiates by hand: the gradient with respect
to the input is again such a convolution, with the filters turned by 180 degrees and the channels
swapped.

On a CPU in float32 it takes 0.5 to 0.8 of the time of the direct convolution from 128 channels into
256 up to 512 into 512 (`benchmarks/winograd.py`) and loses where channels are few and pixels many,
since the transforms then cost more than they save; so `WinogradConv` decides by width. The result
differs from the direct one by about 5e-6 of the largest value.
"""

from functools import cache
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

# Lavin and Gray, section 4.3: Y = A^T [(G g G^T) * (B^T d B)] A, for tiles d and filters g.
TO_TILES = (
    (4, 0, -5, 0, 1, 0),
    (0, -4, -4, 1, 1, 0),
    (0, 4, -4, -1, 1, 0),
    (0, -2, -1, 2, 1, 0),
    (0, 2, -1, -2, 1, 0),
    (0, 4, 0, -5, 0, 1),
)
TO_FILTERS = (
    (1 / 4, 0, 0),
    (-1 / 6, -1 / 6, -1 / 6),
    (-1 / 6, 1 / 6, -1 / 6),
    (1 / 24, 1 / 12, 1 / 6),
    (1 / 24, -1 / 12, 1 / 6),
    (0, 0, 1),
)
TO_PIXELS = ((1, 1, 1, 1, 1, 0), (0, 1, -1, 2, -2, 0), (0, 1, 1, 4, 4, 0), (0, 1, -1, 8, -8, 1))


_STRIP = 8 << 20
"""Bytes of transformed tiles at a time: kind to the cache, and bounded for large pictures."""


@cache
def both_axes(rows: tuple[tuple[float, ...], ...]) -> Tensor:
    """A transform of both axes of a tile as one matrix on the flattened tile."""
    matrix = torch.tensor(rows, dtype=torch.float64)
    return torch.kron(matrix, matrix).float()


def transform_filters(weight: Tensor) -> Tensor:
    """Filters in Winograd's space, computed once for frozen weights.

    Args:
        weight: (C_out, C_in, 3, 3) float32.

    Returns:
        (36, C_out, C_in) float32.
    """
    c_out, c_in = weight.shape[:2]
    flat = weight.permute(2, 3, 0, 1).reshape(9, -1)  # (9, C_out * C_in)
    return (both_axes(TO_FILTERS) @ flat).view(36, c_out, c_in)


def winograd_conv(x: Tensor, filters: Tensor) -> Tensor:
    """3 x 3 convolution with stride 1 and one pixel of zeros around, without bias.

    Args:
        x: (N, C_in, H, W) float32.
        filters: (36, C_out, C_in) from `transform_filters`.

    Returns:
        (N, C_out, H, W) float32.
    """
    n, c, height, width = x.shape
    rows, columns = -(-height // 4), -(-width // 4)  # tiles
    x = F.pad(x, (1, 4 * columns - width + 1, 1, 4 * rows - height + 1))
    out = x.new_empty(n, filters.shape[1], 4 * rows, 4 * columns)
    out_tiles = out.view(n, -1, rows, 4, columns, 4)
    strip = max(1, _STRIP // (36 * 4 * n * c * columns))
    for top in range(0, rows, strip):
        bottom = min(top + strip, rows)
        tiles = x[:, :, 4 * top : 4 * bottom + 2].unfold(2, 6, 4).unfold(3, 6, 4)
        tiles = tiles.permute(4, 5, 1, 0, 2, 3).reshape(36, -1)  # (36, C * T), T tiles
        tiles = (both_axes(TO_TILES) @ tiles).view(36, c, -1)  # (36, C, T)
        products = torch.bmm(filters, tiles).flatten(1)  # (36, C_out * T)
        pixels = (both_axes(TO_PIXELS) @ products).view(4, 4, -1, n, bottom - top, columns)
        out_tiles[:, :, top:bottom] = pixels.permute(3, 2, 4, 0, 5, 1)
    if out.shape[2:] != (height, width):
        out = out[:, :, :height, :width].contiguous()
    return out


class _FrozenConv(torch.autograd.Function):
    """`winograd_conv` plus a bias, neither of which needs a gradient."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, filters: Tensor, turned: Tensor, bias: Tensor) -> Tensor:
        ctx.turned = turned
        return winograd_conv(x, filters).add_(bias[:, None, None])

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None, None, None]:
        return winograd_conv(grads[0], ctx.turned), None, None, None


class WinogradConv(nn.Conv2d):
    """A 3 x 3 `nn.Conv2d` of stride 1 that takes Winograd's way where that is faster.

    Used while its weights are frozen, in float32, on a CPU, for wide layers; otherwise, and under
    `torch.export`, it is the ordinary convolution. The transformed filters (4 times the weights,
    twice) are made on first use and dropped when the weights move or are loaded anew.

    Args:
        c_in: channels of the input.
        c_out: channels of the output.
    """

    def __init__(self, c_in: int, c_out: int) -> None:
        super().__init__(c_in, c_out, 3, padding=1)
        self._filters: tuple[Tensor, Tensor] | None = None
        self.register_load_state_dict_post_hook(self._forget)

    def _forget(self, *_: Any) -> None:
        self._filters = None

    def _apply(self, *args: Any, **kwargs: Any) -> Any:
        self._forget()
        return super()._apply(*args, **kwargs)

    def pays(self, x: Tensor) -> bool:
        """Whether Winograd's way is possible and faster for this input."""
        return (
            self.in_channels * self.out_channels >= 128 * 256
            and x.dtype == self.weight.dtype == torch.float32
            and x.device.type == "cpu"
            and not self.weight.requires_grad
            and not torch.compiler.is_compiling()
            and not torch.is_autocast_enabled("cpu")
        )

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 (nn.Conv2d's own name)
        """(N, C_in, H, W) -> (N, C_out, H, W)."""
        if not self.pays(input):
            return super().forward(input)
        if self._filters is None:
            turned = self.weight.flip(2, 3).transpose(0, 1)
            self._filters = transform_filters(self.weight), transform_filters(turned)
        assert self.bias is not None
        out: Tensor = _FrozenConv.apply(input, *self._filters, self.bias)  # type: ignore[assignment]
        return out
