"""The file that a dataset is packed into: frames, each with its own checksums.

    MAGIC  HEAD frame  CHUNK frames ...  FILE frames ...  END frame

A frame is its kind (1 byte), the lengths of its head and its body (4 bytes each), the CRC-32 of all
that and of the head (4 bytes), the head, the body. Heads are JSON, deflated. HEAD says which model
reads the numbers; a CHUNK holds some tens of pictures and says of each its name, size, length and
CRC; a FILE is no picture and comes along as it is; END counts them all. So whoever opens an archive
reads the heads and skips the bodies, any picture can be had without the others, no changed byte
goes unnoticed, and of a torso the whole chunks can be had.
"""

from __future__ import annotations

import binascii
import json
import struct
import zlib
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from olhar.errors import OlharError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAGIC = b"olhar\0pk"
VERSION = 1
HEAD, CHUNK, FILE, END = b"H", b"C", b"F", b"E"
LAYOUT = struct.Struct("<cIII")
"""Of what a frame begins with."""
_MOST = 1 << 22  # bytes of a head, inflated; one names some tens of pictures
_PACKED = 1 << 20  # bytes of a head as it is in the file


class Damaged(OlharError):  # noqa: N818
    """Bytes of an archive are missing or were changed."""


@dataclass(frozen=True)
class Item:
    """A picture in an archive."""

    name: str
    """relative to the folder, with / between folders"""
    height: int
    width: int
    length: int
    """bytes of its numbers"""
    check: int
    """CRC-16 of its bytes"""
    beside: int = 0
    """bytes of what its file knew beside the pixels, after the numbers"""
    extra: dict[str, Any] = field(default_factory=dict[str, Any])
    """what is true of few: "grey", "dpi"; "file": the bytes are those of the file itself"""


@dataclass(frozen=True)
class Frame:
    """A part of an archive, its body not yet read."""

    kind: bytes
    head: dict[str, Any]
    start: int
    """of the body"""
    length: int
    """of the body"""

    @property
    def end(self) -> int:
        """Where the next one begins."""
        return self.start + self.length

    def body(self, file: BinaryIO) -> bytes:
        """What a HEAD or a FILE holds.

        Raises:
            Damaged: if it was changed.
        """
        file.seek(self.start)
        found = file.read(self.length)
        if found and zlib.crc32(found) != self.head.get("change" if self.kind == HEAD else "check"):
            raise Damaged("has bytes that were changed")
        return found

    def items(self) -> list[tuple[Item, int]]:
        """The pictures of a CHUNK, and where the bytes of each begin.

        Raises:
            Damaged: if they are not where the lengths say, or it says no such things.
        """
        try:
            return self._items()
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            raise Damaged("has a part that cannot be read") from error

    def _items(self) -> list[tuple[Item, int]]:
        columns = self.head
        rows = zip(
            *(columns[key] for key in ("names", "heights", "widths", "lengths", "checks")),
            columns.get("beside") or [0] * len(columns["names"]),
            strict=True,
        )
        extras: dict[str, dict[str, Any]] = columns.get("extra", {})
        found: list[tuple[Item, int]] = []
        start = self.start
        for number, row in enumerate(rows):
            item = Item(*row, extra=dict(extras.get(str(number), {})))
            if not all(isinstance(each, int) and each >= 0 for each in row[1:]):
                raise ValueError("no whole number")
            found.append((item, start))
            start += item.length + item.beside
        if start != self.end:
            raise Damaged("the lengths of its pictures do not add up")
        return found


def check_of(data: bytes) -> int:
    """CRC-16, which notices any 16 neighbouring bits."""
    return binascii.crc_hqx(data, 0)


def frame(kind: bytes, head: dict[str, Any], body: bytes = b"") -> bytes:
    """The bytes of a frame."""
    said = zlib.compress(json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode(), 9)
    layout = LAYOUT.pack(kind, len(said), len(body), 0)
    return LAYOUT.pack(kind, len(said), len(body), zlib.crc32(layout + said)) + said + body


