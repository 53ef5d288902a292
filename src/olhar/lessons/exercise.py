"""Questions before, exercises after: `predict`, `reveal` and `check`.

An exercise is a place in a lesson where the reader writes an answer; `check` says whether it is
right and, for mistakes that many make, what the misunderstanding is. What is right is not written
anywhere: a value is compared by a salted hash (`value`), a function by how it behaves. Exercises
are in `checks/NAME.py`, one dictionary per lesson.
"""

from __future__ import annotations

import hashlib
import importlib
from typing import TYPE_CHECKING, Any, NamedTuple

from olhar.errors import OlharError
from olhar.lessons import stage
from olhar.look.phrase import Phrase

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Judge = Callable[[Any], Phrase | None]

DIGITS = 3
"""Significant digits in which an answer must be right."""

_OPEN = Phrase("not answered yet", "ainda sem resposta")
_RIGHT = Phrase("right", "certo")
_COMMA = Phrase(
    "in Python a comma makes two numbers; write a point, as in 0.5",
    "em Python a vírgula faz dois números; escreva um ponto, como em 0.5",
)


class Verdict(NamedTuple):
    """How an exercise stands."""

    state: stage.Tone
    """"open", "right" or "wrong"."""
    hint: Phrase
    """What to think about, if it is wrong."""


def predict(en: str, pt: str) -> None:
    """Ask what will come out, before it does."""
    _guesses[:] = [stage.current().ask(Phrase(en, pt))]


_guesses: list[str] = []


def reveal(value: object, en: str, pt: str) -> None:
    """Answer the question of `predict`.

    Args:
        value: what came out.
        en: why.
        pt: the same in Portuguese.
    """
    guess = _guesses.pop() if _guesses else ""
    before = Phrase(f"you said {guess}; ", f"você disse {guess}; ") if guess else Phrase("", "")
    said = zip(before, (en, pt), strict=True)
    stage.current().say(Phrase(*(f"{was}{value}: {why}" for was, why in said)), "answer")


def check(name: str, answer: object) -> Verdict:
    """Say whether an answer is right.

    Args:
        name: of the exercise, "tensors.bytes".
        answer: what the reader wrote; `...` is no answer yet.

    Raises:
        OlharError: if there is no such exercise.
    """
    judge = exercise(name)
    if answer is ...:
        verdict = Verdict("open", _OPEN)
    else:
        hint = _judged(judge, answer)
        pointed = _with_a_point(answer)
        if hint and pointed is not None and not _judged(judge, pointed):
            hint = _COMMA
        verdict = Verdict("wrong", hint) if hint else Verdict("right", _RIGHT)
    lines = (f"{name}: {said}" for said in verdict.hint)
    stage.current().say(Phrase(*lines), verdict.state)
    return verdict


def _judged(judge: Judge, answer: object) -> Phrase | None:
    try:
        return judge(answer)
    except Exception as error:  # noqa: BLE001  the reader's own code fails: that is an answer
        told = f"{type(error).__name__}: {error}"
        return Phrase(f"it stopped with {told}", f"parou com {told}")


def _with_a_point(answer: object) -> float | None:
    """0.75 for what much of the world writes as 0,75 and Python reads as (0, 75)."""
    match answer:
        case (int(whole), int(part)) if part >= 0:
            return float(f"{whole}.{part}")
        case _:
            return None


def exercise(name: str) -> Judge:
    """What judges the answers to an exercise: a function to a hint, or to None if it is right."""
    lesson, _, what = name.partition(".")
    try:
        found: dict[str, Judge] = importlib.import_module(f"olhar.lessons.checks.{lesson}").CHECKS
    except ModuleNotFoundError:
        found = {}
    if what not in found:
        names = ", ".join(f"{lesson}.{each}" for each in found) or "none of that lesson"
        raise OlharError(f"there is no exercise {name!r}; there are: {names}")
    return found[what]


def value(right: str, otherwise: Phrase, mistakes: Mapping[str, Phrase] | None = None) -> Judge:
    """An exercise whose answer is a value.

    Args:
        right: the `digest` of the right one.
        otherwise: a hint for any wrong one.
        mistakes: the digests of some wrong ones, and what to say to them.
    """

    def judge(answer: Any) -> Phrase | None:
        found = digest(answer)
        return None if found == right else (mistakes or {}).get(found, otherwise)

    return judge


def wanted(found: object, shape: tuple[int, ...]) -> Phrase | None:
    """A hint if this is no tensor of that shape."""
    from torch import Tensor

    if not isinstance(found, Tensor):
        kind = type(found).__name__
        return Phrase(
            f"it returns a {kind}; a tensor is wanted", f"devolve um {kind}; o pedido é um tensor"
        )
    if found.shape != shape:
        given = tuple(found.shape)
        return Phrase(
            f"it returns the shape {given}; it should be {shape}",
            f"devolve a forma {given}; deveria ser {shape}",
        )
    return None


def digest(answer: Any) -> str:
    """A short hash of a value, by which it can be recognised but not read.

    Numbers count to three significant digits; 2, 2.0, a tensor of one 2 and a list of one 2 are the
    same, and so are a list, a tuple and a `torch.Size`; upper case and spaces do not matter.
    """
    text = f"olhar {_plain(answer)}"
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _plain(answer: Any) -> str:
    if hasattr(answer, "tolist"):
        answer = answer.tolist()
    if isinstance(answer, list | tuple):
        parts: list[Any] = [*answer]  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
        return _plain(parts[0]) if len(parts) == 1 else f"({','.join(map(_plain, parts))})"
    if isinstance(answer, bool):
        return str(answer)
    if isinstance(answer, int | float):
        exact = isinstance(answer, int) or float(answer).is_integer()
        return str(int(answer)) if exact else f"{answer:.{DIGITS}g}"
    return "".join(str(answer).lower().split())
