"""Tables of pictures: a column of files, columns of what is to be learned.

A column of names is a class; several names in a cell (`dress|red`), or several columns of 0 and 1,
are labels; numbers are numbers. How tables are written is in `spreadsheets`.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path, PureWindowsPath
from typing import TYPE_CHECKING
from unicodedata import normalize

import numpy as np

from olhar.data.examples import PARTS, Examples, notes_on_classes, several, some
from olhar.data.spreadsheets import Table, empty, numbers, read
from olhar.errors import OlharError
from olhar.media.files import shown
from olhar.media.image import READABLE
from olhar.media.walk import natural

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from olhar.data.examples import Part, Task

_BINARY = {"0": 0.0, "1": 1.0, "0.0": 0.0, "1.0": 1.0, "false": 0.0, "true": 1.0}
_SEVERAL = re.compile(r"[|;]")
_FEW = 20  # different whole numbers that may well be the numbers of classes


def read_table(
    path: Path,
    *,
    task: Task | None = None,
    file: str | None = None,
    target: str | Sequence[str] | None = None,
) -> Examples:
    """Read a table; `examples` says what its columns may hold.

    Files are looked for beside the table. A column that says only train, validation or test is a
    split. Rows whose file is missing or whose target is empty are left out, with a note.

    Raises:
        OlharError: no table, no such column, columns that do not say what to learn, or no file.
    """
    name = shown(path)
    table = read(path)
    columns = table.columns
    names = [target] if isinstance(target, str) else list(target or ())
    for column in ([file] if file else []) + names:
        if column not in columns:
            raise OlharError(f"{name} has no column {column}; its columns are {_list(columns)}")
    file = file or _file_column(columns, names)
    others = [column for column in columns if column not in {file, *names} and any(columns[column])]
    part = next((column for column in others if _is_split(columns[column])), None)
    if not names and task != "none":
        names = [column for column in others if column != part]
    if not names and task not in {None, "none"}:
        raise OlharError(f"{name} has only the column {file}; add one with what is to be learned")
    task = _task(name, table, names, task)
    targets, classes = _targets(name, table, names, task)

    files = [_find(path.parent, cell) for cell in columns[file]]
    here = np.array([found is not None for found in files])
    known = np.ones(len(files), np.bool_)
    if targets is not None:
        known &= ~np.isnan(targets).any(axis=1)
    notes: list[str] = []
    if missing := [cell for cell, found in zip(columns[file], here, strict=True) if not found]:
        verb = "is" if len(missing) == 1 else "are"
        notes.append(
            f"{len(missing):,} of {several(len(files), 'file')} {verb} missing ({some(missing)})"
        )
    if unknown := [cell for cell, good in zip(columns[file], known, strict=True) if not good]:
        notes.append(
            f"{several(len(unknown), 'row')} without a usable {some(names)} "
            f"left out ({some(unknown)})"
        )
    rows = sorted(np.flatnonzero(here & known), key=lambda row: natural(columns[file][row]))
    if not rows:
        raise OlharError(
            f"no row of {name} can be used: {'; '.join(notes)}; "
            f"its files were looked for in {shown(path.parent)}, by the column {file}"
        )
    counted = Counter(files[row] for row in rows)
    if twice := [found.name for found, count in counted.items() if found and count > 1]:
        verb = "is" if len(twice) == 1 else "are"
        notes.append(f"{several(len(twice), 'file')} {verb} listed more than once ({some(twice)})")
    split = _split([columns[part][row] for row in rows]) if part else None
    targets = None if targets is None else targets[rows]
    if targets is not None and task == "class":
        used = np.unique(targets)  # not those whose files are all missing
        classes = tuple(classes[int(i)] for i in used)
        targets = np.searchsorted(used, targets[:, 0]).astype(np.int64)
        notes += notes_on_classes(targets, classes, split)
    elif targets is not None:
        targets = targets.astype(np.float32)
    if task == "number" and len(names) == 1 and _few_whole(targets):
        notes.append(
            f"{names[0]} holds a few different whole numbers, which were taken for numbers; "
            "if they stand for classes, say so with the task class"
        )
    return Examples(
        root=path.parent,
        files=tuple(found for found in (files[row] for row in rows) if found),
        task=task,
        targets=targets,
        classes=classes,
        split=split,
        notes=tuple(notes),
    )


def _file_column(columns: dict[str, list[str]], targets: Sequence[str]) -> str:
    """The first column with names of pictures, or else the first."""
    candidates = [column for column in columns if column not in targets] or list(columns)

    def pictures(column: str) -> bool:
        return any(Path(cell).suffix.lower() in READABLE for cell in columns[column])

    return next(filter(pictures, candidates), candidates[0])


def _is_split(cells: Sequence[str]) -> bool:
    return all(cell.casefold() in PARTS for cell in cells)


def _split(cells: Sequence[str]) -> tuple[Part, ...]:
    return tuple(PARTS[cell.casefold()] for cell in cells)


def _task(name: str, table: Table, names: Sequence[str], task: Task | None) -> Task:
    columns = [table.columns[column] for column in names]
    if task is not None:
        if task == "class" and len(names) > 1:
            raise OlharError(
                f"{name} has several columns that could name the class ({_list(names)}); "
                "say which with target"
            )
        return task
    if not columns:
        return "none"
    binary = all(cell.casefold() in _BINARY for cells in columns for cell in cells)
    if binary:
        return "labels" if len(columns) > 1 else "class"
    if all(_is_numeric(cells, table.separator) for cells in columns):
        return "number"
    if len(columns) > 1:
        raise OlharError(
            f"{name} has the columns {_list(names)} besides the files; "
            "say which is to be learned with target"
        )
    return "labels" if any(_SEVERAL.search(cell) for cell in columns[0]) else "class"


def _is_numeric(cells: Sequence[str], separator: str) -> bool:
    filled = [cell for cell in cells if not empty(cell)]
    return bool(filled) and not np.isnan(numbers(filled, separator)).any()


def _targets(
    name: str, table: Table, names: Sequence[str], task: Task
) -> tuple[NDArray[np.float64] | None, tuple[str, ...]]:
    """For every row the targets, NaN where there are none, and what they stand for."""
    columns = [table.columns[column] for column in names]
    if task == "none":
        return None, ()
    if task == "number":
        values = np.stack([numbers(cells, table.separator) for cells in columns], 1)  # (N, K)
        return values, tuple(names)
    if len(columns) > 1:
        if odd := {cell for cells in columns for cell in cells if cell.casefold() not in _BINARY}:
            raise OlharError(
                f"several columns of labels hold 0 or 1, but those of {name} ({_list(names)}) "
                f"hold {some(sorted(odd))}; name one column with target"
            )
        values = np.array([[_BINARY[cell.casefold()] for cell in cells] for cells in columns])
        return values.T, tuple(names)  # (N, C)
    if task == "class":
        classes = tuple(sorted({cell for cell in columns[0] if cell}, key=natural))
        number = {label: float(i) for i, label in enumerate(classes)}
        return np.array([[number.get(cell, np.nan)] for cell in columns[0]]), classes
    sets = [{label.strip() for label in _SEVERAL.split(cell)} - {""} for cell in columns[0]]
    classes = tuple(sorted(set[str]().union(*sets), key=natural))
    return np.array([[float(label in labels) for label in classes] for labels in sets]), classes


def _few_whole(values: NDArray[np.int64] | NDArray[np.float32] | None) -> bool:
    different = np.unique(values) if values is not None else np.zeros(0)
    return 1 < len(different) <= _FEW and bool((different == different.round()).all())


def _find(folder: Path, cell: str) -> Path | None:
    """The file that a cell means: perhaps with backslashes, accents apart, or no suffix."""
    if not cell:
        return None
    return next((path for path in _meant(folder, cell) if path.is_file()), None)


def _meant(folder: Path, cell: str) -> Iterator[Path]:
    for text in (cell, PureWindowsPath(cell).as_posix()):
        for form in ("NFC", "NFD"):
            path = folder / normalize(form, text)
            yield path
            if path.suffix.lower() not in READABLE:
                yield from (path.with_name(path.name + suffix) for suffix in _SUFFIXES)


_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".JPG")


def _list(names: Sequence[str] | dict[str, list[str]]) -> str:
    return ", ".join(names)
