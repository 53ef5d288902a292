"""What jobs make of their files: names, copies for the page, and the run that somebody chose."""

from __future__ import annotations

import contextlib
import filecmp
import os
from typing import TYPE_CHECKING, Any

from olhar.errors import OlharError
from olhar.media.image import WRITABLE, read, resize, write
from olhar.media.video_info import VIDEO_SUFFIXES
from olhar.studio.workspace import NAME

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor

    from olhar.media.mark import Mark
    from olhar.studio.work import Asked

BUNDLED = "olhar:"
"""Before the name of a model that came with olhar, which a run of the studio may have as well."""
SCREEN = 1600
"""Longer side of what a page shows, in pixels."""


def is_film(path: Path) -> bool:
    """Whether a file is taken for a film."""
    return path.suffix.lower() in VIDEO_SUFFIXES


def named(photo: Path, what: str, film: bool = False) -> str:
    """What a result is called: the photograph's own name and what was done to it."""
    stem = photo.stem.split("-", 2)[-1]
    suffix = ".mp4" if film else photo.suffix.lower()
    return f"{stem}-{what}{suffix if film or suffix in WRITABLE else '.png'}"


def chosen_run(asked: Asked) -> Path:
    """The run that was chosen, which must be one of the studio's own.

    Raises:
        OlharError: if there is none.
    """
    name = asked.settings["run"]
    run = asked.space / "runs" / str(name)
    if not NAME.fullmatch(str(name)) or not (run / "model.safetensors").is_file():
        raise OlharError("there is no such model here; train one first")
    return run


def before_after(asked: Asked, photo: Path, made: list[Path], mark: Mark) -> dict[str, Any]:
    """The names of the results, and of what the page shows of them."""
    shown = [read(path).image for path in made]
    before = read(photo).image
    if before.shape != shown[0].shape:
        before = resize(before, (shown[0].shape[1], shown[0].shape[2]))
    after = [
        on_screen(image, asked.out / f"after-{n}.jpg", mark.of(photo))
        for n, image in enumerate(shown)
    ]
    return {
        "files": [path.name for path in made],
        "before": on_screen(before, asked.out / "before.jpg", None),
        "after": after,
        "full": [shown[0].shape[2], shown[0].shape[1]],
    }


def on_screen(image: Tensor, path: Path, mark: Mark | None) -> list[Any]:
    """A copy for the page: its name, width and height."""
    height, width = image.shape[1:]
    scale = min(1.0, SCREEN / max(height, width))
    size = max(1, round(height * scale)), max(1, round(width * scale))
    write(path, resize(image, size) if scale < 1 else image, mark=mark)
    return [path.name, size[1], size[0]]


def size_of(path: Path) -> dict[str, Any]:
    """Width and height of a picture, as a result says them."""
    image = read(path).image
    return {"size": [image.shape[2], image.shape[1]]}


def carry_on(before: Path, film: Path, out: Path) -> None:
    """Take what an earlier job has made of the same film, whenever that was sent."""
    with contextlib.suppress(OSError, StopIteration):
        old = next((before / "in").glob("photo-0-*"))
        if not filecmp.cmp(old, film, shallow=False):
            return
        times = old.stat()
        os.utime(film, ns=(times.st_atime_ns, times.st_mtime_ns))  # by which it is known
        for folder in (before / "out").glob(".olhar-*/"):
            if not (out / folder.name).exists():
                folder.rename(out / folder.name)
