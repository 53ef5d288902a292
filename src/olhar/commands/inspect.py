"""`olhar inspect`."""

from __future__ import annotations

import dataclasses
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from olhar.errors import OlharError
from olhar.look.messages import MESSAGES, Language, Phrase, listed, say
from olhar.look.phrase import preferred
from olhar.media.credentials import Action, Declaration, Ingredient, Step, declared
from olhar.media.files import shown
from olhar.media.image import READABLE
from olhar.media.progress import bar
from olhar.media.provenance import FORMATS
from olhar.media.video import VIDEO_SUFFIXES
from olhar.media.walk import natural

if TYPE_CHECKING:
    from collections.abc import Iterator

_SUFFIXES = READABLE | VIDEO_SUFFIXES | FORMATS.keys()


@dataclass(frozen=True)
class Inspected:
    """What files declare; prints itself."""

    language: Language
    declarations: list[Declaration] = field(default_factory=list[Declaration])
    failed: dict[Path, str] = field(default_factory=dict[Path, str])

    @property
    def exit_code(self) -> int:
        """1 if a file was altered or could not be read."""
        return 1 if self.failed or self._count("altered") else 0

    def _count(self, state: str) -> int:
        return sum(each.state == state for each in self.declarations)

    def as_dict(self) -> dict[str, Any]:
        """The same as plain JSON values; the words are those of C2PA and IPTC."""
        return {
            "files": [dataclasses.asdict(each) | {"path": str(each.path)}
                      for each in self.declarations],
            "failed": {str(path): why for path, why in self.failed.items()},
        }  # fmt: skip

    def __str__(self) -> str:
        lines = [line for each in self.declarations for line in self._told(each)]
        for path, why in self.failed.items():
            lines += _wrapped(say("inspect.broken", why=f"{shown(path)}: {why}"), 0, self.language)
        if len(self.declarations) > 1:
            states = {name: self._count(name) for name in ("trusted", "intact", "altered")}
            counts = {"files": len(self.declarations), "nothing": self._count("nothing"), **states}
            lines += ["", *_wrapped(say("inspect.counts", **counts), 0, self.language)]
        return "\n".join(lines)

    def _told(self, said: Declaration) -> list[str]:
        lines = [shown(said.path)]
        for phrase in _verdict(said):
            lines += _wrapped(phrase, 2, self.language)
        if said.step is not None:
            lines += _steps(said.step, 2, self.language)
        return lines


def inspect(
    file: Path,
    /,
    *,
    language: Literal["auto", "en", "pt-BR"] = "auto",
) -> Inspected:
    """Say what a picture or a film declares of itself.

    By whom it was signed, what was done to it, from what, and whether it was
    changed since; also for files that other programs made (C2PA and IPTC).
    The answer is one of four:
      trusted     signed on this computer, or by someone you trust
      intact      nothing was changed, but the signer is not known
      altered     it is not what was signed
      nothing     nothing is declared, which proves nothing
    Nothing is fetched and nobody is asked. Roots that you trust go into the
    file trusted.pem in olhar's folder for signing. The exit code is 1 if a
    file was altered or cannot be read.

    Args:
        file: a picture, a film, or a folder of them
        language: of the answer; auto is that of this computer
    """
    files = [*_below(file)] if file.is_dir() else [file]
    if not files:
        raise OlharError(f"{shown(file)} holds no picture and no film")
    outcome = Inspected(preferred() if language == "auto" else language)
    if not file.is_dir():
        outcome.declarations.append(declared(file))
        return outcome
    with bar(file.name, total=len(files)) as update:
        for done, each in enumerate(files):
            update(done)
            try:
                outcome.declarations.append(declared(each))
            except OlharError as error:
                outcome.failed[each] = str(error)
    return outcome


def _below(folder: Path) -> Iterator[Path]:
    for where, folders, names in os.walk(folder):
        folders[:] = sorted((name for name in folders if name[0] != "."), key=natural)
        for name in sorted(names, key=natural):
            if name[0] != "." and Path(name).suffix.lower() in _SUFFIXES:
                yield Path(where, name)


