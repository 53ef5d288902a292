"""How a photograph looks that is painted on: the picture, its marks, and what can be done to them.

Somebody paints on while the colours of earlier marks spread. So what comes of those is put into its
places in the page (`look.js`), and the rest stays as it is: a line half drawn, the focus, and the
colour that is being chosen.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from olhar.look.messages import say
from olhar.look.page import Html, Picture, html, image
from olhar.look.phrase import localized
from olhar.studio.marks import WIDTH, listed, place
from olhar.studio.parts import button, described, download
from olhar.studio.slots import put, slot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from olhar.look.phrase import Phrase
    from olhar.studio.job import Job
    from olhar.studio.marks import Mark, State


SUGGESTED = 6
"""How many colours are suggested for a place, at most."""


def page(job: Job, state: State, *, busy: bool) -> Html:
    """The picture to paint on, and below it the colours to choose from, the marks, and the deeds.

    Args:
        job: whose result is shown.
        state: of the page; see `marks`.
        busy: whether newer colours spread.
    """
    inside = dict(_slots(job, state, busy=busy))
    _, width, height = _shown(job, state)
    field = _field(slot("picture", inside["picture"]), (width, height), state)
    spreading = slot("spreading", inside["spreading"], 'class="note spreading" aria-live="polite"')
    suggested = slot("suggested", inside["suggested"], 'class="suggested"')
    return Html(
        f'<div class="stage">{field}{spreading}{_below(state, suggested)}'
        f"{slot('results', inside['results'])}</div>"
    )


def changing(job: Job, state: State, *, busy: bool) -> Html:
    """What changes while somebody paints, for look.js to put in its places; as `page`."""
    return put(_slots(job, state, busy=busy))


def _slots(job: Job, state: State, *, busy: bool) -> list[tuple[str, str]]:
    name, width, height = _shown(job, state)
    picture = image(Picture(job.address(name), say("studio.colorize.name"), width, height))
    results = download(job, job.result["files"][_number(job, state)], main=False)
    results += button("compare", say("studio.compare"))
    results += button("variants", say("studio.variants"))
    return [
        ("picture", picture),
        ("spreading", f"{html(say('studio.marks.busy'))} …" if busy else ""),
        ("suggested", _suggested(state.get("colors"))),
        ("results", f'<div class="deeds">{results}</div>'),
    ]


def _shown(job: Job, state: State) -> tuple[str, int, int]:
    """Name, width and height of the picture that is painted on."""
    return job.result["after"][_number(job, state)]


def _number(job: Job, state: State) -> int:
    return min(int(state.get("number", 0)), len(job.result["files"]) - 1)


def _field(picture: Html, size: tuple[int, int], state: State) -> str:
    """The picture, with what was painted; `size` is its width and height, in pixels."""
    path = state.get("path")
    lines, dots = "", ""
    for number, mark in enumerate(listed(state)):
        chosen = number == state.get("selected")
        lines += _line(mark["points"], mark["color"], size)
        dots += _dot(number, mark, chosen=chosen)
    if path and state.get("selected") is None:
        lines += _line(path, "currentColor", size)
    x, y = place(state) if path else (0.5, 0.5)
    cross = (
        f'<span class="cross"{" data-set" if path else ""} data-x="{x:.4f}" data-y="{y:.4f}" '
        f'style="left:{100 * x:.2f}%;top:{100 * y:.2f}%"></span>'
    )
    brush = state.get("brush") or ""
    width, height = size
    svg = (
        f'<svg class="strokes" viewBox="0 0 {width} {height}" aria-hidden="true" '
        f'data-width="{_width(size):.1f}" data-brush="{escape(brush)}">{lines}</svg>'
    )
    return (
        f'<div class="pick" tabindex="0" role="application" {described(say("studio.pick"))}>'
        f"{picture}{svg}{dots}{cross}</div>"
    )


def _below(state: State, suggested: Html) -> str:
    """The colours to choose from, the list of the marks, and what can be done to all of them."""
    marks = listed(state)
    if state.get("path"):
        now = _palette(state, suggested)
    else:
        key = "studio.pick.brush" if state.get("brush") else "studio.pick.note"
        now = f'<p class="note">{html(say(key))}</p>'
    rows = "".join(_row(number, mark, state) for number, mark in enumerate(marks))
    whole = f'<ol class="marks">{rows}</ol>' if marks else ""
    deeds = ""
    if marks:
        chip = _chip(marks[-1]["color"] if not state.get("brush") else state["brush"])
        pressed = str(bool(state.get("brush"))).lower()
        words = f"{chip}{html(say('studio.brush'))}"
        deeds += (
            f'<button type="button" class="deed" data-do="brush" aria-pressed="{pressed}">'
            f"{words}</button>"
        )
    if marks or state.get("past"):
        deeds += button("undo", say("studio.undo"))
    if marks:
        deeds += button("clear", say("studio.marks.clear"))
    return (
        f'<div class="painting"><div aria-live="polite">{now}</div>'
        f'{whole}<div class="deeds">{deeds}</div></div>'
    )


def _line(points: Sequence[Sequence[float]], color: str, size: tuple[int, int]) -> str:
    if len(points) < 2:
        return ""
    places = " ".join(f"{x * size[0]:.1f},{y * size[1]:.1f}" for x, y in points)
    width = _width(size)
    return (
        f'<polyline points="{places}" class="edge" stroke-width="{1.7 * width:.1f}"/>'
        f'<polyline points="{places}" stroke="{escape(color)}" stroke-width="{width:.1f}"/>'
    )


def _width(size: tuple[int, int]) -> float:
    """Of a stroke, in the picture's pixels; so that it is seen, not less than three."""
    return max(3.0, WIDTH * min(size))


