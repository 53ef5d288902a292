"""`olhar consent`."""

import datetime as dt
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, cast

import tyro

from olhar.commands.shared import Output
from olhar.errors import OlharError
from olhar.look.messages import Language, text
from olhar.look.phrase import preferred
from olhar.media.consent import SCOPES, Consent, Person, Scope, make
from olhar.media.files import opened, shown

T = TypeVar("T")


@dataclass(frozen=True)
class Recorded:
    """A consent that was recorded."""

    path: Path
    record: Consent
    exit_code: int = 0

    def __str__(self) -> str:
        return (
            f"{shown(self.path)}: {self.record.summary}\nsha256 {self.record.sha256}\n"
            "Keep it with its evidence; pictures and models name it by this number only."
        )

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON values."""
        return {"file": str(self.path), **self.record.as_card()}


def consent(
    *,
    output: Output,
    person: Annotated[tuple[str, ...], tyro.conf.arg(metavar="NAME")] = (),
    given_by: Annotated[tuple[str, ...], tyro.conf.arg(metavar="NAME")] = (),
    scope: tuple[Literal["train", "swap", "publish"], ...] = (),
    until: Annotated[str, tyro.conf.arg(metavar="YYYY-MM-DD")] = "",
    evidence: Annotated[Path | None, tyro.conf.arg(metavar="FILE")] = None,
    artistic: Annotated[str, tyro.conf.arg(metavar="WHY")] = "",
    language: Literal["auto", "en", "pt-BR"] = "auto",
) -> Recorded:
    """Record that someone agreed to be shown, for what and until when.

    What is not given is asked for, in a terminal. The record stays with you:
    models and pictures made by it name its SHA-256 and no person.

    Args:
        output: the record, as consent.json; one that is there is not replaced
        person: who is shown, one or several
        given_by: who gave the consent for each of them, in the same order;
            left out, they did so themselves
        scope: train a network on the faces, swap them into pictures, publish
            what came of it
        until: the last day on which it holds
        evidence: what proves it: a signed letter, a recording; its hash is kept
        artistic: if the work is evidently artistic, satirical or fictional, why;
            only then may the visible label be absent
        language: of the questions; auto is that of this computer
    """
    ask = _Questions(preferred() if language == "auto" else language)
    if Path(output).exists():
        raise OlharError(
            f"{shown(output)} is there already, and a consent is not replaced; choose another name"
        )
    whole = bool(person and scope and until and evidence)
    names = person or ask.several("consent.who", "--person")
    if given_by and len(given_by) != len(names):
        raise OlharError(
            f"--given-by has {len(given_by)} names for {len(names)} people; give one for each"
        )
    if not given_by:
        asked = not person
        given_by = tuple((asked and ask.one("consent.by", person=each)) or each for each in names)
    chosen = scope or ask.until_right("consent.scope", "--scope", _scopes)
    last = _day(until) if until else ask.until_right("consent.until", "--until", _day)
    proof = evidence or ask.until_right("consent.evidence", "--evidence", _file)
    why = artistic or ("" if whole else ask.one("consent.artistic"))
    people = [Person(name=a, given_by=b) for a, b in zip(names, given_by, strict=True)]
    return Recorded(Path(output), make(output, people, chosen, last, proof, artistic=why))


@dataclass(frozen=True)
class _Questions:
    """Asks in a terminal; elsewhere names the flag that is missing."""

    language: Language

    def one(self, key: str, **values: str) -> str:
        """One line, empty if nobody is there to answer."""
        if not sys.stdin.isatty():
            return ""
        print(text(key, self.language, **values), end=" ", file=sys.stderr, flush=True)
        return sys.stdin.readline().strip()

    def several(self, key: str, flag: str) -> tuple[str, ...]:
        found: list[str] = []
        while answer := self.one(key):
            found.append(answer)
        if not found:
            raise OlharError(f"olhar consent needs {flag}")
        return tuple(found)

    def until_right(self, key: str, flag: str, read: Callable[[str], T]) -> T:
        while answer := self.one(key):
            try:
                return read(answer)
            except OlharError as error:
                print(error, file=sys.stderr)
        raise OlharError(f"olhar consent needs {flag}")


def _scopes(said: str) -> tuple[Scope, ...]:
    words = said.replace(",", " ").split()
    if unknown := [word for word in words if word not in SCOPES]:
        raise OlharError(f"{unknown[0]!r} is none of {', '.join(SCOPES)}")
    return tuple(cast("list[Scope]", words))


def _day(said: str) -> dt.date:
    try:
        return dt.date.fromisoformat(said)
    except ValueError:
        raise OlharError(f"--until takes a day such as 2027-01-31; {said!r} was given") from None


def _file(said: str) -> Path:
    with opened(said):
        return Path(said)
