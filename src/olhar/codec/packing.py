"""Packing a folder: pictures as numbers, everything else as it is, into one archive.

Pictures are read, coded and written some tens at a time, so memory does not grow with the folder.
What is done lies in a file beside the archive until all is; the same command goes on from there.
"""

from __future__ import annotations

import shutil
import time
import zlib
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

import torch

from olhar.codec.adapt import adapted
from olhar.codec.ahead import ahead
from olhar.codec.archive import (
    END,
    FILE,
    VERSION,
    Item,
    check_of,
    chunk,
    frame,
)
from olhar.codec.model import load
from olhar.codec.packing_report import Packed, sized
from olhar.codec.prior import LEVELS
from olhar.codec.unfinished import change_in, part_of, run_of, unfinished
from olhar.errors import OlharError
from olhar.media.files import reason, shown
from olhar.media.image import READABLE, read
from olhar.media.picture import Picture
from olhar.media.progress import bar
from olhar.media.walk import walk

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator, Sequence

    from olhar.codec.model import Source

Special: TypeAlias = Literal["refuse", "keep", "flatten"]
"""What becomes of pictures that a codec would spoil: those with 16 bits or transparency."""

TOGETHER = 64
"""Pictures in a chunk, at most."""
Code: TypeAlias = "Callable[[torch.Tensor], list[bytes]]"
_CHUNK = 1 << 24  # pixels after which it ends
_AHEAD = 4  # pictures that are read while others are coded
_PIXELS = 1 << 20  # coded at once
_LARGEST = 1 << 28  # bytes of a file that is no picture


