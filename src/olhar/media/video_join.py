"""Encoded pictures and the sound of the film they were made of, packet by packet into one file."""

from __future__ import annotations

from fractions import Fraction
from itertools import islice
from typing import TYPE_CHECKING, Any

from av.error import FFmpegError

from olhar.media.video_open import fraction, open_container

if TYPE_CHECKING:
    from collections.abc import Iterator

    from olhar.media.video_read import Reader
    from olhar.media.video_write import Writer


def join(writer: Writer, pictures: Iterator[Any], reader: Reader, early: int) -> None:
    """Put pictures into a file, and beside them what the writer copies of their source.

    Args:
        writer: of the file, which has been given the first packets of the source.
        pictures: packets in order of decoding, of which there is at least one.
        reader: of the source, which is read once more.
        early: how many packets the writer has been given.

    Raises:
        OlharError: if it cannot be written.
    """
    waiting = next(pictures, None)
    assert waiting is not None
    writer.begin(waiting.pts)
    with open_container(reader.path) as container:
        for packet in islice(_beside(container, reader.stream.index), early, None):
            if packet.dts is not None:
                time = packet.dts * (fraction(packet.time_base) or Fraction(1)) - reader.origin
                while waiting is not None and waiting.dts * reader.time_base <= time:
                    writer.put(waiting)
                    waiting = next(pictures, None)
            writer.copy(packet)
    while waiting is not None:
        writer.put(waiting)
        waiting = next(pictures, None)


def _beside(container: Any, pictures: int) -> Iterator[Any]:
    """The packets of all other streams, as far as the file can be read."""
    packets = container.demux()
    while True:
        try:
            packet = next(packets, None)
        except FFmpegError:  # as the reader has told
            return
        if packet is None:
            return
        flush = packet.dts is None and packet.size == 0
        if packet.stream.index != pictures and not flush:
            yield packet
