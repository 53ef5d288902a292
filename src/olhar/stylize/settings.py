"""What can be chosen when a photograph is restyled, and the plan that follows from it."""

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
    """How a photograph is restyled."""

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