def _verdict(said: Declaration) -> Iterator[Phrase]:
    step = said.step
    signer = step.signer if step and step.signer else say("inspect.nobody")
    if said.state == "nothing":
        named = bool(said.xmp)
        yield say("inspect.unsigned", kind=_kind(said.xmp)) if named else say("inspect.nothing")
        if said.elsewhere:
            yield say("inspect.elsewhere", address=said.elsewhere)
    elif said.state == "altered":
        yield say("inspect.altered", why=_why(said.why))
    elif said.state == "trusted":
        own = step is not None and step.own
        yield say("inspect.own") if own else say("inspect.trusted", signer=signer)
    else:
        yield say("inspect.intact", signer=signer)
        if any(code.endswith(("expired", "outsideValidity")) for code in said.why):
            yield say("inspect.expired")


def _why(codes: tuple[str, ...]) -> Phrase:
    """What does not hold, in words where there are any."""
    found = [
        say("inspect.bytes")
        if code.endswith("Hash.mismatch")
        else say("inspect.words")
        if code.startswith(("claim", "assertion.", "Jumbf"))
        else Phrase(code, code)
        for code in codes
    ]
    return listed(list(dict.fromkeys(found)))


def _steps(step: Step, indent: int, language: Language) -> list[str]:
    """One step and, deeper, what came before it."""
    lines: list[str] = []
    opened = {"c2pa.opened", "c2pa.placed"} if step.ingredients else set[str]()
    for action in step.actions:
        if action.name not in opened or len(step.actions) == 1:
            lines += _wrapped(_done(action), indent, language, "- ")
            if action.card:
                lines += _wrapped(
                    say("inspect.card", card=_short(action.card)), indent + 2, language
                )
            if action.consent:
                agreed = say("inspect.consent", consent=_short(action.consent))
                lines += _wrapped(agreed, indent + 2, language)
    by = say("inspect.by", tool=step.tool or "?", signer=step.signer or say("inspect.nobody"))
    if step.time:
        by = _joined(by, say("inspect.at", time=step.time), ", ")
    lines += _wrapped(by, indent + 2, language)
    for each in step.ingredients:
        which = "inspect.from" if each.relation == "parentOf" else "inspect.with"
        lines += _wrapped(say(which, what=_source(each)), indent + 2, language)
        if each.step is not None:
            lines += _steps(each.step, indent + 4, language)
    return lines


def _done(action: Action) -> Phrase:
    if action.deed:
        said = MESSAGES[f"deed.{action.deed}"]
        if action.model:
            model = say("inspect.model", model=action.model)
            return Phrase(*(f"{a} ({b})" for a, b in zip(said, model, strict=True)))
        return said
    name = action.name.removeprefix("c2pa.")
    said = MESSAGES.get(f"action.{name}") or Phrase(name, name)
    return _joined(said, _kind(action.kind), ": ") if action.kind else said


def _short(digest: str) -> str:
    """Enough of a hash to recognise it by; --json has all of it."""
    return digest if len(digest) < 20 else f"{digest[:16]}…"


def _kind(address: str) -> Phrase:
    name = address.rpartition("/")[2]
    return MESSAGES.get(f"kind.{name}") or Phrase(address, address)


def _source(ingredient: Ingredient) -> Phrase:
    some = say("inspect.some")
    kind, _, format_ = ingredient.format.partition("/")
    which = {"image": "inspect.picture", "video": "inspect.film"}.get(kind, "inspect.file")
    what = say(which, format=format_.upper()) if format_ else some
    if ingredient.step is None:
        return say("inspect.mute", what=what)
    return say("inspect.changed" if ingredient.altered else "inspect.said", what=what)


def _joined(first: Phrase, second: Phrase, between: str) -> Phrase:
    return Phrase(*(between.join(both) for both in zip(first, second, strict=True)))


def _wrapped(phrase: Phrase, indent: int, language: Language, bullet: str = "") -> list[str]:
    import textwrap

    start = " " * indent + bullet
    return textwrap.wrap(
        phrase.in_(language),
        max(79, indent + 40),
        initial_indent=start,
        subsequent_indent=" " * len(start),
        break_long_words=False,
    )
