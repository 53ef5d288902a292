"""Images as a video that plays everywhere: H.264 or VP9, 4:2:0, 8 bits, correctly tagged.

H.264 comes from libx264 at CRF 18, which people take for the original (VP9 at CRF 24 likewise); in
MP4 and MOV the index stands first, so that a browser can start before the end is there. Frames are
encoded as they come: nothing but the encoder's own look-ahead is held.
"""

from __future__ import annotations

import math
from collections import deque
from contextlib import suppress
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Self

import av
from av.error import FFmpegError

from olhar.media.video_codecs import encoder
from olhar.media.video_copy import FORMATS, add_copy, codec_of
from olhar.media.video_open import fraction

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from av.stream import Stream
    from torch import Tensor

    from olhar.media.video_encode import Pictures
    from olhar.media.video_info import Outline
_DEFAULT = 1  # AV_DISPOSITION_DEFAULT


class Writer:
    """Encodes images into a container and puts packets of other streams beside them unchanged.

    The file is opened at the first image, whose size is the video's; packets that come earlier
    wait.
    """

    notes: list[str]
    """Sentences about what could not be written as it was; complete after `close`."""
    pictures: Pictures
    """The images and their form."""

    def __init__(self, path: Path, outline: Outline, pictures: Pictures) -> None:
        """Describe the file; nothing is written yet.

        Args:
            path: where to write.
            outline: what to write.
            pictures: what the images shall be, for a file of this kind.
        """
        self._path, self._outline = path, outline
        self._suffix = path.suffix.lower()
        self._matroska = FORMATS[self._suffix] in {"matroska", "webm"}
        self.pictures, self.notes = pictures, pictures.notes
        self._container: Any = None
        self._stream: Any = None
        self._copies: dict[int, Stream] = {}
        self._last_dts: dict[int, int] = {}
        self._begun: set[int] = set()
        self._waiting: deque[Any] = deque()
        self._first_dts: int | None = None
        self._start = self._end = 0
        self._rounded = self._encoded = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        if error is None:
            self.close()
        elif self._container is not None:
            with suppress(Exception):  # the file is given up; `error` is what matters
                self._container.close()

    def write(self, image: Tensor, pts: int, duration: int = 0) -> None:
        """Encode the next image.

        Args:
            image: (3, H, W) in [0, 1], any float dtype and device, always of the same size.
            pts: presentation time in units of the time base, greater than the one before.
            duration: how long it is shown, same units; 0 if not known.

        Raises:
            OlharError: if it is no such image or cannot be written.
        """
        array = self.pictures.checked(image)
        self._time(pts)
        self._end = pts + duration
        try:
            if self._container is None:
                self._start = pts
                self._open(pts)
            frame = self.pictures.frame(array, pts, duration)
            packets: list[Any] = self._stream.encode(frame)
        except (FFmpegError, OSError) as error:
            raise self.pictures.failed(error) from error
        if packets and self._first_dts is None:
            self._first_dts = packets[0].dts
        self._mux(packets)

    def begin(self, pts: int) -> None:
        """Open the file for `put`; `pictures` know their size.

        Args:
            pts: presentation time of the first picture, in units of the time base.

        Raises:
            OlharError: if it cannot be written.
        """
        self._encoded = True
        try:
            self._open(pts)
        except (FFmpegError, OSError) as error:
            raise self.pictures.failed(error) from error

    def put(self, packet: Any) -> None:
        """Put the next picture into the file, as an encoder that `pictures` arranged has made it.

        Args:
            packet: in order of decoding, with both times.

        Raises:
            OlharError: if it cannot be written.
        """
        self._time(packet.pts)
        packet.stream, packet.time_base = self._stream, self._outline.time_base
        self._mux([packet])

    def copy(self, packet: Any) -> None:
        """Put a packet of one of the copied streams into the file as it is; ignore any other.

        Args:
            packet: as it came from its container.

        Raises:
            OlharError: if it cannot be written.
        """
        if self._container is None:
            self._waiting.append(packet)
            return
        stream = self._copies.get(packet.stream.index)
        if stream is None or (packet.size == 2 and codec_of(stream) == "mov_text"):
            return  # an empty text marks the end of the one before: the muxer makes its own
        ticks = round(self._outline.origin / (fraction(packet.time_base) or 1))
        if not packet.is_discard:
            self._begun.add(stream.index)
        elif stream.index in self._begun:
            return  # cut away by an edit list; at the start, a decoder needs it to get going
        if packet.pts is not None:
            packet.pts -= ticks
        if packet.dts is not None:
            dts: int = packet.dts - ticks
            last = self._last_dts.get(stream.index, dts)
            if dts < last:  # a muxer refuses to go back
                dts = last
                packet.pts = None if packet.pts is None else max(packet.pts, last)
            self._last_dts[stream.index] = packet.dts = dts
        packet.stream = stream
        self._mux([packet])

    def close(self) -> None:
        """Encode what is left and finish the file; without any image there is none.

        Raises:
            OlharError: if it cannot be written.
        """
        if self._container is None:
            return
        if self._rounded:
            self.notes.append("times were rounded to the millisecond, as Matroska stores them")
        try:
            packets: list[Any] = [] if self._encoded else self._stream.encode(None)
            if packets:
                # An MP4 lasts until its last packet ends, and packets stand in the order of
                # decoding: the last one need not be the last frame.
                last = packets[-1]
                first = packets[0].dts if self._first_dts is None else self._first_dts
                last.duration = max(1, self._end - self._start - (last.dts - first))
            self._container.mux(packets)
            self._container.close()
        except (FFmpegError, OSError) as error:
            raise self.pictures.failed(error) from error

    def _time(self, pts: int) -> None:
        """Remember whether Matroska, which counts milliseconds, can hold a time."""
        time = pts * self._outline.time_base
        self._rounded |= self._matroska and (1000 * time).denominator > 1

    def _open(self, pts: int) -> None:
        """Write the header and what has waited for it."""
        outline = self._outline
        options = self._container_options([pts * outline.time_base, *self._starts()])
        name, encoding = encoder(outline.codec)
        container: Any = av.open(
            f"file:{self._path}", "w", FORMATS[self._suffix], container_options=options
        )
        self._container = container
        container.metadata.update(outline.metadata)
        if outline.chapters:
            container.set_chapters(list(outline.chapters))
        self.pictures.note_odd()
        height, width = self.pictures.coded
        stream: Any = container.add_stream(
            name,
            rate=outline.rate,
            options=dict(encoding),
            width=width,
            height=height,
            pix_fmt="yuv420p",
            time_base=outline.time_base,
        )
        stream.time_base = outline.time_base
        stream.metadata.update(outline.stream_metadata)
        stream.disposition = _DEFAULT
        self.pictures.arrange(stream.codec_context)
        self._stream = stream
        for template in outline.copies:
            self._copies[template.index] = add_copy(container, template)
        while self._waiting:
            self.copy(self._waiting.popleft())

    def _container_options(self, starts: list[Fraction]) -> dict[str, str]:
        """Settings for the muxer, given when in seconds each stream starts."""
        if self._matroska:
            if min(starts) < 0:
                self.notes.append(
                    f"all streams start {float(-min(starts)):.3f} seconds later, since a "
                    f"{self._suffix} file has no times before 0"
                )
            return {}
        # Apple's keys ("com.apple.quicktime.location...") have a table of their own.
        own_keys = any("." in key for key in self._outline.metadata)
        # The clock in which MP4 says how late a stream starts, by default milliseconds.
        clock = math.lcm(1000, *(time.denominator for time in starts if time > 0))
        return {
            "movflags": "+faststart" + "+use_metadata_tags" * own_keys,
            "movie_timescale": str(clock if clock < 1 << 31 else 1000),
        }

    def _starts(self) -> list[Fraction]:
        """When the copied streams start in this file, in seconds."""
        starts: dict[int, Fraction] = {}
        # Packets first: the header knows nothing of a codec's run-in before 0.
        timed = [(each.stream, each.pts, each.time_base) for each in self._waiting]
        timed += [(each, each.start_time, each.time_base) for each in self._outline.copies]
        for stream, pts, time_base in timed:
            if pts is not None and codec_of(stream) != "opus":  # whose run-in has its own field
                time = pts * (fraction(time_base) or Fraction(1))
                starts.setdefault(stream.index, time - self._outline.origin)
        return list(starts.values())

    def _mux(self, packets: list[Any]) -> None:
        try:
            self._container.mux(packets)
        except (FFmpegError, OSError) as error:
            raise self.pictures.failed(error) from error
