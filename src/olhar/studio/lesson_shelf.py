"""All lessons as a list, with how far somebody is in each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from olhar.lessons import page as lesson_html
from olhar.look.messages import say
from olhar.look.page import Html, html
from olhar.look.phrase import LANGUAGES, Phrase
from olhar.studio import reached

if TYPE_CHECKING:
    from collections.abc import Iterable

    from olhar.lessons.lesson import Lesson


def shelf(there: Iterable[tuple[Lesson, reached.Kept]], *, runs: bool) -> Html:
    """All lessons, with how far one is in each."""
    cards = "".join(_card(each, far, runs=runs) for each, far in there)
    return Html(f'{"" if runs else reading()}<div class="cards lessons">{cards}</div>')


def _card(of: Lesson, far: reached.Kept, *, runs: bool) -> str:
    summary = "".join(
        f'<div lang="{language}">{lesson_html.markdown(text)}</div>'
        for language, text in zip(LANGUAGES, of.summary, strict=True)
    )
    how_far = ""
    if runs:
        begun = far.cells or far.right
        words = progress(of, far) if begun else html(say("studio.lesson.new"))
        how_far = f'<div class="reached">{meter(of, far)}<p>{words}</p></div>'
    return (
        f'<article class="card"><h3><a href="/lessons?lesson={of.number}">{title(of)}</a></h3>'
        f"{summary}{how_far}</article>"
    )


def title(of: Lesson) -> Html:
    """Its number and its name."""
    return html(Phrase(*(f"{of.number}. {said}" for said in of.title)))


def places(of: Lesson) -> list[int]:
    """The code that is to be read, less the exercises."""
    return [n for n, cell in enumerate(of.cells[:-1]) if cell.kind == "code" and not cell.hidden]


def _counts(of: Lesson, far: reached.Kept) -> tuple[int, int, int, int]:
    """How many cells have run, of how many; how many exercises are right, of how many."""
    readable = places(of)
    ran = sum(n < far.cells for n in readable)
    return ran, len(readable), len(far.right), len(reached.exercise(of).names)


def progress(of: Lesson, far: reached.Kept) -> Html:
    """How far somebody is with it, in words."""
    ran, cells, right, exercises = _counts(of, far)
    words = say(
        "studio.lesson.progress",
        cells=f"{ran}",
        all=f"{cells}",
        right=f"{right}",
        exercises=f"{exercises}",
    )
    if (ran, right) == (cells, exercises):
        return Html(
            f'{html(words)} · <strong class="done">{html(say("studio.lesson.done"))}</strong>'
        )
    return html(words)


def meter(of: Lesson, far: reached.Kept) -> str:
    """The same as a line that fills."""
    ran, cells, right, exercises = _counts(of, far)
    share = 100 * (ran + right) / (cells + exercises)
    return f'<div class="meter" style="--share:{share:.0f}%" aria-hidden="true"></div>'


def reading() -> str:
    """What stands on top where lessons are not run."""
    return f'<p class="reading">{html(say("studio.lesson.reading"))}</p>'
