"""What a video is made of: its frames, what it says about itself, what a new one shall be."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from olhar.media.yuv import BT709, Coding

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from av.stream import Stream
    from torch import Tensor

VIDEO_SUFFIXES = frozenset(
    (
        *(".mp4", ".m4v", ".mov", ".3gp"),
        *(".mkv", ".webm", ".ogv", ".flv", ".avi", ".wmv"),
        *(".mpg", ".mpeg", ".ts", ".mts", ".m2ts"),
    )
)
"""The endings that are taken for a video, in lower case with the dot."""

SRGB = Coding(matrix=BT709, primaries=1, transfer=1)
"""How images that come from no video are stored: BT.709, limited range."""


@dataclass(frozen=True)
class Frame:
    """An image and when it is shown."""

    image: Tensor
    """(3, H, W) float32 sRGB in [0, 1], upright."""
    pts: int
    """Presentation time in units of `time_base`, as it stands in the file."""
    time_base: Fraction
    """Seconds per unit of `pts`."""
    duration: int = 0
    """How long it is shown in units of `time_base`; 0 if the file does not say."""
    key: bool = False
    """Whether it was decoded without another frame, as at a cut."""

    @property
    def seconds(self) -> float:
        """Presentation time in seconds."""
        return float(self.pts * self.time_base)


@dataclass(frozen=True, kw_only=True)
class VideoInfo:
    """What a video's header and first frame say."""

    path: Path
    """The file."""
    width: int
    """Columns of the upright picture."""
    height: int
    """Rows of the upright picture."""
    rotation: int
    """Degrees clockwise by which the stored picture is turned to stand upright: 0, 90, 180, 270."""
    frames: int | None
    """How many frames there should be, if the file says so or it follows from rate and duration."""
    duration: float | None
    """Seconds."""
    rate: Fraction | None
    """Frames per second, on average if it varies."""
    time_base: Fraction
    """Seconds per unit of the presentation times."""
    codec: str
    """Name of the codec, such as "h264"."""
    coding: Coding
    """How the stored colours are to be understood."""
    aspect: Fraction
    """Width of an upright pixel over its height; 1 unless the video is anamorphic."""
    has_audio: bool
    """Whether there is sound."""


@dataclass(frozen=True, kw_only=True)
class Outline:
    """What a file to be written shall be, apart from its pictures."""

    codec: str
    """"h264" or "vp9"."""
    rate: Fraction
    """Frames per second, on average."""
    time_base: Fraction
    """Seconds per unit of the presentation times."""
    coding: Coding = SRGB
    """How to store the colours."""
    aspect: Fraction = Fraction(1)
    """Width of a pixel over its height."""
    metadata: dict[str, str] = field(default_factory=dict[str, str])
    """Texts about the file, such as its title."""
    stream_metadata: dict[str, str] = field(default_factory=dict[str, str])
    """Texts about the pictures, such as their language."""
    chapters: Sequence[Any] = ()
    """As `Container.chapters` gives them."""
    copies: Sequence[Stream] = ()
    """Streams of an open source whose packets will be handed to `Writer.copy`."""
    origin: Fraction = Fraction(0)
    """The time in seconds of those packets that is 0 in the new file."""
