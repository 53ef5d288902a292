"""What can be chosen when faces are swapped."""

from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

from olhar.faceswap.track import Smooth
from olhar.fields import Advanced, Within, check

Palette: TypeAlias = Literal["transport", "reinhard", "histogram", "none"]
Blend: TypeAlias = Literal["bands", "alpha", "poisson"]
Cover: TypeAlias = Literal["both", "hull", "learned"]


@dataclass(frozen=True, kw_only=True)
class Swap:
    """How faces are swapped."""

    color: Palette = "transport"
    """how the new face takes the colours of the old one"""
    blend: Blend = "bands"
    """how it is joined to the picture"""
    mask: Annotated[Cover, Advanced()] = "both"
    """what is face: the hull of the points, what the model says, or where both
    agree"""
    erode: Annotated[float, Within(0, 0.3), Advanced()] = 0.03
    """what the mask loses all around, as a share of the width of the face"""
    blur: Annotated[float, Within(0, 0.3), Advanced()] = 0.02
    """how softly it ends, as a share of the width of the face"""
    occlusion: Annotated[float, Within(0, 1)] = 0.0
    """how readily what stands before a face, as a hand, is kept: 0 never, 0.5 what is
    clearly no face"""
    detail: Annotated[float, Within(0, 1)] = 1.0
    """how far sharpness and grain are matched"""
    smallest: Annotated[int, Within(8, 4096)] = 24
    """smaller faces stay as they are, in pixels across"""
    turn: Annotated[float, Within(10, 90)] = 60.0
    """faces that look further away stay, in degrees"""
    hold: Annotated[int, Within(0, 8), Advanced()] = 5
    """for so many frames a face that is missed is taken to have gone straight on"""
    steady: Annotated[float, Within(0.1, 30), Advanced()] = 1.5
    """points of a face that stands still are held against what trembles faster, in
    hertz"""
    seed: Annotated[int, Within(0, 2**63 - 1), Advanced()] = 0
    """of the grain"""

    def __post_init__(self) -> None:
        check(self)

    @property
    def smooth(self) -> Smooth:
        """How points are held steady."""
        return Smooth(cutoff=self.steady)
