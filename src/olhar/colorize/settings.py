"""What can be chosen when a picture is coloured."""

from dataclasses import dataclass
from typing import Annotated, Literal

from olhar.errors import OlharError
from olhar.fields import Advanced, Within, check

SMALLEST = 32
"""Shorter sides below this many pixels show a network nothing that it knows."""


@dataclass(frozen=True, kw_only=True)
class Colorize:
    """How pictures are coloured."""

    vivid: Annotated[float, Within(0, 1)] = 0.6
    """0 is safe and dull, 1 as colourful as is plausible"""
    saturation: Annotated[float, Within(0, 4)] = 1.0
    """what the strength of all colours is multiplied by"""
    views: Literal["one", "flip", "many"] = "one"
    """how often the network looks: also mirrored, or in other sizes too"""
    size: Annotated[int, Within(0, 4096), Advanced()] = 0
    """shorter side of what the network sees, in pixels; 0 is its own"""
    reach: Annotated[float, Within(0.01, 100), Advanced()] = 0.7
    """how far a hint carries where no edge stops it"""
    seed: Annotated[int, Within(0, 2**63 - 1)] = 0
    """which variants; the same seed gives the same pictures"""

    def __post_init__(self) -> None:
        check(self)
        if 0 < self.size < SMALLEST:
            raise OlharError(f"size is {self.size}; it must be 0 or at least {SMALLEST} pixels")
