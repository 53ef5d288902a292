"""Pictures in folders: one folder per class, the same already split, or all in one.

Which of the three it is follows from where the pictures lie, so nobody has to say. Class names are
those of the folders; what lies deeper below one belongs to it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from olhar.data.examples import PARTS, Examples, nfc, notes_on_classes, several, some
from olhar.errors import OlharError
from olhar.media.files import reason, shown
from olhar.media.image import READABLE
from olhar.media.journal import NAME
from olhar.media.walk import natural, walk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from olhar.data.examples import Part, Task

_CLUTTER = {"thumbs.db", "desktop.ini"}  # what begins with a dot is passed over by `walk`
_ARCHIVERS = "__MACOSX"


class _Found(NamedTuple):
    """A picture; paths are relative to the folder that was given."""

    path: Path
    part: Part | None
    folder: Path | None
    """Of its class; None if it lies beside those."""

    @property
    def label(self) -> str:
        return nfc(self.folder.name).strip() if self.folder else ""


def read_folder(folder: Path, *, task: Task | None = None) -> Examples:
    """Find the pictures below a folder; `examples` says what folders may look like.

    Links are followed, each folder is entered once. Hidden files and what systems and archivers
    leave behind are passed over.

    Raises:
        OlharError: no pictures, or not what `task` needs.
    """
    if task in {"labels", "number"}:
        raise OlharError(
            f"{shown(folder)} is a folder, which says one class of each picture; "
            "for labels and numbers give a table (CSV) with a column of files"
        )
    paths, notes = _pictures(folder)
    if not paths:
        raise OlharError(
            f"there are no pictures in {shown(folder)}{f' ({notes[0]})' if notes else ''}; "
            "give a folder with pictures, or with a folder of pictures for each class"
        )
    found = _placed(paths, notes)
    found.sort(key=lambda each: natural(each.path.as_posix()))
    beside = [each for each in found if each.folder is None]
    labelled = (
        len({each.label for each in found if each.folder}) > 1 or not beside
        if task is None
        else task == "class"
    )
    if not labelled:
        return Examples(
            root=folder,
            files=tuple(folder / each.path for each in found),
            task="none",
            split=_split(found),
            notes=tuple(notes),
        )
    if beside:
        notes.append(
            f"{several(len(beside), 'picture')} beside the folders of the classes left out "
            f"({some(each.path for each in beside)})"
        )
        found = [each for each in found if each.folder]
    if not found:
        raise OlharError(
            f"{shown(folder)} holds pictures but no folder for each class; "
            "sort them into folders named after their classes, or give a table (CSV)"
        )
    classes = tuple(sorted({each.label for each in found}, key=natural))
    number = {name: i for i, name in enumerate(classes)}
    targets = np.array([number[each.label] for each in found], np.int64)
    split = _split(found)
    if empty := _empty(folder, found):
        notes.append(f"folders without pictures were left out ({some(empty)})")
    return Examples(
        root=folder,
        files=tuple(folder / each.path for each in found),
        task="class",
        targets=targets,
        classes=classes,
        split=split,
        notes=(*notes, *notes_on_classes(targets, classes, split)),
    )


def _pictures(folder: Path) -> tuple[list[Path], list[str]]:
    """Relative paths of the pictures, and notes on what else there was."""
    pictures: list[Path] = []
    others: list[Path] = []
    notes: list[str] = []
    for path in walk(folder, folder / NAME):
        if isinstance(path, OSError):
            notes.append(f"{shown(path.filename or folder)} was left out: {reason(path)}")
        elif path.name == NAME:
            notes.append(f"{shown(path.parent)} holds results of olhar and was left out")
        elif path.suffix.lower() in READABLE and _ARCHIVERS not in path.parts:
            pictures.append(path)
        elif path.name.casefold() not in _CLUTTER and _ARCHIVERS not in path.parts:
            others.append(path)
    if others:
        notes.append(f"{several(len(others), 'file')} other than pictures ({some(others)})")
    return pictures, notes


def _placed(paths: Sequence[Path], notes: list[str]) -> list[_Found]:
    """For each picture its part and its class, by where it lies."""
    depth = _wrapping(paths)
    if depth:
        notes.append(f"classes are taken from the folders in {Path(*paths[0].parts[:depth])}")
    parts = {path.parts[depth] for path in paths if len(path.parts) > depth + 1}
    named: dict[str, Part] = {
        name: PARTS[nfc(name).casefold()] for name in parts if nfc(name).casefold() in PARTS
    }
    nested = all(len(path.parts) > depth + 2 for path in paths if path.parts[depth] in named)
    if not named or not (named.keys() == parts or (len(set(named.values())) > 1 and nested)):
        return [_Found(path, None, _folder(path, depth)) for path in paths]
    outside = [path for path in paths if path.parts[depth] not in named]
    if outside:
        notes.append(
            f"{several(len(outside), 'picture')} outside {', '.join(sorted(named))} were left out "
            f"({some(outside)})"
        )
    return [
        _Found(path, named[path.parts[depth]], _folder(path, depth + 1))
        for path in paths
        if path.parts[depth] in named
    ]


def _wrapping(paths: Sequence[Path]) -> int:
    """How many folders lie around those that matter, as archives make them: `data/data/...`."""
    depth = 0
    while len({path.parts[depth] for path in paths}) == 1 and len(paths[0].parts) > depth + 1:
        if nfc(paths[0].parts[depth]).casefold() in PARTS:
            return depth
        depth += 1
    folders = {path.parts[depth] for path in paths if len(path.parts) > depth + 1}
    return depth if len(folders) > 1 else max(0, depth - 1)


def _folder(path: Path, depth: int) -> Path | None:
    return Path(*path.parts[: depth + 1]) if len(path.parts) > depth + 1 else None


def _split(found: Sequence[_Found]) -> tuple[Part, ...] | None:
    return tuple(each.part for each in found if each.part) or None


def _empty(folder: Path, found: Sequence[_Found]) -> list[str]:
    """Folders that stand beside those of the classes but hold no pictures."""
    full = {each.folder for each in found}
    names = [
        path.relative_to(folder)
        for place in {each.folder.parent for each in found if each.folder}
        for path in (folder / place).iterdir()
        if path.is_dir() and not path.name.startswith((".", _ARCHIVERS))
    ]
    return sorted((name.as_posix() for name in names if name not in full), key=natural)
