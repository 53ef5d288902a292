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
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import av
import numpy as np
import torch
from av.error import FFmpegError

from olhar.errors import OlharError
from olhar.media.files import atomic, reason, shown
from olhar.media.video_codecs import choose_codec, encoder
from olhar.media.video_copy import FORMATS, add_copy
from olhar.media.video_frame import frame_of
from olhar.media.video_open import fraction
from olhar.media.yuv import BT709, Array, Coding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from os import PathLike
    from types import TracebackType

    from av.stream import Stream
    from torch import Tensor

SRGB = Coding(matrix=BT709, primaries=1, transfer=1)
"""How images that come from no video are stored: BT.709, limited range."""


class Writer:
    """Encodes images into a container and puts packets of other streams beside them unchanged.

    The file is opened at the first image, whose size is the video's; packets that come earlier
    wait.
    """

    def __init__(
        self,
        path: Path,
        *,
        codec: str,
        rate: Fraction,
        time_base: Fraction,
        coding: Coding = SRGB,
        aspect: Fraction = Fraction(1),
        metadata: dict[str, str] | None = None,
        stream_metadata: dict[str, str] | None = None,
        chapters: Sequence[Any] = (),
        copies: Sequence[Stream] = (),
        origin: Fraction = Fraction(0),
        name: Path | None = None,
    ) -> None:
        """Describe the file; nothing is written yet.

        Args:
            path: where to write.
            codec: "h264" or "vp9".
            rate: frames per second, on average.
            time_base: seconds per unit of the presentation times.
            coding: how to store the colours.
            aspect: width of a pixel over its height.
            metadata: texts about the file, such as its title.
            stream_metadata: texts about the pictures, such as their language.
            chapters: as `Container.chapters` gives them.
            copies: streams of a source whose packets will be handed to `copy`.
            origin: the time in seconds of those packets that is 0 in this file.
            name: the name that errors shall speak of.
        """
        self.notes: list[str] = []
        self.size: tuple[int, int] | None = None  # height, width of the images
        self._path, self._name = path, name or path
        self._codec, self._coding, self._rate = codec, coding, rate
        self._time_base, self._aspect = time_base, aspect
        self._metadata, self._stream_metadata = metadata or {}, stream_metadata or {}
        self._chapters, self._templates, self._origin = chapters, copies, origin
        self._container: Any = None
        self._stream: Any = None
        self._copies: dict[int, Stream] = {}
        self._last_dts: dict[int, int] = {}
        self._waiting: deque[Any] = deque()
        self._rounded = False
        self._first_dts: int | None = None
        self._start = self._end = 0

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
        if self._container is None:
            self._open(array.shape[1], array.shape[2], pts * self._time_base)
            self._start = pts
        self._rounded |= (1000 * pts * self._time_base).denominator > 1
        frame = frame_of(array, self._coding, even=self._codec == "h264")
        frame.pts, frame.time_base = pts, self._time_base
        frame.duration = duration
        self._end = pts + duration
        packets: list[Any] = self._stream.encode(frame)
        if self._first_dts is None and packets:
            self._first_dts = packets[0].dts
        self._mux(packets)

    def copy(self, packet: Any) -> None:
        """Put a packet of one of the `copies` into the file as it is; others are left out."""
        if self._container is None:
            self._waiting.append(packet)
            return
        stream = self._copies.get(packet.stream.index)
        if stream is None or (packet.size == 2 and stream.codec_context.name == "mov_text"):
            return  # an empty text marks the end of the one before: the muxer makes its own
        ticks = round(self._origin / (fraction(packet.time_base) or 1))
        if packet.pts is not None:
            packet.pts -= ticks
        if packet.dts is not None:
            last = self._last_dts.get(stream.index, packet.dts - ticks)
            packet.dts = max(packet.dts - ticks, last)  # a muxer refuses to go back
            packet.pts = max(packet.pts or packet.dts, packet.dts)
            self._last_dts[stream.index] = packet.dts
        packet.stream = stream
        self._mux([packet])

    def close(self) -> None:
        """Encode what is left and finish the file; without any image there is none."""
        if self._container is not None:
            if self._rounded and FORMATS[self._path.suffix.lower()] in {"matroska", "webm"}:
                self.notes.append("times were rounded to the millisecond, as Matroska stores them")
            packets: list[Any] = self._stream.encode(None)
            if packets:
                # MP4 lasts until the last packet ends, which need not be the last frame: packets
                # stand in the order of decoding.
                first, last = self._first_dts, packets[-1]
                first = packets[0].dts if first is None else first
                last.duration = max(1, self._end - self._start - (last.dts - first))
            self._mux(packets)
            try:
                self._container.close()
            except (FFmpegError, OSError) as error:
                raise self._failed(error) from error

    def _open(self, height: int, width: int, start: Fraction) -> None:
        suffix = self._path.suffix.lower()
        starts = self._starts()
        starts.append(start)
        self.size = (height, width)
        if self._codec == "h264" and (height % 2 or width % 2):
            self.notes.append(
                f"H.264 needs even sides: {width} x {height} was made {width + width % 2} x "
                f"{height + height % 2} by repeating the last column or row"
            )
        options: dict[str, str] = {}
        if suffix in {".mp4", ".mov"}:
            # Apple's keys ("com.apple.quicktime.location...") have a table of their own.
            own_keys = any("." in key for key in self._metadata)
            options["movflags"] = "+faststart" + "+use_metadata_tags" * own_keys
            # The clock in which MP4 says how late a stream starts, by default milliseconds.
            clock = math.lcm(1000, *(time.denominator for time in starts if time > 0))
            options["movie_timescale"] = str(clock if clock < 1 << 31 else 1000)
        elif min(starts) < 0:
            self.notes.append(
                f"all streams start {float(-min(starts)):.3f} seconds later, since a {suffix} file "
                "has no times before 0"
            )
        name, encoding = encoder(self._codec)
        container: Any = av.open(
            f"file:{self._path}", "w", FORMATS[suffix], container_options=options
        )
        self._container = container
        container.metadata.update(self._metadata)
        if self._chapters:
            container.set_chapters(list(self._chapters))
        stream: Any = container.add_stream(
            name,
            rate=self._rate,
            options=dict(encoding),
            width=width + (width % 2 if self._codec == "h264" else 0),
            height=height + (height % 2 if self._codec == "h264" else 0),
            pix_fmt="yuv420p",
            time_base=self._time_base,
        )
        stream.time_base = self._time_base
        stream.metadata.update(self._stream_metadata)
        stream.disposition = 1  # the default one
        context = stream.codec_context
        context.flags |= 1 << 8  # AV_CODEC_FLAG_FRAME_DURATION
        context.sample_aspect_ratio = self._aspect
        context.colorspace = self._coding.matrix
        context.color_range = 2 if self._coding.full else 1
        context.color_primaries = self._coding.primaries
        context.color_trc = self._coding.transfer
        self._stream = stream
        for template in self._templates:
            self._copies[template.index] = add_copy(container, template)
        while self._waiting:
            self.copy(self._waiting.popleft())

    def _starts(self) -> list[Fraction]:
        """When the copied streams start in this file, in seconds."""
        starts: dict[int, Fraction] = {}
        for packet in self._waiting:  # before the header, which knows nothing of a codec's run-in
            if packet.pts is not None:
                time = packet.pts * (fraction(packet.time_base) or Fraction(1))
                starts.setdefault(packet.stream.index, time - self._origin)
        for stream in self._templates:
            if stream.start_time is not None:
                time = stream.start_time * (fraction(stream.time_base) or Fraction(1))
                starts.setdefault(stream.index, time - self._origin)
        return list(starts.values())

    def _checked(self, image: Tensor) -> Array:
        name, shape = shown(self._name), tuple(image.shape)
        if len(shape) != 3 or shape[0] != 3 or 0 in shape or not image.is_floating_point():
            raise OlharError(
                f"a frame for {name} has shape {shape} and type {image.dtype}; "
                "it must be a float image (3, height, width)"
            )
        if self.size is not None and shape[1:] != self.size:
            raise OlharError(
                f"the frames for {name} change size from {self.size[1]} x {self.size[0]} to "
                f"{shape[2]} x {shape[1]}; make them all alike"
            )
        array: Array = image.detach().to("cpu", torch.float32).numpy()
        if not np.isfinite(array.sum()):
            raise OlharError(f"a frame for {name} holds values that are not finite numbers")
        return array

    def _mux(self, packets: list[Any]) -> None:
        try:
            self._container.mux(packets)
        except (FFmpegError, OSError) as error:
            raise self._failed(error) from error

    def _failed(self, error: Exception) -> OlharError:
        return OlharError(f"{shown(self._name)} could not be written: {reason(error)}")