def pack(
    folder: str | os.PathLike[str],
    target: str | os.PathLike[str],
    *,
    quality: int = 50,
    model: Source = "codec",
    special: Special = "refuse",
    finetune: bool = False,
    refine: int = 0,
    device: str | None = None,
) -> Packed:
    """Pack a folder of pictures into one archive; the pictures lose what is hard to see.

    Names, folders (which are labels), sizes, EXIF, XMP and resolution are kept; pictures are
    upright and in sRGB. Files that are no pictures, such as tables, come along as they are.

    Args:
        folder: with pictures, at any depth.
        target: the archive, which ends in `.olhar`.
        quality: from 0 to 100.
        model: the codec. Whoever unpacks needs the same.
        special: pictures with 16 bits per channel or transparency are refused, kept as the files
            they are, or flattened to 8 bits over white.
        finetune: adapt the codec to the folder first; the change travels in the archive, about 60
            kB, and pays where the pictures take more than about 1 MB packed.
        refine: steps of looking for better numbers, picture by picture; each takes about five times
            as long as packing without.
        device: where pictures are analysed; the fastest of this machine if left out.

    Raises:
        OlharError: if there is nothing to pack, a picture would be spoiled, or the archive cannot
            be written.
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
    if not 0 <= refine <= 1000:
        raise OlharError(f"refine is {refine}; it can be from 0 to 1000 steps, and 20 are plenty")
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
        "refine": refine,
        "lossy": "pixels are close to those that were packed, and not the same",
    }
    report, change = Packed(path), b""
    pictures, others = (_named(root, names, report) for names in (pictures, others))
    if finetune:
        head["finetune"] = True
        change = change_in(path, head) or adapted(root, pictures, model, level, run_of(path))
        head["change"] = zlib.crc32(change)
        codec = codec.changed(change)
    with unfinished(path, head, change, root) as (file, done):
        report.went_on = len(done)
        for item in done:
            report.count(root, item)
        names = {item.name for item in done}
        rest = [name for name in pictures if name.as_posix() not in names]
        with bar("packing", len(pictures)) as update:
            code = partial(codec.coding.encode, level=level, refine=refine)
            for items, bodies in _coded(root, rest, code, special, report):
                file.write(chunk(items, bodies))
                file.flush()
                for item in items:
                    report.count(root, item)
                update(report.pictures)
        for name in others:
            file.write(_carried(root, name, report))
        file.write(frame(END, {"pictures": report.pictures, "files": report.files}))
    shutil.rmtree(run_of(path), ignore_errors=True)
    report.after, report.change = path.stat().st_size, len(change)
    report.seconds = time.monotonic() - started
    return report


def _found(root: Path, target: Path) -> tuple[list[Path], list[Path]]:
    """Pictures and other files, relative to the folder.

    Raises:
        OlharError: a folder cannot be read, or there are no pictures.
    """
    pictures, others = list[Path](), list[Path]()
    mine = {target.resolve(), part_of(target).resolve()}
    for name in walk(root, target):
        if isinstance(name, OSError):
            raise OlharError(f"{shown(root)} cannot be read: {reason(name)}; allow it, or move it")
        if (root / name).resolve() not in mine:
            (pictures if name.suffix.lower() in READABLE else others).append(name)
    if not pictures:
        raise OlharError(f"{shown(root)} holds no pictures; give a folder that does")
    return pictures, others


def _named(root: Path, names: Sequence[Path], report: Packed) -> list[Path]:
    """Those that an archive can name on every machine: by text."""
    found = list[Path]()
    for name in names:
        try:
            name.as_posix().encode()
            found.append(name)
        except UnicodeEncodeError:  # bytes that are no UTF-8
            report.failed[root / name] = "its name is no text in UTF-8; rename it"
    return found


def _coded(
    root: Path,
    names: Sequence[Path],
    code: Code,
    special: Special,
    report: Packed,
) -> Iterator[tuple[list[Item], list[bytes]]]:
    """Chunks: what is said of pictures, and their bytes."""
    waiting, pixels = dict[str, Picture | bytes](), 0
    for name, found in _read(root, names, special):
        if isinstance(found, OlharError):
            report.failed[root / name] = str(found)
            continue
        if isinstance(found, Picture) and found.notes:
            report.notes[root / name] = found.notes
        waiting[name.as_posix()] = found
        pixels += 0 if isinstance(found, bytes) else found.image[0].numel()
        if len(waiting) == TOGETHER or pixels > _CHUNK:
            yield _chunk(waiting, code)
            waiting, pixels = {}, 0
    if waiting:
        yield _chunk(waiting, code)


def _read(
    root: Path, names: Sequence[Path], special: Special
) -> Iterator[tuple[Path, Picture | bytes | OlharError]]:
    """Pictures in order, a few read ahead while others are coded.

    Raises:
        OlharError: if a picture would be spoiled, and that is not allowed.
    """

    def one(name: Path) -> tuple[Path, Picture | bytes | OlharError]:
        try:
            picture = read(root / name)
        except OlharError as error:
            return name, error
        spoiled = "transparency" if picture.alpha is not None else "16 bits per channel"
        if (picture.alpha is None and picture.bits == 8) or special == "flatten":
            return name, picture
        if special == "keep":
            return name, (root / name).read_bytes()
        raise OlharError(
            f"{shown(root / name)} has {spoiled}, which packing would lose; keep such files as "
            "they are with --special keep, or give that up with --special flatten"
        )

    return ahead(one, names, count=_AHEAD)


def _chunk(waiting: dict[str, Picture | bytes], code: Code) -> tuple[list[Item], list[bytes]]:
    """Pictures of one size are coded at once."""
    numbers = dict[str, bytes]()
    sizes = dict[tuple[int, int], list[str]]()
    for name, found in waiting.items():
        if not isinstance(found, bytes):
            height, width = found.image.shape[1:]
            sizes.setdefault((height, width), []).append(name)
    for (height, width), names in sizes.items():
        count = max(1, _PIXELS // (height * width))
        for start in range(0, len(names), count):
            some = names[start : start + count]
            images = torch.stack([cast("Picture", waiting[name]).image for name in some])
            numbers |= zip(some, code(images), strict=True)
    items, bodies = list[Item](), list[bytes]()
    for name, found in waiting.items():
        if isinstance(found, bytes):
            body, beside = found, b""
            height, width, extra = 0, 0, dict[str, Any](file=True)
        else:
            body, beside = numbers[name], _beside(found)
            _, height, width = found.image.shape
            extra = _extra(found)
        check = check_of(body + beside)
        items.append(Item(name, height, width, len(body), check, len(beside), extra))
        bodies.append(body + beside)
    return items, bodies


def _beside(picture: Picture) -> bytes:
    """EXIF and XMP, deflated; nothing if there are none."""
    if not picture.exif and not picture.xmp:
        return b""
    exif, packet = picture.exif or b"", picture.xmp or b""
    return zlib.compress(len(exif).to_bytes(4, "little") + exif + packet, 9)


def _extra(picture: Picture) -> dict[str, Any]:
    return {
        **({"grey": True} if picture.grey else {}),
        **({"dpi": [*picture.dpi]} if picture.dpi else {}),
    }


def _carried(root: Path, name: Path, report: Packed) -> bytes:
    """The frame of a file that is no picture; nothing if it cannot be read."""
    try:
        if not (root / name).is_file():  # a pipe would be waited for
            raise OlharError("is a device, a pipe or a link to nowhere; move it away")
        if (root / name).stat().st_size > _LARGEST:
            raise OlharError(f"has more than {sized(_LARGEST)}; keep it beside the archive")
        data = (root / name).read_bytes()
    except (OSError, OlharError) as error:
        report.failed[root / name] = reason(error)
        return b""
    report.files += 1
    report.before += len(data)
    body = zlib.compress(data, 9)
    return frame(FILE, {"name": name.as_posix(), "check": zlib.crc32(body)}, body)