def _dot(number: int, mark: Mark, *, chosen: bool) -> str:
    x, y = mark["points"][0]
    words = described(say("studio.mark.change", what=_name(number, mark)))
    return (
        f'<button type="button" class="dot" data-do="select" data-number="{number}" {words} '
        f'aria-pressed="{str(chosen).lower()}" tabindex="-1" '
        f'style="left:{100 * x:.2f}%;top:{100 * y:.2f}%">{_chip(mark["color"])}</button>'
    )


def _row(number: int, mark: Mark, state: State) -> str:
    name = _name(number, mark)
    change, remove = say("studio.mark.change", what=name), say("studio.mark.remove", what=name)
    pressed = str(number == state.get("selected")).lower()
    return (
        f"<li>{_chip(mark['color'])}<span>{html(name)}</span>"
        f'<button type="button" class="deed" data-do="select" data-number="{number}" '
        f'aria-pressed="{pressed}" {described(change)}>{html(say("studio.change"))}</button>'
        f'<button type="button" class="deed" data-do="remove" data-number="{number}" '
        f"{described(remove)}>{html(say('studio.remove'))}</button></li>"
    )


def _name(number: int, mark: Mark) -> Phrase:
    kind = "stroke" if len(mark["points"]) > 1 else "point"
    return say(f"studio.mark.{kind}", number=f"{number + 1}")


def _chip(color: str) -> str:
    return f'<i class="chip" style="background:{escape(color)}"></i>'


def _palette(state: State, suggested: Html) -> str:
    """The likeliest colours of a place, those that were used already, grey, and any other."""
    marks = listed(state)
    used = dict.fromkeys(mark["color"] for mark in reversed(marks))
    cells = ""
    for color in [each for each in used if each != "grey"][:4]:
        again = say("studio.palette.used")
        cells += _swatch(color, say("studio.palette.again", color=color), again)
    cells += _swatch("grey", say("studio.palette.grey"), say("studio.palette.grey"))
    cells += (
        '<label class="swatch"><input type="color" data-do="color" value="#888888">'
        f"<span>{html(say('studio.palette.other'))}</span></label>"
    )
    number: int | None = state.get("selected")
    note = say("studio.palette")
    if number is not None:
        note = say("studio.palette.of", what=_name(number, marks[number]))
    return f'<p class="note">{html(note)}</p><div class="swatches">{suggested}{cells}</div>'


def _suggested(found: Sequence[Sequence[Any]] | None) -> str:
    """The likeliest colours; while they are looked for, the room that they will take."""
    if found is None:
        return SUGGESTED * '<span class="swatch" aria-hidden="true"><i></i><span>…</span></span>'
    cells = ""
    for color, share in found:
        part = localized(f"{100 * share:.0f}\u00a0%")
        words = say("studio.palette.color", color=color, share=part)
        cells += _swatch(color, words, part)
    return cells


def _swatch(color: str, words: Phrase, below: Phrase) -> str:
    return (
        f'<button type="button" class="swatch" data-do="color" data-color="{escape(color)}" '
        f'{described(words)}><i style="background:{escape(color)}"></i>'
        f"<span>{html(below)}</span></button>"
    )
