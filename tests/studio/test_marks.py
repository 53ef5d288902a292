"""What is painted on a photograph: points and lines, changed, removed, undone; how it looks."""

import json
import re

import pytest

pytest.importorskip("gradio", reason="the studio comes with the extra: pip install 'olhar[studio]'")

from olhar.colorize.hints import from_json
from olhar.studio import marks, painting
from olhar.studio.job import Job
from olhar.studio.marks import State

POINT = {"points": [[0.25, 0.5]]}
LINE = {"points": [[0.1, 0.2], [0.5, 0.6], [0.9, 0.2]]}

JOB = Job(
    "x", "colorize", "me", {}, result={"files": ["a.png"], "after": [["after-0.jpg", 400, 200]]}
)


def painted(*colors: str) -> State:
    """A point, then a line, then a point again, in these colours."""
    state: State = {"job": "x"}
    for path, color in zip((POINT, LINE, POINT), colors, strict=False):
        state = marks.colored(marks.picked(state, path), color)
    return state


def colors(state: State) -> list[str]:
    return [mark["color"] for mark in state["marks"]]


def test_marks_are_hints_as_the_command_reads_them() -> None:
    said = json.loads(json.dumps(marks.hints(painted("#102030", "grey")["marks"])))
    known = from_json(said)
    assert [(p.x, p.y, p.color) for p in known.points] == [(0.25, 0.5, "#102030")]
    assert [s.points for s in known.strokes] == [((0.1, 0.2), (0.5, 0.6), (0.9, 0.2))]
    assert known.strokes[0].width == marks.WIDTH
    assert marks.hints([]) == {}


def test_a_colour_is_changed_in_its_place_and_a_mark_is_removed() -> None:
    state = painted("#100000", "#200000", "#300000")
    state = marks.colored(marks.selected(state, 1), "#ff0000")
    assert colors(state) == ["#100000", "#ff0000", "#300000"]
    assert state["marks"][1]["points"] == LINE["points"]
    state = marks.removed(state, 0)
    assert colors(state) == ["#ff0000", "#300000"]
    assert state["selected"] is None


def test_every_change_is_undone_in_turn() -> None:
    state = painted("#100000", "#200000")
    state = marks.colored(marks.selected(state, 0), "#ff0000")
    state = marks.cleared(marks.removed(state, 1))
    seen = []
    for _ in range(5):
        state = marks.undone(state)
        seen.append(colors(state))
    both = ["#100000", "#200000"]
    assert seen == [["#ff0000"], ["#ff0000", "#200000"], both, ["#100000"], []]
    assert colors(marks.undone(state)) == [], "there is nothing more"
    assert colors(marks.undone({"marks": painted("#1a0000", "#2a0000")["marks"]})) == ["#1a0000"]


def test_a_brush_paints_at_once_until_it_is_laid_down() -> None:
    state = marks.brushed(painted("#100000"))
    state = marks.picked(state, LINE)
    assert colors(state) == ["#100000", "#100000"]
    assert state["path"] is None
    state = marks.picked(marks.brushed(state), POINT)
    assert colors(state) == ["#100000", "#100000"]
    assert marks.place(state) == [0.25, 0.5]


def test_a_long_line_is_cut_and_what_is_no_number_refused() -> None:
    state = marks.picked({}, {"points": [[0.1, n / 5000] for n in range(5000)]})
    assert len(state["path"]) == 200
    with pytest.raises(ValueError, match="could not convert"):
        marks.picked({}, {"points": [["<b>", 0]]})


def test_marks_are_drawn_and_listed_in_both_languages() -> None:
    state = marks.selected(painted("#102030", "grey"), 1)
    drawn = painting.page(JOB, state, busy=False)
    assert drawn.count("<polyline") == 2, "the line and its edge"
    assert 'points="40.0,40.0 200.0,120.0 360.0,40.0"' in drawn
    assert 'stroke-width="4.0"' in drawn
    assert drawn.count('class="dot"') == 2
    assert drawn.count("<li>") == 2
    assert "Change the colour: Line 2" in drawn
    assert "Remover: Linha 2" in drawn


def test_what_spreads_and_what_is_suggested_have_places_of_their_own() -> None:
    state = marks.picked(painted("#102030"), LINE)
    before = painting.page(JOB, state, busy=True)
    assert "The colours spread" in before
    assert "#abcdef" not in before
    after = painting.changing(JOB, {**state, "colors": [["#abcdef", 0.5]]}, busy=False)
    assert "#abcdef" in after
    assert "spread" not in re.sub("slot-spreading", "", after)
    assert set(re.findall('data-put="(.*?)"', after)) == set(re.findall('id="(slot-.*?)"', before))


def test_what_was_changed_meanwhile_is_left_as_it_is() -> None:
    state = painted("#100000")
    for deed in (
        lambda: marks.colored(state, "#ffffff"),  # its path has its colour already
        lambda: marks.removed(state, 1),
        lambda: marks.selected(state, 1),
    ):
        assert deed() is state
    assert marks.brushed({})["brush"] is None
