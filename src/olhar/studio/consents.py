"""The records of consent that the studio keeps, each in a folder of its own with its evidence.

A folder is called by the beginning of its record's SHA-256, so that no name of a person stands in
an address. Records are written and read by the functions of `olhar consent`; nothing replaces one.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import secrets
import shutil
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, NamedTuple

from olhar.errors import OlharError
from olhar.media import consent
from olhar.media.files import opened, parsed

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from pathlib import Path

    from olhar.media.consent import Consent, Person, Scope
    from olhar.studio.workspace import Workspace

NAME = "consent.json"
_SHOWN = 16  # digits of the hash that a folder is called by
_DEEPER = "record"  # a folder that puts a record below its evidence
_DEEPEST = 8  # so many of them
_LARGEST = 1 << 20  # bytes of a record


class Kept(NamedTuple):
    """A record that is kept."""

    name: str
    """Of its folder."""
    path: Path
    record: Consent

    @property
    def people(self) -> str:
        """Who agreed, by name."""
        return ", ".join(each.name for each in self.record.people)

    def wrong(self, *scopes: Scope) -> str:
        """Why it does not hold today for any of these; empty if it does."""
        for scope in scopes:
            try:
                self.record.check(scope)
            except OlharError as error:
                return str(error)
        return ""


def kept(space: Workspace) -> list[Kept]:
    """All records, the newest first."""
    found: list[tuple[float, Kept]] = []
    for folder in space.consents.glob("[!.]*"):
        one = _read(folder)
        if one is not None:
            found.append((one.path.stat().st_mtime, one))
    return [one for _, one in sorted(found, key=lambda pair: -pair[0])]


def find(space: Workspace, name: str | None) -> Kept:
    """A record by the name of its folder.

    Raises:
        OlharError: if there is none.
    """
    if not name:
        raise OlharError(
            "no face is learned or swapped without consent; write the record in step 2, or choose "
            "one that is there"
        )
    one = _read(space.named(space.consents, name))
    if one is None:
        raise OlharError(f"there is no record of a consent in {name!r}; choose one of the list")
    return one


def permitting(space: Workspace, trained: str, chosen: str | None) -> list[Path]:
    """The records by which a model may swap, as `olhar.faceswap.permission` wants them.

    Args:
        space: where they are kept.
        trained: the SHA-256 of the record that the model was trained with.
        chosen: the name of the one that was chosen.

    Returns:
        The one it was trained with while that holds; else the chosen one before it.

    Raises:
        OlharError: if none is chosen, or it is not there.
    """
    own = [one for one in kept(space) if one.record.sha256 == trained]
    if own and not own[0].wrong("swap"):
        return [own[0].path]
    first = find(space, chosen)
    return [first.path, *(one.path for one in own if one.name != first.name)]


def write(
    space: Workspace,
    people: Sequence[Person],
    scope: Sequence[Scope],
    until: str,
    evidence: Path,
    artistic: str,
) -> Kept:
    """Write a new record, as `olhar consent` does, and keep the evidence beside it.

    Args:
        space: where it is kept.
        people: who is shown.
        scope: for what.
        until: the last day, as 2027-01-31.
        evidence: the file that proves it, which is copied.
        artistic: why the work is evidently artistic; empty if it is not.

    Raises:
        OlharError: if something is missing or makes no sense.
    """
    last = _day(until)
    if last < dt.datetime.now(dt.UTC).astimezone().date():
        raise OlharError(f"the consent would have ended on {last} already; give a day to come")
    with _new(space) as folder:
        proof = folder / f"evidence{evidence.suffix.lower()}"
        shutil.copyfile(evidence, proof)
        consent.make(folder / NAME, people, scope, last, proof, artistic=artistic.strip())
        return _keep(space, folder)


def take(space: Workspace, files: Sequence[Path]) -> Kept:
    """Take in a record that was made elsewhere, with the evidence that it names.

    Args:
        space: where it is kept.
        files: the record and the evidence, in any order.

    Raises:
        OlharError: if none is a record, or the evidence is missing or another.
    """
    record = next((path for path in files if _is_record(path)), None)
    if record is None:
        raise OlharError("none of these files is a record of a consent; send its consent.json")
    said = consent.read(record)
    up, inside = _place(said.evidence)
    others = [path for path in files if path != record]
    proof = next((path for path in others if path.name == inside.name), None)
    proof = others[0] if proof is None and len(others) == 1 else proof
    if proof is None:
        raise OlharError(
            f"the record names its evidence, {inside.name}; send that file together with it"
        )
    with _new(space) as folder:
        place = folder.joinpath(*[_DEEPER] * up)
        for path, target in ((proof, folder / inside), (record, place / NAME)):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
        try:
            consent.read(place / NAME).check(said.scope[0], today=said.until)
        except OlharError:
            raise OlharError(
                f"{proof.name} is not the evidence of this record: its contents are others; send "
                "the file that was there when the consent was recorded"
            ) from None
        return _keep(space, folder)


def remove(space: Workspace, name: str) -> None:
    """Remove a record and its evidence, as when a consent is withdrawn.

    Raises:
        OlharError: if there is none.
    """
    shutil.rmtree(space.consents / find(space, name).name)


@contextlib.contextmanager
def _new(space: Workspace) -> Generator[Path]:
    """A folder that is gone afterwards, unless it was given a name."""
    folder = space.consents / f".new-{secrets.token_hex(8)}"
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _keep(space: Workspace, folder: Path) -> Kept:
    """Give a new folder its name, unless the same record is there."""
    name = consent.read(_file(folder)).sha256[:_SHOWN]
    if not (space.consents / name).exists():
        folder.rename(space.consents / name)
    return find(space, name)


def _read(folder: Path) -> Kept | None:
    try:
        path = _file(folder)
        return Kept(folder.name, path, consent.read(path))
    except (OlharError, OSError):
        return None


def _file(folder: Path) -> Path:
    """Where the record of a folder lies: the deeper, the further up its evidence is."""
    places = [folder.joinpath(*[_DEEPER] * up, NAME) for up in range(_DEEPEST)]
    return next((path for path in places if path.is_file()), places[0])


def _is_record(path: Path) -> bool:
    try:
        with opened(path) as file:
            said: Any = parsed(file.read(_LARGEST))
    except (OlharError, ValueError):
        return False
    return isinstance(said, dict) and "evidence_sha256" in said


def _place(evidence: str) -> tuple[int, PurePosixPath]:
    """How many folders the evidence is above the record, and where from there.

    >>> _place("../letters/ana.pdf")
    (1, PurePosixPath('letters/ana.pdf'))
    """
    parts = PurePosixPath(evidence).parts
    up = next((n for n, part in enumerate(parts) if part != ".."), len(parts))
    down = parts[up:]
    odd = any(part == ".." or set(part) & set("\\:\0/") for part in down)
    if not down or odd or up >= _DEEPEST or len(down) > _DEEPEST or down[-1] == NAME:
        raise OlharError(
            "the evidence that the record names lies too far away; make a record whose evidence is "
            "beside it"
        )
    return up, PurePosixPath(*down)


def _day(said: str) -> dt.date:
    try:
        return dt.date.fromisoformat(str(said).strip()[:10])
    except ValueError:
        raise OlharError(
            f"the last day is a day such as 2027-01-31; {said!r} was given"
            if said
            else "say until when the consent holds, as in 2027-01-31"
        ) from None
