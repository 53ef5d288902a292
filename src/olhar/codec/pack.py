"""Packing a folder: pictures as numbers, everything else as it is, into one archive.

Pictures are read, coded and written some tens at a time, so memory does not grow with the folder.
What is done lies in a file beside the archive until all is; the same command goes on from there.
"""

from __future__ import annotations

import os
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, TypeAlias

import torch

from olhar.codec.archive import (
    CHUNK,
    END,
    FILE,
    HEAD,
    MAGIC,
    VERSION,
    Damaged,
    Item,
    check_of,
    chunk,
    frame,
    frames,
)
from olhar.codec.model import Model, load
from olhar.codec.prior import LEVELS
from olhar.errors import OlharError
from olhar.media.files import atomic, shown
from olhar.media.image import MAX_PIXELS, READABLE, read
from olhar.media.progress import bar
from olhar.media.walk import walk

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from olhar.codec.model import Source
    from olhar.media.picture import Picture

Special: TypeAlias = Literal["refuse", "keep", "flatten"]
"""What becomes of pictures that a codec would spoil: those with 16 bits or transparency."""

_TOGETHER = 64  # pictures in a chunk
_PIXELS = 1 << 20  # coded at once
_LARGEST = 1 << 28  # bytes of a file that is no picture


@dataclass
class Packed:
    """What was packed. `str(packed)` is for a person, `as_dict()` for a program."""

    target: Path
    pictures: int = 0
    files: int = 0
    """that are no pictures, or pictures that are kept as they are"""
    before: int = 0
    """bytes of the folder"""
    after: int = 0
    """bytes of the archive"""
    pixels: int = 0
    coded: int = 0
    """bytes of the numbers"""
    went_on: int = 0
    """pictures that an earlier, stopped run had done"""
    failed: dict[Path, str] = field(default_factory=dict[Path, str])
    """Source to the sentence that says why it is not in the archive."""
    seconds: float = 0.0

    @property
    def exit_code(self) -> int:
        """1 if anything is missing."""
        return 1 if self.failed else 0

    @property
    def bpp(self) -> float:
        """Bits per pixel, of the whole archive."""
        return 8 * self.after / max(1, self.pixels)

    def as_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {
            "target": str(self.target),
            "pictures": self.pictures,
            "files": self.files,
            "bytes_before": self.before,
            "bytes_after": self.after,
            "bits_per_pixel": self.bpp,
            "failed": {str(path): why for path, why in self.failed.items()},
            "seconds": round(self.seconds, 2),
        }

    def __str__(self) -> str:
        share = self.after / max(1, self.before)
        lines = [
            f"{shown(self.target)}: {self.pictures:,} pictures in {_size(self.after)}, "
            f"{share:.0%} of {_size(self.before)}, {self.bpp:.2f} bits per pixel"
        ]
        if self.files:
            lines.append(f"{self.files:,} files came along as they are")
        if self.went_on:
            lines.append(f"{self.went_on:,} pictures were packed already")
        lines += [f"failed: {shown(path)}: {why}" for path, why in [*self.failed.items()][:20]]
        if len(self.failed) > 20:
            lines.append(f"... and {len(self.failed) - 20} more; --json lists them all")
        return "\n".join(lines)


def pack(
    folder: str | os.PathLike[str],
    target: str | os.PathLike[str],
    *,
    quality: int = 50,
    model: Source = "codec",
    special: Special = "refuse",
    device: str | None = None,
) -> Packed:
    """Pack a folder of pictures into one archive; the pictures lose what is hard to see.

    Names, folders (which are labels), sizes, EXIF, XMP and resolution are kept; pictures are upright
    and in sRGB. Files that are no pictures, such as tables of labels, come along as they are.

    Args:
        folder: with pictures, at any depth.
        target: the archive, which ends in `.olhar`.
        quality: from 0 to 100.
        model: the codec. Whoever unpacks needs the same.
        special: pictures with 16 bits per channel or transparency are refused, kept as the files
            they are, or flattened to 8 bits over white.
        device: where pictures are analysed; the fastest of this machine if left out.

    Raises:
        OlharError: if there is nothing to pack, a picture would be spoiled, or the archive cannot be
            written.
        KeyboardInterrupt: the same call goes on.

    Returns:
        What was packed, and what it takes.
    """
    root, path = Path(folder), Path(target)
    if not root.is_dir():
        raise OlharError(f"{shown(root)} is no folder; give a folder of pictures")
    if path.suffix != ".olhar":
        raise OlharError(f"{shown(path)} must end in .olhar, so that it is known for an archive")
    if not 0 <= quality <= 100:
        raise OlharError(f"quality is {quality}; it can be from 0 to 100")
    started = time.monotonic()
    codec = load(model, device)
    level = round(quality / 100 * (LEVELS - 1))
    pictures, others = _found(root, path)
    head = {
        "version": VERSION,
        "model": codec.name,
        "digest": codec.digest,
        "level": level,
        "special": special,
        "lossy": "pixels are close to those that were packed, and not the same",
    }
    report = Packed(path)
    with _unfinished(path, head) as (file, done):
        rest = _left(pictures, done, root, report)
        _write_pictures(file, root, rest, codec, level, special, report)
        for name in others:
            report.before += (root / name).stat().st_size
            _write_file(file, root, name, report)
        file.write(frame(END, {"pictures": report.pictures, "files": report.files}))
    report.after = path.stat().st_size
    report.seconds = time.monotonic() - started
    return report
