"""Opening a video, or saying in one sentence why it is none."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import av
from av.error import FFmpegError

from olhar.errors import OlharError
from olhar.media.files import opened, reason, shown

if TYPE_CHECKING:
    from pathlib import Path

    from av.container import InputContainer
    from av.stream import Stream
    from av.video.stream import VideoStream

MAX_PIXELS = 1 << 26
"""How many pixels a frame may have; one of 8K has half as many."""

_LISTS = {"concat", "dash", "hls", "imf"}  # names of other files, in a file of any name
_ATTACHED_PICTURE = 0x400  # AV_DISPOSITION_ATTACHED_PIC


def fraction(value: Any) -> Fraction | None:
    """A rational of PyAV (its type differs between versions); None if unknown or not positive."""
    if value is None or not value.denominator or value.numerator <= 0:
        return None
    return Fraction(value.numerator, value.denominator)


def complaint(error: Exception) -> str:
    """What FFmpeg complains of, in words: without its number and the path.

    >>> complaint(av.error.InvalidDataError(1, "Invalid data found", "file:/home/me/clip.mp4"))
    'invalid data found'
    """
    return reason(ValueError(getattr(error, "strerror", None) or error))


def open_container(path: Path) -> InputContainer:
    """Open a file for demuxing, or say in a sentence why not.

    Args:
        path: a local file; nothing that it refers to on a network is fetched.

    Raises:
        OlharError: if it is missing, a folder, empty, a picture or nothing FFmpeg knows.
    """
    name = shown(path)
    with opened(path) as file:
        is_mp4 = file.read(12)[4:8] == b"ftyp"
    try:
        container = _open(path)
    except (FFmpegError, ValueError) as error:
        if is_mp4:
            raise OlharError(
                f"{name} is cut off or damaged: its index, which cameras write last, cannot be "
                "read; copy it again from where it came"
            ) from error
        raise OlharError(
            f"{name} is not a video that FFmpeg can read ({complaint(error)}); copy it again from "
            "where it came, or convert it to MP4"
        ) from error
    if container.format.name.endswith("_pipe") or container.format.name == "image2":
        kind = container.format.name.removesuffix("_pipe").upper()
        container.close()
        raise OlharError(f"{name} is a picture ({kind}) and not a video; give it its right ending")
    if _LISTS & {*container.format.name.split(",")}:
        container.close()
        raise OlharError(f"{name} is a list of other files and not a video; give one of those")
    return container


def _open(path: Path) -> InputContainer:
    # "file:" so that a colon in a name is no protocol; the white list keeps playlists off the net.
    name, options = f"file:{path}", {"protocol_whitelist": "file"}
    try:
        return av.open(name, "r", options=options)
    except UnicodeDecodeError:  # PyAV < 19 is strict about texts in the file
        lenient: Any = {"metadata_errors": "replace"}
        return av.open(name, "r", options=options, **lenient)


def is_cover(stream: Stream) -> bool:
    """Whether a stream holds one picture of what the file is about, as music files do.

    Args:
        stream: of an open container.
    """
    return bool(int(stream.disposition) & _ATTACHED_PICTURE)


def picture_stream(container: InputContainer, path: Path) -> VideoStream:
    """The first stream of moving pictures, ready to decode.

    Args:
        container: just opened; closed again if it has no such stream.
        path: its name for the sentence.

    Raises:
        OlharError: if there is none, its pictures are too large or FFmpeg has no decoder for it.
    """
    name = shown(path)
    videos = [stream for stream in container.streams.video if not is_cover(stream)]
    if not videos:
        found = "sound but no" if container.streams.audio else "no"
        container.close()
        raise OlharError(
            f"{name} holds {found} video; choose a file with moving pictures, or copy it again if "
            "it should have them"
        )
    context: Any = videos[0].codec_context
    if context is None:
        container.close()
        raise OlharError(
            f"the pictures in {name} are in a format this FFmpeg cannot decode; "
            "copy the file again if it may be cut off, or convert it to H.264 first"
        )
    if context.width * context.height > MAX_PIXELS:
        size = f"{context.width} x {context.height}"
        container.close()
        raise OlharError(
            f"the pictures in {name} have {size} pixels, and at most {MAX_PIXELS:,} are read; "
            "make them smaller"
        )
    context.options = {**context.options, "max_pixels": str(MAX_PIXELS)}  # of any later one too
    context.thread_type = "AUTO"
    return videos[0]
