"""An archive in the making: a file beside it, from which the same command goes on after a stop.

It holds whole frames and perhaps a piece of one, is found again by its name, and becomes the
archive in one step.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Any, BinaryIO

from olhar.codec.archive import CHUNK, HEAD, MAGIC, Item, frame, frames
from olhar.errors import OlharError
from olhar.media.files import atomic, reason, shown

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


def part_of(target: Path) -> Path:
    """The file beside an archive."""
    return target.with_name(f".{target.name}.part")


def run_of(target: Path) -> Path:
    """The folder in which a codec is adapted for an archive."""
    return target.with_name(f".{target.name}.run")


def change_in(target: Path, head: dict[str, Any]) -> bytes:
    """The change of the codec that a stopped run had made, if it is to be continued."""
    with contextlib.suppress(OSError, OlharError), part_of(target).open("rb") as file:
        first = next(frames(file))
        if {**first.head, "change": 0} == {**head, "change": 0}:
            return first.body(file)
    return b""


@contextlib.contextmanager
def unfinished(
    target: Path, head: dict[str, Any], change: bytes, root: Path
) -> Generator[tuple[BinaryIO, list[Item]]]:
    """The archive in the making, at its end, and the pictures that are in it already."""
    part = part_of(target)
    try:
        part.parent.mkdir(parents=True, exist_ok=True)
        file = part.open("r+b" if part.exists() else "w+b")
        with file:
            done = _resumed(file, head, root)
            if not file.tell():
                file.write(MAGIC + frame(HEAD, head, change))
            yield file, done
    except KeyboardInterrupt:
        raise KeyboardInterrupt("the same command goes on from there") from None
    except OSError as error:
        raise OlharError(
            f"{shown(target)} cannot be written: {reason(error)}; make room, or choose another "
            "folder; the same command goes on"
        ) from error
    with atomic(target) as temporary:
        part.replace(temporary)


def _resumed(file: BinaryIO, head: dict[str, Any], root: Path) -> list[Item]:
    """What whole chunks hold; the file is cut after them, or to nothing if it is of no use."""
    done, end = list[Item](), 0
    with contextlib.suppress(OlharError):
        for each in frames(file):
            if each.kind not in {HEAD, CHUNK} or (each.kind == HEAD and each.head != head):
                break
            done += [item for item, _ in each.items()] if each.kind == CHUNK else []
            end = each.end
    since = os.fstat(file.fileno()).st_mtime
    if any(not _older(root / item.name, since) for item in done):  # a picture has changed
        done, end = [], 0
    file.seek(end)
    file.truncate()
    return done


def _older(path: Path, since: float) -> bool:
    try:
        return path.stat().st_mtime <= since
    except OSError:
        return False
