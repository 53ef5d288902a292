"""Which files a folder holds and what their results will be called."""

from __future__ import annotations

import itertools
import os
import re
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

from olhar.media.journal import NAME

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence, Set


def walk(folder: Path, skip: Path) -> Iterator[Path | OSError]:
    """Every file below a folder, by name with 2 before 10, relative to it.

    Hidden files and folders are passed over. Links are followed, but no folder is entered twice, so
    a loop of links ends. A folder below that holds results of olhar is not entered: its journal,
    `.../.olhar.jsonl`, is yielded instead. A folder that cannot be read is yielded as its error.

    Args:
        folder: where to start.
        skip: a folder to leave out: the one the results go to.
    """
    seen = {_identity(skip)} if skip.exists() else set[tuple[int, int]]()
    yield from _walk(folder, Path(), seen)


def _walk(root: Path, below: Path, seen: set[tuple[int, int]]) -> Iterator[Path | OSError]:
    folder = root / below
    try:
        here = _identity(folder)
        if here in seen:
            return
        seen.add(here)
        if below != Path() and (folder / NAME).exists():
            yield below / NAME
            return
        names = sorted(os.listdir(folder), key=natural)  # noqa: PTH208
    except OSError as error:
        yield error
        return
    for name in names:
        if name.startswith("."):
            continue
        if (folder / name).is_dir():
            yield from _walk(root, below / name, seen)
        else:
            yield below / name


def outputs(sources: Sequence[Path], writable: Set[str], otherwise: str) -> dict[Path, Path]:
    """Source to result, both relative: the same name, with another suffix if that is not writable.

    No two results share a name, not even on a disk that takes `A.jpg` and `a.jpg` for the same;
    a result whose name is taken keeps its source's suffix before its own, then counts.

    Args:
        sources: paths relative to the folder they are in.
        writable: the suffixes that may stay, in lower case.
        otherwise: the suffix for the others.

    >>> a = [Path("a.gif"), Path("a.png")]
    >>> [str(name) for name in outputs(a, {".png"}, ".png").values()]
    ['a.png', 'a.gif.png']
    """
    taken: set[str] = set()
    named: dict[Path, Path] = {}
    for source in sorted(sources, key=lambda path: path.suffix.lower() not in writable):
        named[source] = next(
            path for path in _wishes(source, writable, otherwise) if _folded(path) not in taken
        )
        taken.add(_folded(named[source]))
    return named


def _wishes(source: Path, writable: Set[str], otherwise: str) -> Iterator[Path]:
    suffix = source.suffix if source.suffix.lower() in writable else otherwise
    yield source.with_suffix(suffix)
    if suffix != source.suffix:
        yield source.with_name(source.name + suffix)
    yield from (source.with_name(f"{source.stem}-{i}{suffix}") for i in itertools.count(2))


def _identity(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_dev, status.st_ino


def natural(name: str) -> tuple[list[tuple[int, str]], str]:
    """For sorting: 2 before 10, whatever the case.

    >>> sorted(["10", "b", "9", "A"], key=natural)
    ['9', '10', 'A', 'b']
    """
    parts = re.split(r"(\d+)", name.casefold())
    return [(int(part), "") if part.isdecimal() else (0, part) for part in parts], name


def _folded(path: Path) -> str:
    return unicodedata.normalize("NFC", str(path)).casefold()
