"""Unpacking an archive: into a folder of pictures, or for a training."""

from __future__ import annotations

import filecmp
import os
import shutil
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from filelock import FileLock

from olhar import hub
from olhar.codec.archive import safe
from olhar.codec.packed import Archive
from olhar.data.contents import home_of
from olhar.errors import OlharError
from olhar.media.files import atomic, opened, shown
from olhar.media.image import WRITABLE, write
from olhar.media.progress import bar
from olhar.media.walk import outputs

if TYPE_CHECKING:
    from olhar.codec.model import Source
    from olhar.media.picture import Picture

Format: TypeAlias = Literal["same", "png"]
"""Of unpacked pictures: what they were (JPEG at its best quality), or PNG, which loses nothing."""

_BEST = 98  # quality of lossy formats, at which hardly anything is lost a second time


@dataclass
class Unpacked:
    """What was unpacked. `str(unpacked)` is for a person, `as_dict()` for a program."""

    target: Path
    pictures: int = 0
    files: int = 0
    failed: dict[str, str] = field(default_factory=dict[str, str])
    """Name to the sentence that says why it is missing."""
    notes: list[str] = field(default_factory=list[str])
    seconds: float = 0.0

    @property
    def exit_code(self) -> int:
        """1 if anything is missing."""
        return 1 if self.failed or self.notes else 0

    def as_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {
            "target": str(self.target),
            "pictures": self.pictures,
            "files": self.files,
            "failed": self.failed,
            "notes": self.notes,
            "seconds": round(self.seconds, 2),
        }

    def __str__(self) -> str:
        lines = [f"{shown(self.target)}: {self.pictures:,} pictures in {self.seconds:.1f} s"]
        lines += [f"{self.files:,} other files"] if self.files else []
        lines += [f"note: {note}" for note in self.notes]
        lines += [f"failed: {name}: {why}" for name, why in [*self.failed.items()][:20]]
        if len(self.failed) > 20:
            lines.append(f"... and {len(self.failed) - 20} more; --json lists them all")
        return "\n".join(lines)


def unpack(
    path: str | os.PathLike[str],
    folder: str | os.PathLike[str],
    *,
    form: Format = "same",
    model: Source | None = None,
    recover: bool = False,
    device: str | None = None,
) -> Unpacked:
    """Make a folder of an archive: the names, the folders, what the files knew beside the pixels.

    Another file that is there already is not replaced, so pictures are safe from what packing made
    of them; nothing is written outside the folder.

    Args:
        path: an archive that `pack` made.
        folder: where to.
        form: "same" gives each picture the format it had (as PNG what olhar cannot write), "png"
            all of them PNG, which are exactly what the archive holds.
        model: see `open_packed`.
        recover: take what is whole of a damaged archive, where it would be refused.
        device: see `open_packed`.

    Raises:
        OlharError: if the archive is damaged, its codec is not here, or nothing can be written.
    """
    started = time.monotonic()
    archive = Archive(Path(path), model, device, recover=recover)
    report = Unpacked(Path(folder), notes=archive.notes)
    damaged = dict[str, str]()
    if not recover:
        archive.check()
    keep = [Path(safe(name)) for name in archive.names]
    as_png = "" if form == "same" else ".png"
    named = outputs(keep, WRITABLE if not as_png else {".png"}, ".png")
    with bar("unpacking", len(archive)) as update:
        for number, found in archive.pictures(damaged=damaged if recover else None):
            source = keep[number]
            try:
                if isinstance(found, bytes):
                    _put(report.target / source, found)
                else:
                    _put(report.target / named[source], found)
                report.pictures += 1
            except _TakenError as error:
                report.failed[archive.names[number]] = str(error)
            update(report.pictures)
    for name in archive.files:
        try:
            data = archive.file(name)
        except OlharError as error:
            damaged[name] = str(error)
            continue
        try:
            _put(report.target / Path(safe(name)), data)
            report.files += 1
        except _TakenError as error:
            report.failed[name] = str(error)
    report.failed |= damaged
    report.seconds = time.monotonic() - started
    return report


class _TakenError(Exception):
    """Another file is where one should go."""


def _put(target: Path, found: Picture | bytes) -> None:
    """Write a file; if the same is there, leave it.

    Raises:
        _TakenError: if another one is there.
    """
    if target.exists():
        with tempfile.TemporaryDirectory() as folder:
            made = Path(folder, target.name)
            _put(made, found)
            if filecmp.cmp(made, target, shallow=False):
                return
        raise _TakenError(f"{shown(target)} was there before and is not replaced; move it away")
    if isinstance(found, bytes):
        with atomic(target) as temporary:
            temporary.write_bytes(found)
    else:
        write(target, found, quality=_BEST)


def as_folder(path: Path) -> Path:
    """The folder of an archive that a training reads: unpacked once, as PNG, kept with the caches.

    Raises:
        OlharError: see `unpack`.
    """
    with opened(path):  # or a sentence
        key = hub.sha256(path)[:32]
    home = home_of("unpacked")
    home.mkdir(parents=True, exist_ok=True)
    folder, unfinished = home / key, home / f".{key}"
    with FileLock(f"{unfinished}.lock"):
        if not folder.exists():
            shutil.rmtree(unfinished, ignore_errors=True)
            unpack(path, unfinished, form="png")
            unfinished.rename(folder)
    os.utime(folder)
    return folder
