"""Videos: `frames` reads, `write_video` writes, `transform` does both and keeps all else.

A video is a file and stays one: it is decoded, changed and encoded frame by frame, so memory does
not grow with its length. Presentation times are kept to the tick (variable rates too), sound and
subtitles are copied packet by packet, pictures come upright and in true colours.
"""

from __future__ import annotations

from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from av.error import FFmpegError

from olhar.errors import OlharError
from olhar.media import hdr
from olhar.media.files import shown
from olhar.media.memory import map_large
from olhar.media.provenance import NotSigned, refuse_unsignable, signed
from olhar.media.segments import End
from olhar.media.video_change import changed
from olhar.media.video_codecs import choose_codec, encoder
from olhar.media.video_copy import FORMATS, plan_copies, texts
from olhar.media.video_encode import Pictures
from olhar.media.video_info import SRGB, VIDEO_SUFFIXES, Frame, Outline, VideoInfo
from olhar.media.video_join import join
from olhar.media.video_open import open_container
from olhar.media.video_read import Reader, frames, probe
from olhar.media.video_write import Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from os import PathLike

    from torch import Tensor

    from olhar.media.mark import Mark
    from olhar.media.segments import Segments
    from olhar.media.video_change import Timed
    from olhar.media.yuv import Coding

__all__ = [
    "VIDEO_SUFFIXES",
    "WRITABLE_VIDEO_SUFFIXES",
    "Frame",
    "Reader",
    "VideoInfo",
    "VideoReport",
    "encoder",
    "frames",
    "probe",
    "transform",
    "write_video",
]

WRITABLE_VIDEO_SUFFIXES = frozenset(FORMATS)
"""The endings under which a video can be written."""


@dataclass(frozen=True, kw_only=True)
class VideoReport:
    """What became of a video."""

    source: Path
    """The file that was read."""
    target: Path
    """The file that was written."""
    frames: int
    """How many frames went through."""
    width: int
    """Columns of the images written."""
    height: int
    """Rows of the images written."""
    codec: str
    """The codec written, "h264" or "vp9"."""
    copied: tuple[str, ...]
    """The streams taken over as they were."""
    truncated: bool
    """Whether the source ended before its header said it would."""
    notes: tuple[str, ...]
    """Sentences worth telling: what was repaired, left out or changed."""
    unsigned: str = ""
    """Why the file, which is there, is not signed; empty if it is, or need not be."""


def transform(
    source: str | PathLike[str],
    target: str | PathLike[str],
    function: Callable[[Iterator[Tensor]], Iterator[Tensor]],
    *,
    codec: str | None = None,
    mark: Mark | None = None,
    on_frame: Callable[[int, int | None], None] | None = None,
    segments: Segments | None = None,
) -> VideoReport:
    """Send the pictures of a video through a function and keep everything else.

    Args:
        source: the video to read; any format FFmpeg knows.
        target: the video to write; .mp4, .mov, .mkv or .webm. It appears once it is complete.
        function: takes an iterator of upright images (3, H, W) in [0, 1] and yields as many, in
            order; it may look ahead, and may change the size if it does so for all alike.
        codec: "h264", "vp9" or None for what suits the ending (VP9 in .webm, else H.264).
        mark: what a machine does to the pictures: the file, .mp4 or .mov, is signed and says so.
        on_frame: called after each frame with how many are done and how many there are, if known.
        segments: where a long film is kept while it is made; it goes on after those that are there.
            They stay, for the caller to remove once the film has its place.

    Returns:
        What was done, with notes.

    Raises:
        OlharError: if either file is unfit, or `function` gives back more or fewer images.
    """
    source, target = Path(source), Path(target)
    codec = choose_codec(target, codec)
    refuse_unsignable(target, mark)
    map_large()
    unsigned = ""

    def written(error: NotSigned) -> None:
        nonlocal unsigned
        unsigned = str(error)

    with ExitStack() as stack:
        early: list[Any] = []  # packets that lie before the first picture
        reader = stack.enter_context(Reader(source, on_packet=early.append))
        info = reader.info
        copies = plan_copies(reader, target)
        outline = Outline(
            codec=codec,
            rate=info.rate or Fraction(25),
            time_base=info.time_base,
            coding=_stored(info.coding),
            aspect=info.aspect,
            metadata=texts(reader.container.metadata),
            stream_metadata=texts(reader.stream.metadata),
            chapters=reader.container.chapters(),
            copies=copies.streams,
            origin=reader.origin,
        )
        pictures = Pictures(outline, target.suffix.lower(), shown(target))
        told = on_frame or _silent
        kept = segments if segments and segments.suit(codec, _length(reader)) else None
        ended = kept and _fill(kept, reader, function, pictures, codec, told)
        temporary = stack.enter_context(signed(target, mark, on_failure=written))
        stack.callback(reader.close)  # before the target is put in place: it may be the source
        with Writer(temporary, outline, pictures) as writer:
            for packet in early:
                writer.copy(packet)
            if kept is not None:
                join(writer, kept.packets(), reader, len(early))
                given = kept.frames
            else:
                reader.on_packet, given = writer.copy, 0
                for each in changed(reader, function):
                    writer.write(each.image, each.pts, each.duration)
                    given += 1
                    told(given, info.frames)
        ended = ended or End(reader.truncated, tuple(reader.notes))
        if kept is not None:
            kept.make_room(temporary)

    assert pictures.size is not None  # a reader has at least one frame
    return VideoReport(
        source=source,
        target=target,
        frames=given,
        width=pictures.size[1],
        height=pictures.size[0],
        codec=codec,
        copied=tuple(copies.names),
        truncated=ended.truncated,
        notes=(*ended.notes, *copies.notes, *writer.notes),
        unsigned=unsigned,
    )


