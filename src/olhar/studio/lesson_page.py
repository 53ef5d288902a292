"""How a lesson stands on its page: once, down to its exercises; and the slots that change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from olhar.lessons import page as lesson_html
from olhar.lessons.lesson import lessons
from olhar.look.messages import say
from olhar.look.page import Html, html
from olhar.studio import reached
from olhar.studio.lesson_shelf import reading, title
from olhar.studio.lesson_slots import slots
from olhar.studio.slots import put, slot

if TYPE_CHECKING:
    from olhar.lessons.lesson import Lesson
    from olhar.studio.lesson_slots import View

_SHEET = Html(f"<style>.lesson {{{lesson_html.STYLE}}}</style>")


def top(view: View) -> Html:
    """The lesson down to its exercises."""
    of = view.lesson
    inside = dict(slots(view))
    body: list[str] = []
    last = len(of.cells) - 1
    for place, cell in enumerate(of.cells):
        if place == last and view.runs:
            break
        body.append(lesson_html.shown(cell, title=place == 0))
        if place in inside:
            body.append(_slot(place, inside[place]))
    bar = _slot("bar", inside["bar"]) if view.runs else reading()
    after = "" if view.runs else _next(of)
    back = html(say("studio.lesson.all"))
    return Html(
        f'<article class="lesson">{_SHEET}<a class="back" href="/lessons">{back}</a>'
        f"<h1>{title(of)}</h1>{bar}{''.join(body)}{after}</article>"
    )


def bottom(view: View) -> Html:
    """What stands below the answers: what judges them, what it said, and where one goes on."""
    if not view.runs:
        return Html("")
    place = reached.exercise(view.lesson).place
    slot = _slot(place, dict(slots(view))[place])
    return Html(f'<div class="lesson">{slot}{_next(view.lesson)}</div>')


def changing(view: View) -> Html:
    """All slots, for look.js to put in their places."""
    return put(slots(view))


def _next(of: Lesson) -> str:
    following = [each for each in lessons() if each.number == of.number + 1]
    if not following:
        return ""
    words = say("studio.lesson.next", title=following[0].title)
    address = f"/lessons?lesson={of.number + 1}"
    return f'<div class="deeds"><a class="deed" href="{address}">{html(words)}</a></div>'


def _slot(name: int | str, inside: str) -> str:
    return slot(name, inside, 'class="slot" tabindex="-1" aria-live="polite"')
