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
import numpy as np
import torch
from av.error import FFmpegError

from olhar.errors import OlharError
from olhar.media.files import shown
from olhar.media.video_codecs import encoder
from olhar.media.video_copy import FORMATS, add_copy, codec_of
from olhar.media.video_frame import frame_of
from olhar.media.video_open import complaint, fraction

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from av.stream import Stream
    from torch import Tensor

    from olhar.media.video_info import Outline
    from olhar.media.yuv import Array

_DEFAULT = 1  # AV_DISPOSITION_DEFAULT
_FRAME_DURATION = 1 << 8  # AV_CODEC_FLAG_FRAME_DURATION


class Writer:
    """Encodes images into a container and puts packets of other streams beside them unchanged.

    The file is opened at the first image, whose size is the video's; packets that come earlier
    wait.
    """

    notes: list[str]
    """Sentences about what could not be written as it was; complete after `close`."""
    size: tuple[int, int] | None
    """Height and width of the images, once there is one."""

    def __init__(self, path: Path, outline: Outline, *, name: Path) -> None:
        """Describe the file; nothing is written yet.

        Args:
            path: where to write.
            outline: what to write.
            name: the name that errors shall speak of.
        """
        self.notes = []
        self.size = None
        self._path, self._outline, self._name = path, outline, shown(name)
        self._suffix = path.suffix.lower()
        self._matroska = FORMATS[self._suffix] in {"matroska", "webm"}
        # H.264 itself says what shape its pixels have. For VP9 the container must, and PyAV lets
        # only MP4 know it.
        square = outline.aspect != 1 and outline.codec == "vp9" and self._matroska
        self._widen = outline.aspect if square else Fraction(1)
        self._container: Any = None
        self._stream: Any = None
        self._copies: dict[int, Stream] = {}
        self._last_dts: dict[int, int] = {}
        self._begun: set[int] = set()
        self._waiting: deque[Any] = deque()
        self._first_dts: int | None = None
        self._start = self._end = 0
        self._rounded = False

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
        array = self._checked(image)
        time = pts * self._outline.time_base
        self._rounded |= self._matroska and (1000 * time).denominator > 1
        self._end = pts + duration
        try:
            if self._container is None:
                self._start = pts
                self._open(array.shape[1], array.shape[2], time)
            frame = frame_of(array, self._outline.coding, even=self._outline.codec == "h264")
            frame.pts, frame.time_base = pts, self._outline.time_base
            frame.duration = duration
            packets: list[Any] = self._stream.encode(frame)
        except (FFmpegError, OSError) as error:
            raise self._failed(error) from error
        if packets and self._first_dts is None:
            self._first_dts = packets[0].dts
        self._mux(packets)

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
            packets: list[Any] = self._stream.encode(None)
            if packets:
                # An MP4 lasts until its last packet ends, and packets stand in the order of
                # decoding: the last one need not be the last frame.
                last = packets[-1]
                first = packets[0].dts if self._first_dts is None else self._first_dts
                last.duration = max(1, self._end - self._start - (last.dts - first))
            self._container.mux(packets)
            self._container.close()
        except (FFmpegError, OSError) as error:
            raise self._failed(error) from error

    def _open(self, height: int, width: int, start: Fraction) -> None:
        """Write the header and what has waited for it."""
        outline = self._outline
        options = self._container_options([start, *self._starts()])
        name, encoding = encoder(outline.codec)
        container: Any = av.open(
            f"file:{self._path}", "w", FORMATS[self._suffix], container_options=options
        )
        self._container = container
        container.metadata.update(outline.metadata)
        if outline.chapters:
            container.set_chapters(list(outline.chapters))
        if outline.codec == "h264" and (height % 2 or width % 2):
            even = (height + height % 2, width + width % 2)
            self.notes.append(
                f"H.264 needs even sides: {width} x {height} was made {even[1]} x {even[0]} by "
                "repeating the last column or row"
            )
            height, width = even
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
        context = stream.codec_context
        context.flags |= _FRAME_DURATION
        context.sample_aspect_ratio = outline.aspect / self._widen
        context.colorspace = outline.coding.matrix
        context.color_range = 2 if outline.coding.full else 1
        context.color_primaries = outline.coding.primaries
        context.color_trc = outline.coding.transfer
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

    def _checked(self, image: Tensor) -> Array:
        """The image as an array to encode, or a sentence about what is wrong with it."""
        shape = tuple(image.shape)
        if len(shape) != 3 or shape[0] != 3 or 0 in shape or not image.is_floating_point():
            raise OlharError(
                f"a frame for {self._name} has shape {shape} and type {image.dtype}; "
                "it must be a float image (3, height, width)"
            )
        if self.size is None:
            self.size = (shape[1], shape[2])
            if self._widen != 1:
                self.notes.append(
                    f"pixels were made square by stretching {shape[2]} columns to "
                    f"{round(shape[2] * self._widen)}, as VP9 in a {self._suffix} file needs it"
                )
        if shape[1:] != self.size:
            raise OlharError(
                f"the frames for {self._name} change size from {self.size[1]} x {self.size[0]} to "
                f"{shape[2]} x {shape[1]}; make them all alike"
            )
        image = image.detach().to("cpu", torch.float32)
        if self._widen != 1:
            from olhar.media.image import resize

            image = resize(image, (shape[1], max(1, round(shape[2] * self._widen))))
        array: Array = image.numpy()
        if not np.isfinite(array.sum()):
            raise OlharError(f"a frame for {self._name} holds values that are not finite numbers")
        return array

    def _mux(self, packets: list[Any]) -> None:
        try:
            self._container.mux(packets)
        except (FFmpegError, OSError) as error:
            raise self._failed(error) from error

    def _failed(self, error: Exception) -> OlharError:
        return OlharError(f"{self._name} could not be written: {complaint(error)}")