def write_video(
    path: str | PathLike[str],
    images: Iterable[Tensor],
    rate: float | Fraction,
    *,
    codec: str | None = None,
    on_frame: Callable[[int], None] | None = None,
) -> Path:
    """Make a video of images, all shown equally long.

    Args:
        path: the file; .mp4, .mov, .mkv or .webm. An existing one is replaced once all is written.
        images: (3, H, W) in [0, 1], all of one size; taken one by one.
        rate: images per second, above 0 and at most 1000.
        codec: "h264", "vp9" or None for what suits the ending.
        on_frame: called after each image with how many are written.

    Returns:
        The path of the file.

    Raises:
        OlharError: if there is no image, one has another size, or the file cannot be written.

    >>> import tempfile
    >>> fade = (torch.full((3, 48, 64), step / 9) for step in range(10))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_video(Path(folder) / "fade.mp4", fade, rate=25).name
    'fade.mp4'
    """
    target = Path(path)
    if not 0 < rate <= 1000:
        raise OlharError(
            f"a video cannot show {rate} images per second; choose more than 0, up to 1000"
        )
    exact = Fraction(rate).limit_denominator(1001)
    codec = choose_codec(target, codec)
    with atomic(target) as temporary:
        with Writer(temporary, codec=codec, rate=exact, time_base=1 / exact, name=target) as writer:
            for count, image in enumerate(images):
                writer.write(image, count, 1)
                if on_frame is not None:
                    on_frame(count + 1)
        if writer.size is None:
            raise OlharError(f"there is no image to make {shown(target)} of; give at least one")
    return target
