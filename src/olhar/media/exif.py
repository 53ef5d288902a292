"""EXIF, byte for byte (CIPA DC-008-2023, on the directories of TIFF 6.0).

Pillow reads EXIF well but writes it anew from its own idea of every tag: text that is not ASCII
turns into question marks, types change, and maker notes, whose pointers count from where they
stood, break. Here a value stays the bytes it was, of the type it had, and a maker note stays where
it was. Dropped is what is no longer true of an upright sRGB picture: its orientation, the thumbnail
of the old picture, its colour space, and how its file was laid out.
"""

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, Literal, TypeAlias

Directory: TypeAlias = dict[int, tuple[int, bytes]]
"""Tag to type and value, the latter in the byte order of the file."""

Order: TypeAlias = Literal["<", ">"]
"""Byte order: little or big end first."""

PREFIX = b"Exif\0\0"
"""With which EXIF begins in JPEG."""
BYTE, SHORT, LONG, RATIONAL = 1, 3, 4, 5
"""The types that are needed most."""

_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_CODES = {BYTE: "B", SHORT: "H", LONG: "I", RATIONAL: "I"}
_MOST = 1 << 22  # bytes of a directory's values; nobody says more about a picture

_DETAILS, _GPS, _INTEROPERABILITY, _MAKER_NOTE = 34665, 34853, 40965, 37500
_COLOR_SPACE, _WIDTH, _HEIGHT = 40961, 40962, 40963
_RESOLUTION = {282, 283, 296}

# What says how a file is laid out, not what it shows (TIFF 6.0 and its supplements): sizes,
# samples, orientation, strips, tiles, colour maps, JPEG tables, XMP, IPTC, Photoshop, profile, DNG.
_LAYOUT = frozenset(
    {*range(254, 267), *range(273, 282), *range(284, 296), *range(297, 302), *range(317, 348)}
    | {*range(512, 533), 433, 434, 559, 700, 33723, 34377, 34675, 37724, *range(50706, 51200)}
)


@dataclass
class Exif:
    """What a picture says about itself: three directories of tags."""

    order: Order = "<"
    main: Directory = field(default_factory=dict[int, tuple[int, bytes]])
    details: Directory = field(default_factory=dict[int, tuple[int, bytes]])
    gps: Directory = field(default_factory=dict[int, tuple[int, bytes]])
    note_at: int | None = None
    """Where the maker note stood, since its own pointers count on that."""

    def __bool__(self) -> bool:
        return bool(self.main or self.details or self.gps)

    def put(self, directory: Directory, tag: int, kind: int, *values: int) -> None:
        """Set a tag to one or several numbers (for a rational: one after the other, two each)."""
        directory[tag] = kind, struct.pack(f"{self.order}{len(values)}{_CODES[kind]}", *values)

    def clean(self) -> None:
        """Drop what is no longer true of the picture once it has been read."""
        for tag in _LAYOUT & self.main.keys():
            del self.main[tag]
        self.details.pop(_INTEROPERABILITY, None)
        if _COLOR_SPACE in self.details:
            self.put(self.details, _COLOR_SPACE, SHORT, 1)  # sRGB
        if self.main.keys() <= _RESOLUTION and not self.details and not self.gps:
            self.main.clear()  # the resolution is kept elsewhere

    def resize(self, width: int, height: int) -> None:
        """Tell the size of the picture, if it tells any."""
        for tag, side in ((_WIDTH, width), (_HEIGHT, height)):
            if tag in self.details:
                self.put(self.details, tag, LONG, side)

    def tobytes(self) -> bytes:
        """The directories as a TIFF file without pixels."""
        data = bytearray((b"II*\0" if self.order == "<" else b"MM\0*") + bytes(4))
        note = self.details.get(_MAKER_NOTE, (7, b""))[1]
        at = self.note_at or 0
        taken = range(at, at + len(note)) if 8 <= at < 1 << 16 and len(note) > 4 else range(0)

        def room(size: int) -> int:
            start = len(data) + len(data) % 2
            if start < taken.stop and start + size > taken.start:
                start = taken.stop + taken.stop % 2
            data.extend(bytes(start + size - len(data)))
            return start

        def lay(directory: Directory) -> int:
            start = room(2 + 12 * len(directory) + 4)
            struct.pack_into(f"{self.order}H", data, start, len(directory))
            for n, (tag, (kind, value)) in enumerate(sorted(directory.items())):
                count, place = len(value) // _SIZES[kind], value.ljust(4, b"\0")
                if len(value) > 4:
                    kept = taken and tag == _MAKER_NOTE and directory is self.details
                    offset = taken.start if kept else room(len(value))
                    data.extend(bytes(max(0, offset + len(value) - len(data))))
                    data[offset : offset + len(value)] = value
                    place = struct.pack(f"{self.order}I", offset)
                entry = (tag, kind, count, place)
                struct.pack_into(f"{self.order}HHI4s", data, start + 2 + 12 * n, *entry)
            return start

        inner = {_DETAILS: self.details, _GPS: self.gps}
        main = {**self.main, **{tag: (LONG, bytes(4)) for tag, tags in inner.items() if tags}}
        start = lay(main)
        struct.pack_into(f"{self.order}I", data, 4, start)
        for n, tag in enumerate(sorted(main)):
            if tag in inner:
                struct.pack_into(f"{self.order}I", data, start + 2 + 12 * n + 8, lay(inner[tag]))
        return bytes(data)


def parse(source: bytes | BinaryIO) -> Exif:
    """Read EXIF, or what a TIFF says about itself.

    Args:
        source: EXIF data with or without `PREFIX`, or a TIFF file. Entries that are damaged, and
            thumbnails, are passed over.

    Returns:
        The directories; empty if this is no EXIF at all.
    """
    file = io.BytesIO(source.removeprefix(PREFIX)) if isinstance(source, bytes) else source
    file.seek(0)
    head = file.read(8)
    if len(head) < 8 or head[:4] not in {b"II*\0", b"MM\0*"}:
        return Exif()
    order: Order = "<" if head.startswith(b"II") else ">"
    exif = Exif(order)
    pointers = {0: struct.unpack(f"{order}I", head[4:])[0]}
    for pointer, directory in ((0, exif.main), (_DETAILS, exif.details), (_GPS, exif.gps)):
        if pointer not in pointers:
            continue
        for tag, kind, value, at in _entries(file, order, pointers[pointer]):
            if tag in {_DETAILS, _GPS} and kind in {LONG, 13}:
                pointers[tag] = struct.unpack(f"{order}I", value[:4])[0]
                continue
            directory[tag] = kind, value
            if pointer == _DETAILS and tag == _MAKER_NOTE:
                exif.note_at = at
    return exif


def _entries(file: BinaryIO, order: Order, start: int) -> Iterator[tuple[int, int, bytes, int]]:
    """Tag, type, value and its place, of every entry that is whole."""
    file.seek(start)
    head = file.read(2)
    count = struct.unpack(f"{order}H", head)[0] if len(head) == 2 else 0
    table = file.read(12 * min(count, 1000))
    left = _MOST
    for n in range(len(table) // 12):
        tag, kind, length, place = struct.unpack_from(f"{order}HHI4s", table, 12 * n)
        size = _SIZES.get(kind, 0) * length
        at = start + 2 + 12 * n + 8
        if not 0 < size <= left:
            continue
        left -= size
        value = place[:size]
        if size > 4:
            at = struct.unpack(f"{order}I", place)[0]
            file.seek(at)
            value = file.read(size)
        if len(value) == size:
            yield tag, kind, value, at
