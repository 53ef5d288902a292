"""From the words of a command line to a call that is ready to run.

`arrange` puts the words into the one order that leaves nothing open (`--flag=value -- ARGUMENT`)
and finds the mistakes; `parse` hands them to `tyro`, which makes the values. A list flag takes
every word up to the next flag, so `--style A B PHOTO` would swallow PHOTO: if an argument is
missing in the end, the last list of the same type returns its last word.
"""

from __future__ import annotations

import contextlib
import functools
import io
import sys
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tyro

from olhar.commands.options import EVERYWHERE, Option, nearest, options
from olhar.errors import OlharError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def parse(
    command: Callable[..., Any], words: Sequence[str], prog: str
) -> tuple[Callable[[], Any], set[str]]:
    """Bind a command to the values that the words say.

    Args:
        command: a function as `olhar.commands.options` describes it.
        words: the command line after the command's name.
        prog: `olhar stylize`, for the sentences.

    Returns:
        The call, not yet made, and which of `EVERYWHERE` were given: {"--json"}.

    Raises:
        OlharError: if a flag is unknown, a value is wrong or something is missing.
    """

    @functools.wraps(command)
    def bind(*args: Any, **kwargs: Any) -> Callable[[], Any]:
        return functools.partial(command, *args, **kwargs)

    arranged = arrange([*options(command), *EVERYWHERE], words, prog)
    common = {option.flags[-1] for option in EVERYWHERE}
    markers = (tyro.conf.OmitArgPrefixes, tyro.conf.FlagCreatePairsOff)
    box = io.StringIO()
    try:
        with contextlib.redirect_stderr(box):
            call = tyro.cli(
                bind, prog=prog, args=[w for w in arranged if w not in common], config=markers
            )
    except SystemExit as stop:
        # A dataclass that refused its values said so in a sentence, which tyro drew a box around.
        cause: BaseException | None = stop
        while cause is not None and not isinstance(cause, OlharError):
            cause = cause.__context__
        if cause is not None:
            raise cause from None
        sys.stderr.write(box.getvalue())
        raise
    return call, common.intersection(arranged)


def arrange(table: Sequence[Option], words: Sequence[str], prog: str) -> list[str]:
    """Put the words into the order `--flag=value ... -- ARGUMENT ...`.

    Args:
        table: what the command takes.
        words: what was typed.
        prog: the command, for the sentences.

    Raises:
        OlharError: if a flag is unknown, a value is wrong or something is missing.

    >>> from pathlib import Path
    >>> photo = Option("photo", Path, metavar="PHOTO", required=True)
    >>> style = Option("style", Path, flags=("--style",), many=True)
    >>> arrange([photo, style], ["--style", "a.png", "b.png", "me.jpg"], "olhar stylize")
    ['--style=a.png', 'b.png', '--', 'me.jpg']
    """
    flags = {flag: option for option in table for flag in option.flags}
    places = [option for option in table if not option.flags]
    taken: list[tuple[Option, list[str]]] = []  # what each flag took, in the order typed
    loose: list[str] = []
    queue = deque(words)
    while queue:
        word = queue.popleft()
        if word == "--":
            loose += queue
            break
        if not _is_flag(word):
            loose.append(word)
            continue
        flag, attached = _split(word, flags, prog)
        taken.append((flags[flag], _values(flags[flag], flag, attached, queue)))
    _give_back(places, taken, loose)

    there = [option for option, _ in taken] + places[: len(loose)]
    missing = [option.title for option in table if option.required and option not in there]
    if missing:
        raise OlharError(f"{prog} needs {' and '.join(missing)}; {prog} --help explains")
    if len(loose) > len(places) and not (places and places[-1].many):
        room = " ".join(place.title for place in places) or "no argument"
        files = any(place.kind is Path for place in places)
        how = "; a name with spaces needs quotes, and several files a folder" if files else ""
        extra = loose[len(places)]
        raise OlharError(f"{extra!r} is one too many: {prog} takes {room} and flags{how}")

    given: dict[Option, list[str]] = {}
    for option, values in taken:
        given[option] = [*given.get(option, []), *values] if option.many else values
    filled = [(place, [word]) for place, word in zip(places, loose, strict=False)]
    for option, values in [*given.items(), *filled]:
        for problem in filter(None, map(option.problem, values)):
            raise OlharError(problem)
    arranged: list[str] = []
    for option, values in given.items():
        flag = option.flags[-1]
        arranged += [flag] if option.switch else [f"{flag}={values[0]}", *values[1:]]
    return [*arranged, "--", *loose] if loose else arranged


def _is_flag(word: str) -> bool:
    """Whether a word starts a flag: `-o` and `--` do; `-`, which is a file, and `-0.5` do not."""
    if not word.startswith("-") or word == "-":
        return False
    try:
        float(word)
    except ValueError:
        return True
    return False


def _split(word: str, flags: dict[str, Option], prog: str) -> tuple[str, str | None]:
    """The flag that a word names and the value attached to it: `--size=512`, `-oOUT`."""
    name, equals, attached = word.partition("=")
    if name.startswith("--"):
        name = name.replace("_", "-")
    elif name not in flags and name[:2] in flags:
        name, equals, attached = word[:2], "=", word[2:]
    if name not in flags:
        hint = nearest(name, list(flags)) or f"; {prog} --help lists them"
        raise OlharError(f"{prog} has no flag {name}{hint}")
    return name, attached if equals else None


def _values(option: Option, flag: str, attached: str | None, queue: deque[str]) -> list[str]:
    """Take the values of a flag from the words that follow it."""
    if option.switch:
        if attached is not None:
            raise OlharError(f"{flag} is on or left out; it takes no value, {attached!r} was given")
        return []
    if attached is not None:
        return [attached]
    if not queue or _is_flag(queue[0]):
        raise OlharError(f"{flag} needs a value: {option.title}")
    values = [queue.popleft()]
    while option.many and queue and not _is_flag(queue[0]) and not option.problem(queue[0]):
        values.append(queue.popleft())
    return values


def _give_back(
    places: Sequence[Option], taken: Sequence[tuple[Option, list[str]]], loose: list[str]
) -> None:
    """Let the last list return its last words to the arguments that are missing."""
    missing = [place for place in places[len(loose) :] if place.required]
    for option, values in reversed(taken):
        if missing and option.many and option.kind is missing[0].kind:
            count = min(len(missing), len(values) - 1)
            loose += values[len(values) - count :]
            del values[len(values) - count :], missing[:count]
