"""What changes while a lesson is worked through: a slot under each cell, and the bar on top."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple

from olhar.lessons import page as lesson_html
from olhar.lessons.run import Told
from olhar.lessons.stage import Drawn
from olhar.look.messages import say
from olhar.look.page import html
from olhar.look.phrase import Phrase
from olhar.studio import parts, reached
from olhar.studio.lesson_shelf import meter, places, progress
from olhar.studio.parts import button

if TYPE_CHECKING:
    from olhar.lessons.lesson import Lesson
    from olhar.studio.job import Job


class View(NamedTuple):
    """A lesson as one visitor sees it now."""

    lesson: Lesson
    kept: reached.Kept
    job: Job | None
    """The visitor's last session of it."""
    told: dict[str, Any]
    """What that told (`course.state`)."""
    runs: bool
    """Whether it can be run here."""

    @property
    def busy(self) -> bool:
        """Whether something is being done, or is in line."""
        return self.job is not None and not self.job.over and self.told["busy"]

    @property
    def heard(self) -> int:
        """The number of the last request that was taken up."""
        return self.told["heard"]

    @property
    def asking(self) -> int | None:
        """The cell whose question waits for a guess."""
        alive = self.job is not None and not self.job.over
        return self.told["asking"] if alive else None


def slots(view: View) -> list[tuple[int | str, str]]:
    """Everything that changes while a lesson is worked through, by where it stands."""
    of = view.lesson
    if not view.runs:
        return []
    last = len(of.cells) - 1
    found: list[tuple[int | str, str]] = [("bar", _bar(view))]
    for place, cell in enumerate(of.cells):
        if cell.kind == "code":
            given = _given(view, place)
            if place == last:
                given = given or _once(view)
            found.append((place, (_deeds(view, place) if place < last else "") + given))
    return found


def _bar(view: View) -> str:
    """How far one is, and what goes for the whole lesson."""
    of, told, job = view.lesson, view.told, view.job
    how_far = f'<p class="note">{progress(of, view.kept)}</p>{meter(of, view.kept)}'
    deeds = ""
    if view.busy and job is not None:
        stop = button("stop", say("studio.stop.plain"))
        begun = "" if told["heard"] else f"<p>{html(say('studio.lesson.beginning'))} …</p>"
        deeds = f"{stop}{begun}"
    else:
        last = len(of.cells) - 1
        if told["next"] < last and view.asking is None:
            deeds += button("run", say("studio.lesson.whole"), to=last - 1)
        if told["next"] or told["outputs"]:
            deeds += button("over", say("studio.lesson.over"))
    wrong = parts.failed(job.error) if job is not None and job.state == "failed" else ""
    return f'{how_far}<div class="deeds">{deeds}</div>{wrong}'


def _deeds(view: View, place: int) -> str:
    """The button of a cell that has not run yet."""
    of, told = view.lesson, view.told
    waits = view.busy or view.asking is not None
    if of.cells[place].hidden or place < told["next"] or waits:
        return ""
    first = not any(told["next"] <= n < place for n in places(of))
    words = say("studio.lesson.run" if first else "studio.lesson.here")
    deed = button("run", words, "main" if first else "", to=through(of, place))
    return f'<div class="deeds">{deed}</div>'


def through(of: Lesson, place: int) -> int:
    """The last cell that goes with one: what is folded away behind it, down to the next question.

    >>> from olhar.lessons.lesson import lesson
    >>> tensors = lesson(1)
    >>> [through(tensors, n) for n in (2, 4, 15)]
    [2, 5, 18]
    """
    code = [n for n in range(place + 1, len(of.cells) - 1) if of.cells[n].kind == "code"]
    for n in code:
        if not of.cells[n].hidden:
            break
        place = n
    return place


def following(of: Lesson, place: int) -> int:
    """The last cell that goes with the first code to be read below a question."""
    return through(of, next((n for n in places(of) if n > place), place))


def _given(view: View, place: int) -> str:
    """What a cell gave so far, and whether it still runs."""
    told = view.told
    outputs: list[dict[str, Any]] = told["outputs"].get(str(place), [])
    shown = "".join(_output(view, place, each) for each in outputs)
    alive = view.job is not None and not view.job.over
    if alive and view.asking == place:
        shown += _guess(place)
    elif alive and told["at"] == place:
        stop = button("stop", say("studio.stop.plain"))
        running = html(say("studio.lesson.running"))
        shown += (
            f'<div class="running"><div class="meter unknown" role="progressbar" '
            f'aria-valuetext="…"></div><div class="deeds">{stop}<span class="note">{running} …'
            "</span></div></div>"
        )
    elif not shown and place < told["next"] and not view.lesson.cells[place].hidden:
        shown = f'<p class="note ran">{html(say("studio.lesson.ran"))}</p>'
    return f'<div class="output">{shown}</div>' if shown else ""


def _guess(place: int) -> str:
    words = html(say("studio.lesson.guess"))
    see = button("guess", say("studio.lesson.reveal"), "main", cell=place)
    return (
        f'<div class="guess"><label>{words}<input type="text" maxlength="200" autocomplete="off">'
        f"</label>{see}</div>"
    )


def _output(view: View, place: int, given: dict[str, Any]) -> str:
    if "text" in given:
        return lesson_html.output(given["text"])
    if "told" in given:
        said = lesson_html.output(Told(Phrase(*given["told"]), given["tone"]))
        guess = given.get("guess")
        words = html(say("studio.lesson.guessed", guess=guess)) if guess else ""
        return f'{said}<p class="note">{words}</p>' if words else said
    if "caption" in given:
        size = given.get("size", (0, 0))
        drawn = Drawn(Phrase(*given["caption"]), given["svg"], size=(size[0], size[1]))
        source = view.job.address(given["png"]) if view.job and "png" in given else ""
        return lesson_html.output(drawn, source)
    if "stopped" in given:
        late = given["stopped"]
        words = (
            say("studio.lesson.late", seconds=f"{late:g}") if late else say("studio.lesson.stopped")
        )
        return f'<div class="told wrong">{html(words)}</div>'
    line = given["line"]
    words = say("studio.lesson.line", line=f"{line}") if line else say("studio.lesson.broke")
    exercise = place == len(view.lesson.cells) - 1
    unrun = exercise and view.told["next"] < place and "NameError" in given["error"]
    hint = f"<p>{html(say('studio.lesson.unrun'))}</p>" if unrun else ""
    pre = f"<pre>{escape(given['error'])}</pre>"
    return f'<div class="told wrong"><p>{html(words)}</p>{pre}{hint}</div>'


def _once(view: View) -> str:
    """Exercises that were right the last time, before anything is checked again."""
    words = say("studio.lesson.once")
    return "".join(
        f'<div class="told right">{escape(name)}: {html(words)}</div>'
        for name in reached.exercise(view.lesson).names
        if name in view.kept.right
    )
