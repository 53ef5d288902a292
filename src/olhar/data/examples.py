"""What there is to learn from: files, what is known of each, and what was noticed while reading.

    found = examples("clothing")            # one folder per class, or train/, validation/, test/
    found = examples("prices.csv")          # a table: a column of files, columns of targets
    found = examples("torchvision:CIFAR10") # a published set; also "hf:owner/name"

Nothing is decoded here: pictures that turn out to be broken are left out by `cache`, and
`found.take(cached.kept)` leaves them out of the targets too.
"""

from __future__ import annotations

import importlib
import os
import re
import unicodedata
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

import numpy as np

from olhar.errors import OlharError
from olhar.media.files import shown
from olhar.media.image import READABLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

Task: TypeAlias = Literal["class", "labels", "number", "none"]
"""One class of several; any number of labels; numbers; nothing but pictures."""
Part: TypeAlias = Literal["train", "validation", "test"]
"""Which part of a split."""

PARTS: dict[str, Part] = {
    **dict.fromkeys(("train", "training", "treino", "treinamento"), "train"),
    **dict.fromkeys(("validation", "val", "valid", "dev", "validação", "validacao"), "validation"),
    **dict.fromkeys(("test", "testing", "teste"), "test"),
}
"""What the parts of a split are called, in lower case."""
_TABLES = {".csv", ".tsv", ".txt"}
_PACKED = {".olhar": "olhar.codec.unpacking:as_folder"}
"""Suffix of files that hold a folder, to what makes a folder of them: `(path) -> path`."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Examples:
    """N pictures and what is known of each."""

    root: Path
    """The folder that `names` are relative to."""
    files: tuple[Path, ...]
    task: Task
    targets: NDArray[np.int64] | NDArray[np.float32] | None = None
    """class: (N,) int64. labels: (N, C) float32, 0 or 1. number: (N, K) float32. none: None."""
    classes: tuple[str, ...] = ()
    """What targets stand for, in order: C classes or labels, or K names of numbers."""
    split: tuple[Part, ...] | None = None
    """For each file the part that whoever made the data put it in, if they did."""
    notes: tuple[str, ...] = ()
    """What a person should know: sentences."""

    def __len__(self) -> int:
        return len(self.files)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The files relative to `root`, the same on every system: `dress/ação.jpg`, NFC."""
        return tuple(nfc(_relative(file, self.root)) for file in self.files)

    @property
    def described(self) -> str:
        """What it is in a few words: "3,781 pictures in 10 classes"."""
        count = several(len(self), "picture")
        return {
            "class": f"{count} in {several(len(self.classes), 'class')}",
            "labels": f"{count} with {several(len(self.classes), 'label')}",
            "number": f"{count} with {several(len(self.classes), 'number')} each",
            "none": count,
        }[self.task]

    def take(self, indices: NDArray[np.int64]) -> Examples:
        """Some of the examples, in the order of `indices`; the classes stay as they are."""
        return replace(
            self,
            files=tuple(self.files[i] for i in map(int, indices)),
            targets=None if self.targets is None else self.targets[indices],
            split=None if self.split is None else tuple(self.split[i] for i in map(int, indices)),
        )


def examples(
    source: str | os.PathLike[str],
    *,
    task: Task | None = None,
    file: str | None = None,
    target: str | Sequence[str] | None = None,
) -> Examples:
    """Find pictures and what is known of them.

    Args:
        source: a folder with a folder per class, perhaps below `train/`, `validation/` and `test/`;
            a folder of pictures; a packed folder (`.olhar`); a table (CSV); `hf:owner/name` or
            `torchvision:Name`.
        task: what to learn, where it is not evident: "class" takes the numbers of a table for
            classes, "none" takes every picture below a folder and no targets.
        file: the column of a table that names the files; if not given, the first that does.
        target: the column or columns of a table to learn; if not given, all others.

    Returns:
        The pictures, in an order that depends on their names alone.

    Raises:
        OlharError: there is no such source, or nothing in it to learn from.
    """
    if task is not None and task not in get_args(Task):
        raise OlharError(f"task is {task!r}; it can be {', '.join(get_args(Task))}")
    text = os.fspath(source)
    if re.match(r"(hf|torchvision):", text):
        from olhar.data.sets import read_set

        return read_set(text, task=task, target=target)
    path = Path(source)
    if path.suffix in _PACKED and path.is_file():
        module, _, name = _PACKED[path.suffix].partition(":")
        path = getattr(importlib.import_module(module), name)(path)
    if path.is_dir():
        from olhar.data.folders import read_folder

        if file or target:
            raise OlharError(
                f"{shown(path)} is a folder, which has no columns; file and target are for tables"
            )
        return read_folder(path, task=task)
    if path.suffix.lower() in READABLE:
        raise OlharError(f"{shown(path)} is one picture; give a folder of pictures or a table")
    if not path.exists():
        raise OlharError(
            f"there is no {shown(path)}; give a folder of pictures, a table (.csv), "
            "hf:owner/name or torchvision:Name"
        )
    if path.suffix.lower() not in _TABLES:
        raise OlharError(
            f"{shown(path)} is no folder and no table; give a folder of pictures or a .csv file"
        )
    from olhar.data.tables import read_table

    return read_table(path, task=task, file=file, target=target)


def nfc(name: str) -> str:
    r"""A name as Linux and Windows write it, since macOS takes its accents apart.

    >>> nfc("a\u0303o") == "\u00e3o"
    True
    """
    return unicodedata.normalize("NFC", name)


def some(names: Iterable[str | os.PathLike[str]], most: int = 3) -> str:
    """The first names of many, for a sentence.

    >>> some(["a.jpg", "b.jpg", "c.jpg", "d.jpg"])
    'a.jpg, b.jpg, c.jpg and 1 more'
    """
    listed = [shown(name) for name in names]
    rest = len(listed) - most
    return ", ".join(listed[:most]) + (f" and {rest:,} more" if rest > 0 else "")


def several(n: int, noun: str) -> str:
    """A number of things.

    >>> several(1, "class"), several(1200, "class")
    ('1 class', '1,200 classes')
    """
    plural = "" if n == 1 else "es" if noun.endswith("s") else "s"
    return f"{n:,} {noun}{plural}"


def notes_on_classes(
    targets: NDArray[np.int64], classes: Sequence[str], split: Sequence[Part] | None
) -> list[str]:
    """Sentences on classes with one picture, and on those that a part of a split does not have.

    Args:
        targets: (N,).
        classes: C names.
        split: N parts, or None.
    """
    notes: list[str] = []
    counts = np.bincount(targets, minlength=len(classes))
    single = [name for name, count in zip(classes, counts, strict=True) if count == 1]
    if single:
        notes.append(f"with a single picture each: {some(single)}")
    for part in dict.fromkeys(split or ()):
        here = np.bincount(targets[np.array(split) == part], minlength=len(classes))
        if absent := [name for name, count in zip(classes, here, strict=True) if count == 0]:
            notes.append(f"not in {part}: {some(absent)}")
    return notes


def _relative(file: Path, root: Path) -> str:
    return (file.relative_to(root) if file.is_relative_to(root) else file).as_posix()