def write_video(
    path: str | PathLike[str],
    images: Iterable[Tensor],
    rate: float | Fraction,
    *,
    codec: str | None = None,
    mark: Mark | None = None,
    on_frame: Callable[[int], None] | None = None,
) -> Path:
    """Make a video of images, all shown equally long.

    Args:
        path: the file; .mp4, .mov, .mkv or .webm. An existing one is replaced once all is written.
        images: (3, H, W) in [0, 1], all of one size; taken one by one.
        rate: images per second, above 0 and at most 1000.
        codec: "h264", "vp9" or None for what suits the ending.
        mark: what a machine did: the file, .mp4 or .mov, is signed and says so. None is for what no
            machine has made.
        on_frame: called after each image with how many are written.

    Returns:
        The path of the file.

    Raises:
        NotSigned: the file is there, but could not be signed.
        OlharError: if there is no image, one has another size, or the file cannot be written.

    >>> import tempfile, torch
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
    refuse_unsignable(target, mark)
    exact = Fraction(rate).limit_denominator(1001)
    outline = Outline(codec=choose_codec(target, codec), rate=exact, time_base=1 / exact)
    with signed(target, mark) as temporary:
        pictures = Pictures(outline, target.suffix.lower(), shown(target))
        with Writer(temporary, outline, pictures) as writer:
            for count, image in enumerate(images):
                writer.write(image, count, 1)
                if on_frame is not None:
                    on_frame(count + 1)
        if pictures.size is None:
            raise OlharError(f"there is no image to make {shown(target)} of; give at least one")
    return target


def _stored(coding: Coding) -> Coding:
    """How the pictures of a source are written: in its own matrix, but 8 bits and limited range."""
    return SRGB if hdr.changes(coding) else replace(coding, full=False, bits=8)


def _silent(done: int, of: int | None) -> None:
    """Tell nobody."""


def _length(reader: Reader) -> int | None:
    """How many frames a video has; where it does not say so they are counted, if that can be."""
    length = reader.info.frames
    if length is None:
        with open_container(reader.path) as container, suppress(FFmpegError):
            length = sum(packet.size > 0 for packet in container.demux(reader.stream.index))
    return length


def _fill(
    segments: Segments,
    reader: Reader,
    function: Callable[[Iterator[Tensor]], Iterator[Tensor]],
    pictures: Pictures,
    codec: str,
    told: Callable[[int, int | None], None],
) -> End:
    """Make the segments that are missing; returns what is to be told of the source."""
    reader.on_packet = None  # what is beside the pictures is read once they are there
    segments.find(codec)
    if segments.last is not None:
        pictures.sized(*segments.last.size)
        told(segments.frames, reader.info.frames)
        if segments.last.end is not None:
            return segments.last.end

    def images() -> Iterator[Timed]:
        first, done = segments.frames, segments.frames
        for each in changed(reader, function, first=first, warm_up=segments.warm_up):
            yield each
            done += 1
            told(done, reader.info.frames)

    segments.fill(images(), pictures, reader)
    return End(reader.truncated, tuple(reader.notes))
