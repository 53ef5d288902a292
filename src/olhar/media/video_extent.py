"""Whether all of a video was there: what its packets reach, against what its header announced.

A copy that stopped half way opens without complaint if its index stands first, and simply ends
early. No single number tells: an MP4 counts its frames, but one that was trimmed without encoding
keeps counting those it no longer shows; Matroska says how many bytes it has, and other formats only
how long they last.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from olhar.media.video_open import fraction

if TYPE_CHECKING:
    from pathlib import Path

    from av.container import InputContainer
    from av.video.stream import VideoStream

_SLACK = Fraction(1, 2)  # seconds by which a file may end before it says, or
_SHARE = Fraction(1, 50)  # this share of its length, whichever is more
_SEGMENT = b"\x18\x53\x80\x67"  # the element of a Matroska file that holds all others


class Extent:
    """Follows the packets of a file as they are read."""

    def __init__(self, container: InputContainer, stream: VideoStream, path: Path) -> None:
        """Take down what the header announces.

        Args:
            container: the open file.
            stream: its pictures.
            path: its name.
        """
        self._index = stream.index
        self._is_mov = "mov" in container.format.name
        self._counted = stream.frames if self._is_mov else 0
        self._bytes = path.stat().st_size
        self._announced = _matroska_size(path) if "matroska" in container.format.name else None
        self._torn = False  # the file ends amid a packet
        self._pictures_until = end_of(stream)
        self._until: Fraction | None = None
        if container.duration is not None:
            self._until = Fraction((container.start_time or 0) + container.duration, 1_000_000)
        self.packets = 0
        """Of the pictures, decodable or not."""
        self._reached = self._pictures_reached = Fraction(0)

    def add(self, packet: Any) -> None:
        """Count a packet, of any stream."""
        self._torn |= self._is_mov and packet.is_corrupt
        time_base = fraction(packet.time_base)
        if packet.pts is None or time_base is None:
            return
        end = (packet.pts + (packet.duration or 0)) * time_base
        self._reached = max(self._reached, end)
        if packet.stream.index == self._index:
            self.packets += 1
            self._pictures_reached = max(self._pictures_reached, end)

    def missing(self) -> str | None:
        """After the last packet: a sentence if the file ended too early."""
        if self.packets < self._counted and (
            self._pictures_until is None or self._pictures_reached < self._pictures_until
        ):
            return f"the video is cut off: {self.packets} of its {self._counted} frames are there"
        if self._torn:
            return "the video is cut off: its last packet is not whole"
        if self._announced is not None and self._bytes < self._announced:
            return f"the video is cut off: {self._bytes} of its {self._announced} bytes are there"
        if self._until is not None:
            slack = max(_SLACK, self._until * _SHARE)
            if self._reached + slack < self._until:
                return (
                    f"the video is cut off: it ends after {float(self._reached):.1f} of its "
                    f"{float(self._until):.1f} seconds"
                )
        return None


def end_of(stream: VideoStream) -> Fraction | None:
    """When the header says that the pictures end, in seconds on the clock of the packets."""
    time_base = fraction(stream.time_base)
    if stream.duration is None or time_base is None:
        return None
    return ((stream.start_time or 0) + stream.duration) * time_base


def _matroska_size(path: Path) -> int | None:
    """The bytes that a Matroska or WebM file should have; None if it does not say (RFC 8794)."""
    with path.open("rb") as file:
        head = file.read(4096)
    at = head.find(_SEGMENT) + len(_SEGMENT)
    width = 9 - head[at].bit_length() if at < len(head) else 9  # bytes of the size, by its zeros
    if at < len(_SEGMENT) or width > 8 or at + width > len(head):
        return None
    unknown = (1 << 7 * width) - 1
    size = int.from_bytes(head[at : at + width], "big") & unknown
    return None if size == unknown else at + width + size
