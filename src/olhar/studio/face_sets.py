"""Face sets as pages see them: what stands in `faces.jsonl`, and their crops made small.

The lines are read without torch, which the server does not load. Reading 5,000 faces takes some
tenths of a second, and is not done again until the file changes.
"""

from __future__ import annotations

import contextlib
import io
import json
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import filelock
from PIL import Image

from olhar.errors import OlharError
from olhar.faceswap.advice import BLURRED, Tally
from olhar.studio.workspace import NAME

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from pathlib import Path

    from olhar.studio.workspace import Workspace

RECORDS = "faces.jsonl"
SIZE = 256
"""Side of the crops, in pixels."""
SMALL = 144
"""Side of what the page shows of them."""
_TAIL = 1 << 17  # bytes at the end of the records in which the newest stand


class Shot(NamedTuple):
    """A face, as far as the page needs to know it; see `olhar.faceswap.records.Face`."""

    file: str
    source: str
    frame: int
    person: int
    keep: bool
    why: str
    sharpness: float
    yaw: float
    pitch: float
    width: float

    @property
    def blurred(self) -> bool:
        """Whether it is less sharp than what helps."""
        return self.sharpness < BLURRED


def names(space: Workspace) -> list[str]:
    """What sets there are."""
    return sorted(path.parent.name for path in space.faces.glob(f"[!.]*/{RECORDS}"))


def called(name: str | None) -> str:
    """A name that a set may have.

    Raises:
        OlharError: if it is none.
    """
    said = (name or "").strip()
    if not NAME.fullmatch(said) or said != said.rstrip(" ."):
        raise OlharError(
            f"{said[:100]!r} is no name of a face set; use letters, digits, spaces and dashes"
            if said
            else "a face set needs a name, such as the first name of whom it shows"
        )
    return said


def free(space: Workspace, name: str) -> str:
    """A name that no set has yet: this one, or with a number."""
    there, number, found = {*names(space)}, 1, name
    while found in there:
        number += 1
        found = f"{name} {number}"
    return found


def shots(space: Workspace, name: str) -> Sequence[Shot]:
    """The faces of a set, in order of source and frame; none if there is no such set.

    Raises:
        OlharError: if a line is damaged.
    """
    path = space.faces / called(name) / RECORDS
    try:
        status = path.stat()
    except OSError:
        return ()
    return _read(path, status.st_mtime_ns, status.st_size)


@lru_cache(8)
def _read(path: Path, *_: int) -> tuple[Shot, ...]:
    with path.open("rb") as file:
        return tuple(shot for line in file if (shot := _shot(line)) is not None)


def newest(space: Workspace, name: str, count: int) -> list[Shot]:
    """The faces that were cut out last, the newest first."""
    path = space.faces / called(name) / RECORDS
    with contextlib.suppress(OSError), path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _TAIL))
        found = [shot for line in file.read().splitlines() if (shot := _shot(line)) is not None]
        return found[: -count - 1 : -1]
    return []


def _shot(line: bytes) -> Shot | None:
    try:
        said: dict[str, Any] = json.loads(line)
        return Shot(
            said["file"],
            said["source"],
            said["frame"],
            said.get("person", 0),
            said.get("keep", True),
            said.get("why", ""),
            *(float(said[key]) for key in ("sharpness", "yaw", "pitch", "width")),
        )
    except (ValueError, TypeError, LookupError):
        return None


def tally(faces: Sequence[Shot]) -> Tally:
    """Counts, and what is lacking."""
    found = Tally()
    for face in faces:
        found.add(face, SIZE)
    return found


def person_of(faces: Sequence[Shot]) -> int:
    """The number of the one person whose faces stay; 0 if that was not chosen."""
    if not any(face.why == "another person" for face in faces):
        return 0
    return Counter(face.person for face in faces if face.keep).most_common(1)[0][0]


def small(space: Workspace, name: str, file: str) -> bytes | None:
    """A crop for the page, as JPEG; None if there is none of this name."""
    folder = space.faces / name
    parts = file.split("/")
    fine = NAME.fullmatch(name) and all(part and part[0] != "." and part != ".." for part in parts)
    path = folder.joinpath(*parts)
    if not fine or path.suffix != ".png" or not path.resolve().is_relative_to(folder.resolve()):
        return None
    try:
        with Image.open(path, formats=["PNG"]) as picture:
            made = picture.convert("RGB").resize((SMALL, SMALL), Image.Resampling.LANCZOS)
    except (OSError, ValueError, Image.DecompressionBombError):
        return None
    out = io.BytesIO()
    made.save(out, "JPEG", quality=88)
    return out.getvalue()


@contextlib.contextmanager
def alone(folder: Path) -> Generator[None]:
    """Change a set while nobody else does.

    Raises:
        OlharError: if somebody does.
    """
    lock = filelock.FileLock(folder.parent / f".{folder.name}.lock", timeout=0)
    try:
        with lock:
            yield
    except filelock.Timeout:
        raise OlharError(
            f"the face set {folder.name} is being worked on; wait until that is done"
        ) from None
