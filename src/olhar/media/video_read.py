"""Videos as a stream of upright images with their presentation times.

Only one frame is held at a time, whatever the length. What a file gets wrong is told, not hidden:
a `Reader` gathers sentences in `notes` while it is read (cut-off files, damaged frames, ...).
"""

from __future__ import annotations

from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from av.error import FFmpegError
from torch.nn import functional as F

from olhar.errors import OlharError
from olhar.media import hdr
from olhar.media.files import shown
from olhar.media.video_extent import Extent, end_of
from olhar.media.video_frame import Orientation, coding_of, image_of
from olhar.media.video_info import Frame, VideoInfo
from olhar.media.video_open import complaint, fraction, open_container, picture_stream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from os import PathLike
    from types import TracebackType

    import av
    from av.stream import Stream

_CLOCKS = {"mpeg", "mpegts"}  # formats whose times start anywhere


class Reader:
    """An iterator over the frames of a video; leaving its `with` or dropping it frees the file."""

    info: VideoInfo
    """What header and first frame say."""
    notes: list[str]
    """Sentences about what was found wrong; complete once the last frame has been read."""
    truncated: bool
    """Whether the file ended before its header said it would; known after the last frame."""
    skip: int = 0
    """How many frames at the beginning are decoded but not given; to be set before the first."""

    def __init__(
        self, path: str | PathLike[str], *, on_packet: Callable[[Any], None] | None = None
    ) -> None:
        """Open a video and decode its first frame.

        Args:
            path: the file.
            on_packet: receives each undecoded packet of the other streams, in file order.

        Raises:
            OlharError: if there is no such file or it holds no video that can be decoded.
        """
        self.path = Path(path)
        self.notes = []
        self.truncated = False
        self.container = open_container(self.path)
        self.stream = picture_stream(self.container, self.path)
        self._extent = Extent(self.container, self.stream, self.path)
        self.on_packet = on_packet
        self._damaged = 0
        self._last_pts: int | None = None
        self._moved = 0
        self._interlaced = False
        self.time_base = fraction(self.stream.time_base) or Fraction(1, 1000)
        self.rate = fraction(self.stream.guessed_rate) or fraction(self.stream.average_rate)
        decoded = self._decode()
        first = next(decoded, None)
        if first is None:
            self.close()
            raise OlharError(
                f"no frame of {shown(self.path)} can be decoded; copy it again from where it came"
            )
        self._orientation = Orientation.of(first)
        self._size = (first.height, first.width)
        self.info = self._describe(first)
        self._frames = self._upright(chain((first,), decoded))

    def __iter__(self) -> Iterator[Frame]:
        return self

    def __next__(self) -> Frame:
        return next(self._frames)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Release the file."""
        self.container.close()

    @property
    def others(self) -> list[Stream]:
        """The streams beside the pictures: sound, subtitles, data, attachments, cover art."""
        return [stream for stream in self.container.streams if stream.index != self.stream.index]

    @property
    def origin(self) -> Fraction:
        """The time in seconds that counts as zero: 0, or where a broadcast's clock starts."""
        if self.container.format.name not in _CLOCKS:
            return Fraction(0)
        starts = [
            stream.start_time * (fraction(stream.time_base) or 0)
            for stream in self.container.streams
            if stream.start_time is not None
        ]
        return Fraction(min(starts, default=0))

    def _decode(self) -> Iterator[av.VideoFrame]:
        """The pictures in the order they are shown; other packets go to `on_packet`."""
        packets = self.container.demux()
        while True:
            try:
                packet: Any = next(packets, None)
            except FFmpegError as error:
                self.truncated = True
                self.notes.append(f"reading stopped early: {complaint(error)}")
                packet = None
            if packet is None:
                break
            flush = packet.dts is None and packet.size == 0
            self._extent.add(packet)
            if packet.stream.index == self.stream.index:
                # A damaged packet costs its frame, not the video.
                try:
                    yield from self.stream.decode(packet)
                except FFmpegError:
                    self._damaged += not flush
            elif self.on_packet is not None and not flush:
                self.on_packet(packet)
        missing = self._extent.missing()
        if missing is not None:
            self.truncated = True
            self.notes.append(missing)

    def _upright(self, decoded: Iterator[av.VideoFrame]) -> Iterator[Frame]:
        """Decoded pictures as frames of one size, the way up they are to be seen."""
        centred = self.stream.codec_context.name == "mjpeg"
        resized = 0
        for number, (picture, pts, duration) in enumerate(self._timed(decoded)):
            self._interlaced |= picture.interlaced_frame
            self._damaged += picture.is_corrupt
            other = (picture.height, picture.width) != self._size
            resized += other
            if number < self.skip:
                continue
            image = image_of(picture, centred=centred)
            if other:
                image = F.interpolate(
                    image[None], self._size, mode="bicubic", antialias=True, align_corners=False
                )[0].clamp_(0, 1)
            upright = self._orientation.apply(image)
            yield Frame(upright, pts, self.time_base, duration, bool(picture.key_frame))
        self._conclude(resized)

    def _timed(self, decoded: Iterator[av.VideoFrame]) -> Iterator[tuple[av.VideoFrame, int, int]]:
        """Pictures with presentation time and duration: until the next one, or the video's end."""
        waiting = next(decoded)
        pts = self._time(waiting)
        for picture in decoded:
            after = self._time(picture)
            yield waiting, pts, after - pts
            waiting, pts = picture, after
        duration = waiting.duration or 0
        end = None if self.truncated else end_of(self.stream)
        if end is not None:
            duration = max(duration, round(end / self.time_base) - pts)
        yield waiting, pts, duration

    def _time(self, picture: av.VideoFrame) -> int:
        """The presentation time, which must grow from frame to frame."""
        last = self._last_pts
        pts = picture.pts
        if pts is None:
            step = 1 / ((self.rate or Fraction(25)) * self.time_base)
            pts = 0 if last is None else last + max(1, round(step))
        if last is not None and pts <= last:
            self._moved += 1
            pts = last + 1
        self._last_pts = pts
        return pts

    def _conclude(self, resized: int) -> None:
        """After the last frame: say what was found wrong."""
        if self._damaged:
            self.notes.append(f"{self._damaged} frames are damaged")
        if self._moved:
            self.notes.append(
                f"{self._moved} frames had a time not after the one before and are shown later"
            )
        if self._interlaced:
            self.notes.append("the video is interlaced; its fields were left woven together")
        if hdr.changes(self.info.coding):
            kind = "HDR" if hdr.is_hdr(self.info.coding) else "wide-gamut"
            self.notes.append(f"the colours of this {kind} video were brought to sRGB")
        if resized:
            self.notes.append(
                f"the picture size changes within the video; {resized} frames were brought to "
                f"{self.info.width} x {self.info.height}"
            )

    def _describe(self, first: av.VideoFrame) -> VideoInfo:
        aspect = fraction(self.stream.sample_aspect_ratio) or Fraction(1)
        turned = self._orientation.transposed
        own = self.stream.duration
        whole = self.container.duration
        duration = own * self.time_base if own else Fraction(whole, 1_000_000) if whole else None
        estimate = round(duration * self.rate) if duration and self.rate else None
        return VideoInfo(
            path=self.path,
            width=first.height if turned else first.width,
            height=first.width if turned else first.height,
            rotation=self._orientation.degrees,
            frames=self.stream.frames or estimate,
            duration=None if duration is None else float(duration),
            rate=self.rate,
            time_base=self.time_base,
            codec=self.stream.codec_context.codec.canonical_name,
            coding=coding_of(first),
            aspect=1 / aspect if turned else aspect,
            has_audio=any(stream.type == "audio" for stream in self.container.streams),
        )


def frames(path: str | PathLike[str]) -> Reader:
    """The frames of a video, streamed.

    Args:
        path: the file.

    Returns:
        An iterator of `Frame` that also has `info`, `notes` and `truncated`.

    Raises:
        OlharError: if there is no such file or it holds no video that can be decoded.
    """
    return Reader(path)


def probe(path: str | PathLike[str]) -> VideoInfo:
    """What a video's header and first frame say.

    Args:
        path: the file.

    Returns:
        Size as seen (upright), duration, rate, codec and colours.

    Raises:
        OlharError: if there is no such file or it holds no video that can be decoded.
    """
    with Reader(path) as reader:
        return reader.info