def chunk(items: Sequence[Item], bodies: Sequence[bytes]) -> bytes:
    """A frame of pictures."""
    head: dict[str, Any] = {
        "names": [item.name for item in items],
        "heights": [item.height for item in items],
        "widths": [item.width for item in items],
        "lengths": [item.length for item in items],
        "checks": [item.check for item in items],
    }
    if any(item.beside for item in items):
        head["beside"] = [item.beside for item in items]
    extra = {str(number): item.extra for number, item in enumerate(items) if item.extra}
    return frame(CHUNK, head | ({"extra": extra} if extra else {}), b"".join(bodies))


def frames(file: BinaryIO) -> Iterator[Frame]:
    """The frames of an archive in order; the file may be moved between two of them.

    Raises:
        Damaged: at the first byte that is not as it was written; what came before is whole.
        OlharError: if this is no archive, or one of a newer olhar.
    """
    size = file.seek(0, 2)
    file.seek(0)
    if file.read(len(MAGIC)) != MAGIC:
        raise OlharError("is no archive of olhar; `olhar pack` makes them")
    place, kind = len(MAGIC), b""
    while kind != END:
        found = _frame(file, place, size)
        if place == len(MAGIC):
            if found.kind != HEAD:
                raise Damaged("its first part is missing")
            if found.head.get("version") != VERSION:
                raise OlharError(
                    f"is an archive of version {found.head.get('version')} and this olhar reads "
                    f"version {VERSION}; a newer olhar may read it"
                )
        yield found
        place, kind = found.end, found.kind
    if place != size:
        raise Damaged(f"has {size - place} bytes after its end")


def whole_frames(file: BinaryIO, notes: list[str]) -> Iterator[Frame]:
    """The frames that are whole, whatever lies between them.

    Args:
        file: of which the rest may be missing or changed.
        notes: takes a sentence if anything is.

    Raises:
        OlharError: if this is no archive, or its first frame is damaged.
    """
    place = 0
    try:
        for found in frames(file):
            yield found
            place = found.end
    except Damaged as error:
        if not place:
            raise
        notes.append(f"the archive {error}: what is whole was taken")
        size = file.seek(0, 2)
        while (place := _next(file, place, size)) < size:
            found = _frame(file, place, size)
            yield found
            place = found.end


def _next(file: BinaryIO, place: int, size: int) -> int:
    """Where the next whole frame begins; the end if there is none."""
    while place < size:
        file.seek(place)
        block = file.read(1 << 16)
        for offset, kind in enumerate(block):
            if kind in CHUNK + FILE + END:
                try:
                    _frame(file, place + offset, size)
                except Damaged:
                    continue
                return place + offset
        place += len(block)
    return size


def _frame(file: BinaryIO, place: int, size: int) -> Frame:
    file.seek(place)
    layout = file.read(LAYOUT.size)
    if len(layout) < LAYOUT.size:
        raise Damaged("ends before its end")
    kind, head, body, check = LAYOUT.unpack(layout)
    start = place + LAYOUT.size + head
    if start + body > size:
        raise Damaged("ends before its end")
    if head > _PACKED:
        raise Damaged("has a part that is too large")
    said = file.read(head)
    if zlib.crc32(LAYOUT.pack(kind, head, body, 0) + said) != check:
        raise Damaged("has bytes that were changed")
    return Frame(kind, _inflated(said), start, body)


def _inflated(said: bytes) -> dict[str, Any]:
    """A head; its checksum is right, so what is wrong here was made so on purpose."""
    inflate = zlib.decompressobj()
    try:
        text = inflate.decompress(said, _MOST)
        found: Any = json.loads(text) if inflate.eof else {}
    except (zlib.error, ValueError, RecursionError) as error:
        raise Damaged("has a part that cannot be read") from error
    if not inflate.eof:
        raise Damaged("has a part that is too large")
    if not isinstance(found, dict):
        raise Damaged("has a part that cannot be read")
    return cast("dict[str, Any]", found)


def safe(name: Any) -> PurePosixPath:
    """A name that stays in the folder it is unpacked into.

    Raises:
        OlharError: if it does not, or is no text.
    """
    path = PurePosixPath(str(name))
    bad = path.is_absolute() or not path.parts or ".." in path.parts
    if not isinstance(name, str) or name.encode(errors="replace").decode() != name:
        raise OlharError(f"holds a file named {name!r}, which is no name; do not use it")
    if bad or "\\" in name or "\0" in name or ":" in path.parts[0]:
        raise OlharError(
            f"holds a file named {name!r}, which would leave the folder; do not use it"
        )
    return path
