"""What can be chosen when a photograph is restyled, and the plan that follows from it."""

import os
from dataclasses import dataclass
from math import isfinite
from typing import Annotated, Literal, NamedTuple

from torch import Tensor

from olhar.errors import OlharError
from olhar.fields import Within, check
from olhar.stylize.network import StyleLoss

COARSEST = 64
"""No size with a longer side below this many pixels is optimised."""
SHORTEST = 16
"""Shorter sides below this many pixels leave the deepest features with nothing to see."""
LARGEST = 8192
"""Longer sides above this many pixels are beyond any machine's memory."""


@dataclass(frozen=True, kw_only=True)
class Stylize:
    """How a photograph or a film is restyled."""

    strength: Annotated[float, Within(0.001, 1e3, search=(0.25, 4), log=True)] = 1.0
    """how much of the painting: 0.5 keeps more of the photograph, 3 dissolves it"""
    stroke: Annotated[float, Within(0.05, 20, search=(0.25, 2), log=True)] = 1.0
    """size of the brush strokes; 1 shows the painting as large as the picture"""
    size: Annotated[int, Within(COARSEST, LARGEST, search=(128, 1024))] = 512
    """longer side of the result, in pixels"""
    iterations: Annotated[int, Within(1, 100_000, search=(8, 60))] = 25
    """gradient steps at each size up to 256 pixels, and fewer at larger sizes"""
    colors: Literal["style", "content"] = "style"
    """whose colours the result has: the painting's or the photograph's"""
    weights: tuple[float, ...] = ()
    """how much each painting counts, one number per --style; equal if not given"""
    loss: StyleLoss = "gram"
    """what style is: Gram matrices, or means and covariances (wasserstein)"""
    smooth: Annotated[float, Within(0, 1000, search=(0, 2))] = 0.5
    """how much neighbouring pixels are held together; 0 leaves all grain"""
    steady: Annotated[float, Within(0, 100, search=(0.3, 3), log=True)] = 1.0
    """how much a frame of a film stays as the one before was; 0 restyles each by itself"""
    init: Literal["content", "noise"] = "content"
    """what the coarsest size starts from"""
    optimizer: Literal["lbfgs", "adam"] = "lbfgs"
    """how the picture is improved; adam needs about four times the iterations"""
    seed: Annotated[int, Within(0, 2**63 - 1)] = 0
    """which of the many possible results; the same seed gives the same picture"""

    def __post_init__(self) -> None:
        check(self)
        if not all(isfinite(weight) and weight > 0 for weight in self.weights):
            raise OlharError(f"weights are {list(self.weights)}; each must be a positive number")


class Level(NamedTuple):
    """One of the sizes that are worked at, coarse to fine."""

    size: tuple[int, int]
    """(height, width)"""
    iterations: int


def plan_levels(image: Tensor, settings: Stylize) -> list[Level]:
    """The sizes (height, width) to work at, coarse to fine, and the iterations at each.

    Sizes double from one to the next, as long as the longer side has at least `COARSEST` pixels and
    the shorter one at least `SHORTEST`. Beyond 256 pixels iterations fall with the root of the
    side: each costs more and starts from a picture that needs less.
    """
    height, width = image.shape[-2:]
    sizes: list[tuple[int, int]] = []
    side = float(settings.size)
    while True:
        scale = side / max(height, width)
        size = (max(1, round(height * scale)), max(1, round(width * scale)))
        if sizes and (side < COARSEST or min(size) < SHORTEST):
            break
        sizes.insert(0, size)
        side /= 2
    return [
        Level(size, max(1, round(settings.iterations * min(1.0, 256 / max(size)) ** 0.5)))
        for size in sizes
    ]


def check_size(image: Tensor, size: int, bytes_per_pixel: int) -> tuple[int, int]:
    """Height and width of a result whose longer side is `size`.

    Args:
        image: (3, H, W).
        size: in pixels.
        bytes_per_pixel: what memory a pixel of the result takes.

    Raises:
        OlharError: if it would be too small to show a style, or too large for this machine.
    """
    scale = size / max(image.shape[-2:])
    height, width = (max(1, round(side * scale)) for side in image.shape[-2:])
    if min(height, width) < SHORTEST:
        raise OlharError(
            f"at size {size} the image would be {width} x {height} pixels; its shorter "
            f"side needs at least {SHORTEST}: choose a larger size or crop the image"
        )
    needed, there = int(0.8e9) + height * width * bytes_per_pixel, _memory()
    if there and needed > there:
        raise OlharError(
            f"a result of {width} x {height} pixels takes about {needed / 2**30:.0f} GiB of "
            f"memory, and this machine has {there / 2**30:.0f}: choose a size of at most "
            f"{int(size * (max(there - 0.8e9, 0) / (needed - 0.8e9)) ** 0.5)}"
        )
    return height, width


def _memory() -> int:
    """Bytes of memory of this machine, 0 where the system does not say."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return 0
