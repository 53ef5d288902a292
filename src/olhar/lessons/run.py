"""Lessons in a terminal: read, or run cell by cell; what a run gives is kept, cell by cell.

All cells of a lesson share one module, as in a notebook. What they print and show is told while it
comes, and then there for a page (`page`).
"""

from __future__ import annotations

import contextlib
import io
import sys
import time
import types
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from olhar.lessons import stage

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from olhar.lessons.lesson import Cell, Lesson
    from olhar.look.phrase import Language, Phrase


class Told(NamedTuple):
    """A sentence that a lesson said."""

    sentence: Phrase
    tone: stage.Tone


Output: TypeAlias = str | Told | stage.Drawn
"""What a cell gives: printed text, a sentence, or a picture."""


@dataclass
class Ran:
    """A lesson that has been run; also the stage on which it is given."""

    lesson: Lesson
    console: Console | None = None
    """Where it is told while it runs."""
    outputs: list[list[Output]] = field(default_factory=list[list[Output]])
    """For each cell what it gave."""
    seconds: float = 0.0

    @property
    def exercises(self) -> dict[str, int]:
        """How many exercises are right, wrong and open."""
        tones = [o.tone for given in self.outputs for o in given if isinstance(o, Told)]
        return {state: tones.count(state) for state in ("right", "wrong", "open")}

    def say(self, sentence: Phrase, tone: stage.Tone) -> None:
        """Keep a sentence, and tell it."""
        self.outputs[-1].append(Told(sentence, tone))
        if self.console:
            self.console.print(sentence.in_(stage.language()), style=_STYLES[tone], markup=False)

    def show(self, picture: stage.Drawn) -> None:
        """Keep a picture, and say what it shows."""
        self.outputs[-1].append(picture)
        if self.console:
            caption = picture.caption.in_(stage.language())
            self.console.print(f"[ {caption} ]", style="dim", markup=False)

    def ask(self, question: Phrase) -> str:
        """Keep a question, and wait for a guess if someone is there to make one."""
        self.say(question, "question")
        if not self.console or not self.console.is_terminal or not sys.stdin.isatty():
            return ""
        return stage.guess(self.console.input)

    def write(self, text: str) -> int:
        """Keep what a cell prints, and print it."""
        given = self.outputs[-1]
        if given and isinstance(given[-1], str):
            given[-1] += text
        else:
            given.append(text)
        if self.console:
            self.console.print(text, end="", markup=False, highlight=False)
        return len(text)


_STYLES: dict[stage.Tone, str] = {
    "plain": "",
    "question": "bold blue",
    "answer": "blue",
    "open": "dim",
    "right": "green",
    "wrong": "red",
}


def run(lesson: Lesson, console: Console | None = None) -> Ran:
    """Run a lesson.

    Args:
        lesson: which.
        console: where its prose, its code and what the code gives are told as it goes.

    Returns:
        What each cell gave. An error in the lesson's code is raised as it is.
    """
    started = time.perf_counter()
    ran = Ran(lesson, console)
    module = types.ModuleType(f"lesson_{lesson.stem}")
    module.__file__ = str(lesson.path)
    sys.modules[module.__name__] = module  # dataclasses look their module up
    try:
        with stage.taken(ran), contextlib.redirect_stdout(_Printed(ran)):
            for cell in lesson.cells:
                ran.outputs.append([])
                if console and not cell.hidden:
                    console.print(rendered(cell, stage.language()))
                if cell.kind == "code":
                    above = "\n" * (cell.line - 1)  # so that a traceback names the file's line
                    code = compile(above + cell.text.english, str(lesson.path), "exec")
                    exec(code, module.__dict__)  # noqa: S102  the lesson is ours
    finally:
        del sys.modules[module.__name__]
    ran.seconds = time.perf_counter() - started
    return ran


class _Printed(io.TextIOBase):
    """What is printed goes to the run."""

    def __init__(self, ran: Ran) -> None:
        self.ran = ran

    def write(self, text: str) -> int:
        return self.ran.write(text)


def rendered(cell: Cell, language: Language) -> RenderableType:
    """A cell as a terminal shows it."""
    from rich.markdown import Markdown
    from rich.padding import Padding
    from rich.syntax import Syntax

    if cell.kind == "prose":
        return Padding(Markdown(cell.in_(language)), (1, 0, 0, 0))
    return Padding(
        Syntax(
            cell.text.english,
            "python",
            theme="ansi_light",
            background_color="default",
            word_wrap=True,
        ),
        (1, 0, 0, 2),
    )


def read(lesson: Lesson, language: Language, *, width: int = 80, color: bool = False) -> str:
    """The whole lesson as text for a terminal, less the code that is folded away.

    Args:
        lesson: which.
        language: of the prose.
        width: columns.
        color: with the codes that colour a terminal.
    """
    from rich.console import Console

    box = io.StringIO()
    console = Console(
        file=box, width=width, force_terminal=color, no_color=not color, highlight=False
    )
    for cell in (each for each in lesson.cells if not each.hidden):
        console.print(rendered(cell, language))
    lines = (line.rstrip() for line in box.getvalue().splitlines())
    return "\n".join(lines).strip("\n")
