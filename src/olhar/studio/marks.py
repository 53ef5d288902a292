"""What somebody paints on a photograph to say its colours: points and strokes, and their list.

A mark is `{"points": [[x, y], ...], "color": "#rrggbb" or "grey"}`, its places shares of the width
and the height as in `olhar.colorize.hints`. A page's state holds the `marks`; their `past`, for
undoing; the `path` that waits for a colour, or the number of the mark that is `selected`; the
`colors` that were suggested for it; and the `brush`, with which a new path is painted at once.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any, TypeAlias

from olhar.look.messages import say
from olhar.look.page import Html, html
from olhar.look.phrase import localized
from olhar.studio.parts import button, described

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from olhar.look.phrase import Phrase

Mark: TypeAlias = dict[str, Any]
State: TypeAlias = dict[str, Any]

WIDTH = 0.02
"""Of a stroke, a share of the shorter side, as `hints.Stroke` has it."""
_MOST = 200  # places of one stroke
_STEPS = 50  # that can be undone


def hints(marks: Sequence[Mark]) -> dict[str, Any]:
    """The marks as a file for `olhar colorize --hints`; empty if there are none."""
    if not marks:
        return {}
    said: dict[str, Any] = {"points": [], "strokes": []}
    for mark in marks:
        if len(mark["points"]) > 1:
            said["strokes"].append({**mark, "width": WIDTH})
        else:
            x, y = mark["points"][0]
            said["points"].append({"x": x, "y": y, "color": mark["color"]})
    return said


# ---- what is done to them; each gives the state afterwards


def picked(state: State, told: Mapping[str, Any]) -> State:
    """A place was clicked, or a line drawn: it waits for its colour, or gets the brush's."""
    path = [[round(float(x), 4), round(float(y), 4)] for x, y in told["points"][:_MOST]]
    if state.get("brush"):
        return _changed(state, [*_marks(state), {"points": path, "color": state["brush"]}])
    return {**state, "path": path, "selected": None, "colors": []}


def selected(state: State, number: int) -> State:
    """A mark that is there is to have another colour."""
    return {**state, "path": _marks(state)[number]["points"], "selected": number, "colors": []}


def colored(state: State, color: str) -> State:
    """The colour that the path, or the selected mark, is to have."""
    marks, number = _marks(state), state.get("selected")
    mark = {"points": state["path"], "color": color}
    if number is None:
        return _changed(state, [*marks, mark])
    return _changed(state, [*marks[:number], mark, *marks[number + 1 :]])


def removed(state: State, number: int) -> State:
    """Without one of them."""
    marks = _marks(state)
    return _changed(state, [*marks[:number], *marks[number + 1 :]])


def cleared(state: State) -> State:
    """Without any."""
    return _changed(state, [])


def undone(state: State) -> State:
    """As it was before the last change, whatever that was."""
    *past, last = state.get("past") or [_marks(state)[:-1]]
    return {**_changed(state, last), "past": past}


def brushed(state: State) -> State:
    """New marks get the colour of the last one at once, or are asked for their colour again."""
    brush = None if state.get("brush") else _marks(state)[-1]["color"]
    return {**state, "brush": brush, "path": None, "selected": None, "colors": []}


def place(state: State) -> list[float]:
    """Where the colour of the path is asked for: in its middle."""
    return state["path"][len(state["path"]) // 2]


def _marks(state: State) -> list[Mark]:
    there: list[Mark] = state.get("marks", [])
    return [*there]


def _changed(state: State, marks: list[Mark]) -> State:
    past = [*state.get("past", []), _marks(state)][-_STEPS:]
    nothing: State = {"path": None, "selected": None, "colors": []}
    brush = state.get("brush") if marks else None
    return {**state, **nothing, "marks": marks, "past": past, "brush": brush}


# ---- how they look


def field(picture: Html, size: tuple[int, int], state: State, *, busy: bool) -> Html:
    """The picture to paint on, with what was painted.

    Args:
        picture: an `<img>`.
        size: its width and height, in pixels.
        state: of the page.
        busy: whether it is being coloured, so that nothing can be painted meanwhile.
    """
    path = state.get("path")
    lines, dots = "", ""
    for number, mark in enumerate(_marks(state)):
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
    waits = ' aria-busy="true"' if busy else ' tabindex="0"'
    return Html(
        f'<div class="pick"{waits} role="application" {described(say("studio.pick"))}>'
        f"{picture}{svg}{dots}{cross}</div>"
    )


def below(state: State, *, busy: bool) -> Html:
    """The colours to choose from, the list of the marks, and what can be done to all of them."""
    marks = _marks(state)
    found: list[Any] = state.get("colors") or []
    if busy:
        now = f'<p class="note">{html(say("studio.marks.busy"))} …</p>'
    elif state.get("path"):
        now = _palette(state, found)
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
    return Html(
        f'<div class="painting"{" inert" if busy else ""}><div aria-live="polite">{now}</div>'
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


def _palette(state: State, found: Sequence[Sequence[Any]]) -> str:
    """The likeliest colours of a place, those that were used already, grey, and any other."""
    cells = ""
    for color, share in found:
        part = localized(f"{100 * share:.0f}\u00a0%")
        words = say("studio.palette.color", color=color, share=part)
        cells += _swatch(color, words, part)
    used = dict.fromkeys(mark["color"] for mark in reversed(_marks(state)))
    for color in [each for each in used if each != "grey"][:4]:
        again = say("studio.palette.used")
        cells += _swatch(color, say("studio.palette.again", color=color), again)
    cells += _swatch("grey", say("studio.palette.grey"), say("studio.palette.grey"))
    first = found[0][0] if found else "#888888"
    cells += (
        f'<label class="swatch"><input type="color" data-do="color" value="{escape(first)}">'
        f"<span>{html(say('studio.palette.other'))}</span></label>"
    )
    number: int | None = state.get("selected")
    note = say("studio.palette")
    if number is not None:
        note = say("studio.palette.of", what=_name(number, _marks(state)[number]))
    return f'<p class="note">{html(note)}</p><div class="swatches">{cells}</div>'


def _swatch(color: str, words: Phrase, below: Phrase) -> str:
    return (
        f'<button type="button" class="swatch" data-do="color" data-color="{escape(color)}" '
        f'{described(words)}><i style="background:{escape(color)}"></i>'
        f"<span>{html(below)}</span></button>"
    )
