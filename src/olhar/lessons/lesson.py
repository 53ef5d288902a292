"""A lesson as data: its title and its cells, read out of a percent-format Python file.

    # %% [markdown] lang="en"      prose, each line a comment
    # %% [markdown] lang="pt"      the same in Brazilian Portuguese, always right after the English
    # %%                           code
    # %% jupyter={"source_hidden": true}
                                   code that is not to be read: it draws, asks, or has the answer

The format is jupytext's, so editors open these files as notebooks. What stands above the first
cell is for tools and is no part of the lesson.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal, NamedTuple

from olhar.errors import OlharError
from olhar.look.phrase import Language, Phrase

FOLDER = Path(__file__).parent
_NAME = re.compile(r"(\d\d)_(\w+)")
HIDDEN = 'jupyter={"source_hidden": true}'
_CELL = re.compile(rf'^# %%(?: \[markdown\] lang="(en|pt)"| ({re.escape(HIDDEN)}))?$', re.MULTILINE)


class Cell(NamedTuple):
    """A piece of prose in both languages, or some code, which is the same in both."""

    kind: Literal["prose", "code"]
    text: Phrase
    """Markdown, or Python."""
    line: int
    """Of the file, where the English prose or the code starts."""
    hidden: bool = False
    """Code that runs and is folded away."""

    def in_(self, language: Language) -> str:
        """The text in one of the languages."""
        return self.text.in_(language)


class Lesson(NamedTuple):
    """One file of the course."""

    number: int
    name: str
    """"tensors": what its exercises are filed under."""
    path: Path
    title: Phrase
    summary: Phrase
    """The first paragraph, on one line."""
    cells: tuple[Cell, ...]

    @property
    def stem(self) -> str:
        """`01_tensors`, as files made of it are called."""
        return self.path.stem


def lessons() -> list[Lesson]:
    """All lessons in their order."""
    return [read(path) for path in sorted(FOLDER.glob("[0-9][0-9]_*.py"))]


def lesson(number: int) -> Lesson:
    """One lesson by its number.

    Raises:
        OlharError: if there is none of that number.
    """
    numbers: list[int] = []
    for path in sorted(FOLDER.glob("[0-9][0-9]_*.py")):
        numbers.append(int(path.name[:2]))
        if numbers[-1] == number:
            return read(path)
    raise OlharError(
        f"there is no lesson {number}; there are lessons {numbers[0]} to {numbers[-1]}, "
        "and olhar learn lists them"
    )


def read(path: Path) -> Lesson:
    """Read a lesson.

    Raises:
        OlharError: if the file's name or its cells are not those of a lesson; the sentence says
            where.
    """
    named = _NAME.fullmatch(path.stem)
    if not named:
        raise OlharError(f"{path.name} is no lesson's name; one is called 07_classification.py")
    cells = _cells(path)
    if not cells or cells[0].kind != "prose":
        raise OlharError(f"{path.name} starts without a title; its first cell must be prose")
    titles, summaries = zip(*(_opening(text) for text in cells[0].text), strict=True)
    number, name = int(named[1]), named[2]
    return Lesson(number, name, path, Phrase(*titles), Phrase(*summaries), cells)


def _cells(path: Path) -> tuple[Cell, ...]:
    source = path.read_text("utf-8")
    marks = list(_CELL.finditer(source))
    ends = [mark.start() for mark in marks[1:]] + [len(source)]
    found: list[Cell] = []
    english: tuple[str, int] | None = None
    for mark, end in zip(marks, ends, strict=True):
        language, body = mark[1], source[mark.end() : end].strip("\n").rstrip()
        line = source.count("\n", 0, mark.end()) + 2
        if (language == "pt") != (english is not None):
            raise OlharError(
                f"{path.name}, line {line - 1}: prose comes as English and right after it as "
                "Portuguese"
            )
        if language == "en":
            english = (_uncommented(body), line)
        elif language == "pt" and english is not None:
            found.append(Cell("prose", Phrase(english[0], _uncommented(body)), english[1]))
            english = None
        else:
            found.append(Cell("code", Phrase(body, body), line, hidden=bool(mark[2])))
    if english is not None:
        raise OlharError(f"{path.name} ends with prose that is in English only")
    return tuple(found)


def _uncommented(body: str) -> str:
    return "\n".join(line.removeprefix("#").removeprefix(" ") for line in body.splitlines())


def _opening(prose: str) -> tuple[str, str]:
    """The title without its number, and the first paragraph."""
    title, _, rest = prose.partition("\n")
    paragraph = rest.strip().partition("\n\n")[0]
    return re.sub(r"^# (\d+\. )?", "", title), " ".join(paragraph.split())
