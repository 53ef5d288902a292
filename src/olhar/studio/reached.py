"""How far somebody is with a lesson; it stays in the studio's folder, in `lessons/`.

NAME.json says how many cells have run and which exercises were right; NAME.py holds what was
written into the exercises, which are the last cell of each lesson.
"""

from __future__ import annotations

import contextlib
import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from olhar.media.files import atomic

if TYPE_CHECKING:
    from pathlib import Path

    from olhar.lessons.lesson import Lesson

_CHECK = re.compile(r'^check\("(\w+\.\w+)"', re.MULTILINE)


class Exercise(NamedTuple):
    """The last cell of a lesson, in which the reader writes."""

    place: int
    """Which of the cells."""
    blank: str
    """What is to be filled in: code with a `...` for each answer."""
    checks: str
    """The code below, which says whether it is right."""
    names: tuple[str, ...]


def exercise(of: Lesson) -> Exercise:
    """Take the last cell apart: answers above, checks below."""
    text = of.cells[-1].text.english
    first = next(_CHECK.finditer(text)).start()
    names = tuple(_CHECK.findall(text))
    return Exercise(len(of.cells) - 1, text[:first].rstrip(), text[first:], names)


class Kept(NamedTuple):
    """How far somebody is with a lesson."""

    cells: int = 0
    """How many of its cells have run, at most."""
    right: frozenset[str] = frozenset()
    """Exercises that were answered rightly once."""
    answer: str | None = None
    """What was written last."""


def kept(folder: Path, of: Lesson) -> Kept:
    """Read what is kept of a lesson.

    Args:
        folder: of the studio.
        of: which.
    """
    reached: dict[str, Any] = {}
    answer = None
    with contextlib.suppress(OSError, ValueError):
        reached = json.loads((folder / "lessons" / f"{of.stem}.json").read_text("utf-8"))
    with contextlib.suppress(OSError, ValueError):
        answer = (folder / "lessons" / f"{of.stem}.py").read_text("utf-8")
    right = frozenset(reached.get("right", [])) & {*exercise(of).names}
    return Kept(min(reached.get("cells", 0), len(of.cells)), right, answer)


def keep(folder: Path, of: Lesson, cells: int = 0, right: frozenset[str] = frozenset()) -> None:
    """Keep what was reached; nothing that was reached before is lost."""
    before = kept(folder, of)
    now = {"cells": max(before.cells, cells), "right": sorted(before.right | right)}
    with atomic(folder / "lessons" / f"{of.stem}.json") as temporary:
        temporary.write_text(json.dumps(now), "utf-8")


def keep_answer(folder: Path, of: Lesson, answer: str) -> None:
    """Keep what somebody wrote, right or not."""
    with atomic(folder / "lessons" / f"{of.stem}.py") as temporary:
        temporary.write_text(answer, "utf-8")
