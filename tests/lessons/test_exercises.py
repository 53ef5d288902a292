"""Exercises: the right answers are right, the usual mistakes get their hint, the rest a hint."""

import re

import pytest
import torch
from answers_early import EARLY
from answers_late import LATE

from olhar.errors import OlharError
from olhar.lessons import lessons, stage
from olhar.lessons.exercise import check, digest, exercise

ANSWERS = EARLY | LATE
RIGHT = sorted((name, i) for name, (right, _) in ANSWERS.items() for i in range(len(right)))
WRONG = sorted((name, i) for name, (_, wrong) in ANSWERS.items() for i in range(len(wrong)))


@pytest.mark.parametrize(("name", "i"), RIGHT)
def test_a_right_answer_is_right(name, i):
    verdict = check(name, ANSWERS[name][0][i])
    assert verdict.state == "right", verdict


@pytest.mark.parametrize(("name", "i"), WRONG)
def test_a_mistake_gets_its_hint(name, i, monkeypatch, capsys):
    monkeypatch.setattr(stage, "_language", ["en"])
    answer, says = ANSWERS[name][1][i]
    verdict = check(name, answer)
    assert verdict.state == "wrong"
    assert re.search(says, verdict.hint.english), verdict.hint
    assert verdict.hint.portuguese != verdict.hint.english
    assert capsys.readouterr().out == f"- {name}: {verdict.hint.english}\n"


def test_every_exercise_of_the_lessons_is_answered_here_and_stands_in_its_lesson():
    found = []
    for each in lessons():
        code = "\n".join(cell.text.english for cell in each.cells if cell.kind == "code")
        names = re.findall(r'check\("(.+?)"', code)
        assert all(name.startswith(f"{each.name}.") for name in names)
        found += names
    assert sorted(found) == sorted(ANSWERS)


def test_no_answer_is_no_mistake_and_no_exercise_is_a_sentence():
    assert check("tensors.bytes", ...).state == "open"
    for name in ("tensors.weight", "weight", "nothing.weight"):
        with pytest.raises(OlharError, match="there is no exercise"):
            exercise(name)


@pytest.mark.parametrize(
    ("name", "answer"),
    [("seven_steps.precision", (0, 75)), ("colorization.lightness", (53, 4))],
)
def test_a_decimal_comma_gets_its_hint(name, answer):
    verdict = check(name, answer)
    assert verdict.state == "wrong"
    assert "comma makes two numbers" in verdict.hint.english
    assert "comma" not in check("seven_steps.precision", (0, 6)).hint.english


def test_what_counts_as_the_same_answer():
    assert digest(2) == digest(2.0) == digest(torch.tensor(2)) != digest(3)
    assert digest((2, 3)) == digest([2, 3]) == digest(torch.Size([2, 3])) != digest((3, 2))
    assert digest(torch.tensor([2])) == digest([2]) == digest(2) != digest([2, 2])
    assert digest(0.12345) == digest(0.1234) != digest(0.125)
    assert digest(" Rows ") == digest("rows")
    assert digest(True) != digest(1)
