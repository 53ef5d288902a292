"""Whether all of a video was there: what its packets reach, against what its header announced.

A copy that stopped half way opens without complaint if its index stands first, and simply ends
early. No single number tells: an MP4 counts its frames, but one that was trimmed without encoding
keeps counting those it no longer shows; other formats only say how long they last.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from olhar.media.video_open import fraction

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.stream import VideoStream

_SLACK = Fraction(1, 2)  # seconds by which a file may end before it says, or
_SHARE = Fraction(1, 50)  # this share of its length, whichever is more


class Extent:
    """Follows the packets of a file as they are read."""

    def __init__(self, container: InputContainer, stream: VideoStream) -> None:
        """Take down what the header announces.

        Args:
            container: the open file.
            stream: its pictures.
        """
        self._index = stream.index
        self._counted = stream.frames if "mov" in container.format.name else 0
        self._pictures_until = end_of(stream)
        self._until: Fraction | None = None
        if container.duration is not None:
            self._until = Fraction((container.start_time or 0) + container.duration, 1_000_000)
        self.packets = 0
        """Of the pictures, decodable or not."""
        self._reached = self._pictures_reached = Fraction(0)

    def add(self, packet: Any) -> None:
        """Count a packet, of any stream."""
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
