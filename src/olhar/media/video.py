"""Videos: `frames` reads, `write_video` writes, `transform` does both and keeps all else.

A video is a file and stays one: it is decoded, changed and encoded frame by frame, so memory does
not grow with its length. Presentation times are kept to the tick (variable rates too), sound and
subtitles are copied packet by packet, pictures come upright and in true colours.
"""

from __future__ import annotations

from collections import deque
from contextlib import ExitStack
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from olhar.errors import OlharError
from olhar.media import hdr
from olhar.media.files import shown
from olhar.media.provenance import NotSigned, refuse_unsignable, signed
from olhar.media.video_codecs import choose_codec, encoder
from olhar.media.video_copy import FORMATS, plan_copies, texts
from olhar.media.video_info import SRGB, VIDEO_SUFFIXES, Frame, Outline, VideoInfo
from olhar.media.video_read import Reader, frames, probe
from olhar.media.video_write import Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from os import PathLike

    from torch import Tensor

    from olhar.media.mark import Mark
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

    Returns:
        What was done, with notes.

    Raises:
        OlharError: if either file is unfit, or `function` gives back more or fewer images.
    """
    source, target = Path(source), Path(target)
    codec = choose_codec(target, codec)
    refuse_unsignable(target, mark)
    times: deque[tuple[int, int]] = deque()  # of the images that `function` holds
    taken = given = 0
    unsigned = ""

    def written(error: NotSigned) -> None:
        nonlocal unsigned
        unsigned = str(error)

    with ExitStack() as stack:
        early: list[Any] = []  # packets that lie before the first picture
        reader = stack.enter_context(Reader(source, on_packet=early.append))
        info, origin = reader.info, reader.origin
        copies = plan_copies(reader, target)
        temporary = stack.enter_context(signed(target, mark, on_failure=written))
        stack.callback(reader.close)  # before the target is put in place: it may be the source
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
            origin=origin,
        )
        writer = stack.enter_context(Writer(temporary, outline, name=target))
        for packet in early:
            writer.copy(packet)
        reader.on_packet = writer.copy

        def images() -> Iterator[Tensor]:
            nonlocal taken
            for frame in reader:
                times.append((frame.pts - round(origin / frame.time_base), frame.duration))
                taken += 1
                yield frame.image

        for image in function(images()):
            if not times:
                raise OlharError(
                    f"the function for {shown(source)} gave back more frames than it took "
                    f"({taken}); it must give one for each"
                )
            writer.write(image, *times.popleft())
            given += 1
            if on_frame is not None:
                on_frame(given, info.frames)
        left = len(times) + sum(1 for _ in reader)
        if left:
            raise OlharError(
                f"the function for {shown(source)} gave back {given} of {given + left} frames; "
                "it must give one for each"
            )

    assert writer.size is not None  # a reader has at least one frame
    return VideoReport(
        source=source,
        target=target,
        frames=given,
        width=writer.size[1],
        height=writer.size[0],
        codec=codec,
        copied=tuple(copies.names),
        truncated=reader.truncated,
        notes=(*reader.notes, *copies.notes, *writer.notes),
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
        with Writer(temporary, outline, name=target) as writer:
            for count, image in enumerate(images):
                writer.write(image, count, 1)
                if on_frame is not None:
                    on_frame(count + 1)
        if writer.size is None:
            raise OlharError(f"there is no image to make {shown(target)} of; give at least one")
    return target


def _stored(coding: Coding) -> Coding:
    """How the pictures of a source are written: in its own matrix, but 8 bits and limited range."""
    return SRGB if hdr.changes(coding) else replace(coding, full=False, bits=8)
