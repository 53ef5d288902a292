"""What a job is made from: files that somebody sent or that another job made, in its own folder."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from olhar.studio.workspace import NAME

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from olhar.studio.job import Job


def furnish(job: Job, jobs: Path, files: Mapping[str, Sequence[Path]]) -> None:
    """Make the folder of a job, with its files in it.

    Args:
        job: gets its folder, and the names of its files.
        jobs: where the folders of all jobs are.
        files: role to files; they stay where they are, too.
    """
    job.folder = jobs / job.id
    (job.folder / "in").mkdir(parents=True, mode=0o700)
    (job.folder / "out").mkdir()
    for role, paths in files.items():
        job.files[role] = []
        for number, path in enumerate(paths):
            own = path.name.split("-", 2)[-1] if path.is_relative_to(jobs) else path.name
            name = f"{role}-{number}-{plain(own)}"
            _taken(path, job.folder / "in" / name)
            job.files[role].append(name)
    job.save()


def plain(name: str) -> str:
    """A file's name without anything that could lead elsewhere."""
    base = os.path.basename(name.replace("\\", "/"))  # noqa: PTH119  it is no path here
    stem, suffix = Path(base).stem, Path(base).suffix.lower()
    kept = "".join(
        letter if NAME.fullmatch(letter) or letter in " .()-" else "_" for letter in stem
    )
    return f"{kept.strip(' .')[:60] or 'file'}{suffix if suffix[1:].isalnum() else ''}"


def _taken(path: Path, target: Path) -> None:
    """Give a file a second name, which costs nothing; copy it where that cannot be."""
    try:
        os.link(path.resolve(), target)
    except OSError:
        shutil.copy2(path, target)
