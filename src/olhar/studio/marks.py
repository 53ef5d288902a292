"""What somebody paints on a photograph to say its colours: points and strokes.

A mark is `{"points": [[x, y], ...], "color": "#rrggbb" or "grey"}`, its places shares of the width
and the height as in `olhar.colorize.hints`. A page's state holds the `marks`; their `past`, for
undoing; the `path` that waits for a colour, or the number of the mark that is `selected`; the
`colors` that were suggested for it, None while they are looked for; and the `brush`, with which a
new path is painted at once.

A page may tell of what was changed meanwhile, say by a double click: then nothing is done.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
        return _changed(state, [*listed(state), {"points": path, "color": state["brush"]}])
    return {**state, "path": path, "selected": None, "colors": None}


def selected(state: State, number: int) -> State:
    """A mark that is there is to have another colour."""
    marks = listed(state)
    if number >= len(marks):
        return state
    return {**state, "path": marks[number]["points"], "selected": number, "colors": None}


def colored(state: State, color: str) -> State:
    """The colour that the path, or the selected mark, is to have."""
    if not state.get("path"):
        return state
    marks, number = listed(state), state.get("selected")
    mark = {"points": state["path"], "color": color}
    if number is None:
        return _changed(state, [*marks, mark])
    return _changed(state, [*marks[:number], mark, *marks[number + 1 :]])


def removed(state: State, number: int) -> State:
    """Without one of them."""
    marks = listed(state)
    if number >= len(marks):
        return state
    return _changed(state, [*marks[:number], *marks[number + 1 :]])


def cleared(state: State) -> State:
    """Without any."""
    return _changed(state, [])


def undone(state: State) -> State:
    """As it was before the last change, whatever that was."""
    *past, last = state.get("past") or [listed(state)[:-1]]
    return {**_changed(state, last), "past": past}


def brushed(state: State) -> State:
    """New marks get the colour of the last one at once, or are asked for their colour again."""
    marks = listed(state)
    brush = marks[-1]["color"] if marks and not state.get("brush") else None
    return {**state, "brush": brush, "path": None, "selected": None, "colors": []}


def place(state: State) -> list[float]:
    """Where the colour of the path is asked for: in its middle."""
    return state["path"][len(state["path"]) // 2]


def listed(state: State) -> list[Mark]:
    """The marks of a page, in the order in which they were made."""
    there: list[Mark] = state.get("marks", [])
    return [*there]


def _changed(state: State, marks: list[Mark]) -> State:
    past = [*state.get("past", []), listed(state)][-_STEPS:]
    nothing: State = {"path": None, "selected": None, "colors": []}
    brush = state.get("brush") if marks else None
    return {**state, **nothing, "marks": marks, "past": past, "brush": brush}
