"""The studio's folder: what people give it, what it makes of that, and what was trained.

uploads/    what was sent, each file under a name nobody can guess; removed after a day
jobs/       a folder per job: what was asked, how far it is, what came of it; removed after a day
runs/       trainings, which stay until somebody deletes them
data/       folders of pictures to learn from: put there by hand, or sent
faces/      face sets, cut out of films and photographs, which stay until somebody deletes them
consents/   who agreed that these faces are learned and swapped, each record with its evidence

Nobody but its owner can look into it, and the studio reads and writes nothing outside.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from olhar.errors import OlharError
from olhar.media.files import reason, shown

if TYPE_CHECKING:
    import os

DAY = 24 * 3600
NAME = re.compile(r"[\w][\w .()-]{0,99}")
"""What a file or a folder may be called that somebody sends."""


@dataclass(frozen=True)
class Workspace:
    """A folder that is the studio's."""

    root: Path

    @classmethod
    def at(cls, folder: str | os.PathLike[str] | None = None) -> Workspace:
        """Open the folder, and make what is missing.

        Args:
            folder: where; the platform's folder for people's data if left out.

        Raises:
            OlharError: if it cannot be written.
        """
        if folder is None:
            import platformdirs

            folder = platformdirs.user_data_path("olhar", appauthor=False) / "studio"
        space = cls(Path(folder).expanduser().resolve())
        try:
            for each in (space.uploads, space.jobs, space.runs, space.data):
                each.mkdir(parents=True, exist_ok=True)
            for each in (space.faces, space.consents):
                each.mkdir(exist_ok=True)
            space.root.chmod(0o700)
        except OSError as error:
            raise OlharError(
                f"{shown(space.root)} cannot be written: {reason(error)}; "
                "give another folder with --folder"
            ) from error
        return space

    @property
    def uploads(self) -> Path:
        """What was sent."""
        return self.root / "uploads"

    @property
    def jobs(self) -> Path:
        """What was asked for."""
        return self.root / "jobs"

    @property
    def runs(self) -> Path:
        """What was trained."""
        return self.root / "runs"

    @property
    def data(self) -> Path:
        """What is learned from."""
        return self.root / "data"

    @property
    def faces(self) -> Path:
        """Face sets."""
        return self.root / "faces"

    @property
    def consents(self) -> Path:
        """Records of consent, a folder each, with the evidence."""
        return self.root / "consents"

    def sent(self, path: str | os.PathLike[str]) -> Path:
        """A file that was uploaded.

        Raises:
            OlharError: if it is anything else, whatever the path looks like.
        """
        found = Path(path).resolve()
        if not found.is_relative_to(self.uploads) or not found.is_file():
            raise OlharError("this file was not sent to the studio; choose it again")
        return found

    def named(self, folder: Path, name: str) -> Path:
        """An entry of one of the folders, by its name alone.

        Raises:
            OlharError: if the name has anything in it that leads elsewhere, or there is none.
        """
        path = folder / name
        if not NAME.fullmatch(name) or path.resolve().parent != folder or not path.exists():
            raise OlharError(f"there is no {name[:100]!r} here; choose one of the list")
        return path

    def sweep(self, keep: frozenset[str] = frozenset()) -> None:
        """Remove what is older than a day.

        Args:
            keep: names of jobs that are not over.
        """
        old = time.time() - DAY
        for folder in (self.uploads, self.jobs):
            for entry in [*folder.iterdir()]:
                with contextlib.suppress(OSError):
                    if entry.name in keep or entry.is_symlink() or entry.stat().st_mtime > old:
                        continue
                    if entry.is_dir():
                        shutil.rmtree(entry)
                    else:
                        entry.unlink()
