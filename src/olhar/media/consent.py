"""Consent: who agreed that their face is learned or put into a picture, for what and how long.

    record = consent.read("consent.json")
    record.check("swap", ["Ana Souza"])  # a sentence if it does not cover that
    mark = record.on(mark)

A record is a JSON file that a person makes with `olhar consent` and keeps. It names people, so it
stays where it is: models and pictures get its SHA-256 and a summary without names, by which the
record can be recognised when it is shown. The evidence (a letter, a recording) stays as it is too;
its hash in the record tells if it was exchanged later. olhar checks that a record is whole, valid
and wide enough. That it is true is for people to answer for.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar, cast, get_args

from olhar.errors import OlharError
from olhar.media.files import atomic, opened, parsed, shown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from olhar.media.mark import Mark

    T = TypeVar("T")

Scope: TypeAlias = Literal["train", "swap", "publish"]
"""`train` a network on the face, `swap` it into pictures, `publish` what came of it."""
SCOPES: tuple[Scope, ...] = get_args(Scope)


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody who is shown."""

    name: str
    given_by: str
    """Who gave the consent: the person, or whoever may speak for them."""


@dataclass(frozen=True, kw_only=True)
class Consent:
    """What was agreed."""

    people: tuple[Person, ...]
    scope: tuple[Scope, ...]
    given_on: dt.date
    until: dt.date
    """The last day on which it holds."""
    evidence: str
    """The file that proves it, relative to the folder of the record."""
    evidence_sha256: str
    artistic: str = ""
    """Why the work is evidently artistic, satirical or fictional; empty if it is not."""
    folder: Path = Path()
    """Where the record lies; not a part of it."""

    def __post_init__(self) -> None:
        if not self.people or not all(each.name and each.given_by for each in self.people):
            raise OlharError("a consent needs at least one person, and who gave it for each")
        names = [each.name.casefold() for each in self.people]
        twice = [each.name for n, each in enumerate(self.people) if names[n] in names[:n]]
        if twice:
            raise OlharError(
                f"the consent names {twice[0]} twice; name each person once, and tell two of one "
                "name apart"
            )
        unknown = [each for each in self.scope if each not in SCOPES]
        if unknown or not self.scope:
            raise OlharError(
                f"a consent is for one or more of {', '.join(SCOPES)}"
                + (f", and not for {unknown[0]!r}" if unknown else "; say for what")
            )
        if self.until < self.given_on:
            raise OlharError(
                f"the consent would end on {self.until}, before it was given on {self.given_on}"
            )

    def to_json(self) -> str:
        """The record as it stands in its file."""
        values = dataclasses.asdict(self)
        del values["folder"]
        return json.dumps(values, default=str, ensure_ascii=False, indent=2, sort_keys=True) + "\n"

    @property
    def sha256(self) -> str:
        """By which the record is recognised, in hexadecimal."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    @property
    def summary(self) -> str:
        """What it says, without names: "1 person, for train and swap, until 2027-01-31"."""
        count = f"{len(self.people)} {'person' if len(self.people) == 1 else 'people'}"
        art = ", evidently artistic" if self.artistic else ""
        return f"{count}, for {' and '.join(self.scope)}, until {self.until}{art}"

    def check(
        self, scope: Scope, people: Iterable[str] = (), *, today: dt.date | None = None
    ) -> None:
        """Refuse what the record does not cover.

        Args:
            scope: what is about to be done.
            people: the names of those who are shown, as far as they are known.
            today: the day it is done; today if left out.

        Raises:
            OlharError: if the record has run out, is for something else, does not name someone, or
                its evidence is missing or not what it was.
        """
        today = today or dt.datetime.now(dt.UTC).astimezone().date()
        if today > self.until:
            raise OlharError(
                f"the consent ended on {self.until}; ask again and make a new record with "
                "olhar consent"
            )
        if scope not in self.scope:
            raise OlharError(
                f"the consent is for {' and '.join(self.scope)}, and not for {scope}; ask for that "
                "too and make a new record with olhar consent"
            )
        named = {each.name.casefold() for each in self.people}
        for name in people:
            if name.casefold() not in named:
                raise OlharError(
                    f"the consent does not name {name}; it names "
                    f"{', '.join(each.name for each in self.people)}"
                )
        proof = self.folder / self.evidence
        if _digest(proof) != self.evidence_sha256:
            raise OlharError(
                f"{shown(proof)} is not the file that it was when the consent was recorded; put "
                "the right one back, or make a new record with olhar consent"
            )

    def on(self, mark: Mark) -> Mark:
        """The mark of what is done by this consent."""
        return dataclasses.replace(
            mark, consent=self.sha256, notes=mark.notes | {"agreed": self.summary}
        )

    def as_card(self) -> dict[str, str]:
        """What a model's card says of it."""
        return {"sha256": self.sha256, "summary": self.summary}


def make(
    path: str | os.PathLike[str],
    people: Iterable[Person],
    scope: Iterable[Scope],
    until: dt.date,
    evidence: str | os.PathLike[str],
    *,
    artistic: str = "",
    today: dt.date | None = None,
) -> Consent:
    """Make a record and write it.

    Args:
        path: the file; one that is there is never replaced.
        people: who is shown.
        scope: for what.
        until: the last day.
        evidence: the file that proves it.
        artistic: why the work is evidently artistic; empty if it is not.
        today: the day it was given; today if left out.

    Raises:
        OlharError: if something is missing, the evidence cannot be read, or the record is there.
    """
    target = Path(path)
    if target.exists():
        raise OlharError(
            f"{shown(target)} is there already, and a consent is not replaced; choose another name"
        )
    folder = target.absolute().parent
    record = Consent(
        people=tuple(people),
        scope=tuple(dict.fromkeys(scope)),
        given_on=today or dt.datetime.now(dt.UTC).astimezone().date(),
        until=until,
        evidence=Path(os.path.relpath(Path(evidence).absolute(), folder)).as_posix(),
        evidence_sha256=_digest(Path(evidence)),
        artistic=artistic,
        folder=folder,
    )
    with atomic(target) as file:
        file.write_text(record.to_json(), "utf-8")
    return record


def read(path: str | os.PathLike[str]) -> Consent:
    """Read a record.

    Raises:
        OlharError: if there is none, or it is no record of a consent.
    """
    name = shown(path)
    with opened(path) as file:
        data = file.read(1 << 20)
    try:
        said: dict[str, Any] = parsed(data)
        return Consent(
            people=tuple(
                Person(name=_text(each["name"]), given_by=_text(each["given_by"]))
                for each in cast("list[dict[str, Any]]", said["people"])
            ),
            scope=tuple(said["scope"]),
            given_on=dt.date.fromisoformat(said["given_on"]),
            until=dt.date.fromisoformat(said["until"]),
            evidence=_text(said["evidence"]),
            evidence_sha256=_text(said["evidence_sha256"]),
            artistic=_text(said.get("artistic", "")),
            folder=Path(path).absolute().parent,
        )
    except OlharError as error:
        raise OlharError(f"{name}: {error}") from None
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise OlharError(
            f"{name} is no record of a consent; make one with olhar consent -o {name}"
        ) from error


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _digest(path: Path) -> str:
    with opened(path), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
