"""Which streams of a video can stand beside new pictures in a new file without being touched.

Sound, subtitles, data and attachments are copied packet by packet. What a container takes is known
for certain only by trying, so each stream is put alone into an empty file in memory first.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import av
from av.error import FFmpegError

from olhar.errors import OlharError
from olhar.media.files import shown
from olhar.media.video_open import is_cover

if TYPE_CHECKING:
    from pathlib import Path

    from av.stream import Stream

    from olhar.media.video_read import Reader

FORMATS = {".mp4": "mp4", ".mov": "mov", ".mkv": "matroska", ".webm": "webm"}
"""What can be written: ending -> FFmpeg's name of the container."""

_OF_THE_FILE = {"major_brand", "minor_version", "compatible_brands", "encoder", "duration", "bps"}


@dataclass
class Copies:
    """What of a source is taken over as it is, and sentences about what is not."""

    streams: list[Stream] = field(default_factory=list["Stream"])
    names: list[str] = field(default_factory=list[str])
    notes: list[str] = field(default_factory=list[str])


def plan_copies(reader: Reader, target: Path) -> Copies:
    """Choose what to copy from a video into a file of another name.

    Args:
        reader: the source.
        target: the file to be written; its ending decides.

    Returns:
        The streams to copy.

    Raises:
        OlharError: if the sound does not fit into the target but would into another kind of file.
    """
    copies = Copies()
    suffix = target.suffix.lower()
    chapters = bool(reader.container.chapters())
    for stream in reader.others:
        kind = stream_name(stream)
        if stream.type == "video" and not is_cover(stream):
            copies.notes.append(f"only the first of several video streams was used, not {kind}")
        elif is_cover(stream) and suffix != ".mp4":  # others make it a stream like any other
            copies.notes.append(f"{kind} was left out, which only a .mp4 file keeps apart")
        elif fits(stream, FORMATS[suffix]):
            copies.streams.append(stream)
            copies.names.append(kind)
        elif stream.type == "audio":
            other = next((end for end in (".mp4", ".mkv") if fits(stream, FORMATS[end])), None)
            if other is not None:
                raise OlharError(
                    f"a {suffix} file cannot hold the sound of {shown(reader.path)}, {kind}; "
                    f"end {shown(target)} in {other} instead"
                )
            copies.notes.append(f"the sound could not be copied ({kind})")
        elif not (chapters and stream.type == "data"):  # MP4 keeps chapters in a data stream too
            copies.notes.append(f"{kind} was left out, which a {suffix} file cannot hold")
    return copies


def fits(stream: Stream, container_format: str) -> bool:
    """Whether a stream can be copied into a container, found by trying.

    Args:
        stream: of an open input container.
        container_format: FFmpeg's name, such as "mp4".

    Returns:
        Whether the container's header could be written with it.
    """
    try:
        container: Any = av.open(io.BytesIO(), "w", format=container_format)
        with container:
            add_copy(container, stream)
            container.start_encoding()
    except (FFmpegError, ValueError, TypeError, AttributeError):
        return False
    return True


def add_copy(container: Any, template: Stream) -> Stream:
    """A stream in an output container for the unchanged packets of another file's stream.

    Args:
        container: an output container whose header is not yet written.
        template: a stream of an open input container.

    Returns:
        The new stream, with the template's texts and roles (default, forced, ...).
    """
    stream = container.add_stream_from_template(template)
    stream.metadata.update(texts(template.metadata))
    stream.disposition = int(template.disposition)
    return stream


def texts(metadata: dict[str, str]) -> dict[str, str]:
    """What people wrote into a file, without what its muxer did.

    Args:
        metadata: of a container or a stream.

    >>> texts({"title": "Sea", "encoder": "Lavf62", "NUMBER_OF_FRAMES": "12"})
    {'title': 'Sea'}
    """
    return {
        key: text
        for key, text in metadata.items()
        if key.lower() not in _OF_THE_FILE and not key.startswith(("NUMBER_OF_", "_STATISTICS_"))
    }


def codec_of(stream: Stream) -> str | None:
    """The name of a stream's codec, such as "aac", if there is one.

    Args:
        stream: of an open container.
    """
    context: Any = stream.codec_context
    return getattr(stream, "name", None) if context is None else context.codec.canonical_name


def stream_name(stream: Stream) -> str:
    """A stream as a person would call it, such as "a subtitle stream (subrip)".

    Args:
        stream: of an open container.
    """
    codec = codec_of(stream)
    kind = "cover picture" if is_cover(stream) else f"{stream.type} stream"
    article = "an" if kind[0] in "aeiou" else "a"
    return f"{article} {kind}" + (f" ({codec})" if codec else "")
