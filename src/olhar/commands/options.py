"""The flags of a command, read from its signature: one declaration for parsing, help, completion.

Positional-only parameters are arguments, every other parameter is a flag; a parameter whose type is
a dataclass brings one flag per field, and an argument for a field that is a `Source`. Docstrings
are the help, `Literal`s are choices, `Annotated[..., tyro.conf.arg(aliases=..., metavar=...)]`
gives a short flag or a better name.
`commands.arguments` parses a command line by this table, `commands.help` explains it and
`commands.completion` completes it.
"""

from __future__ import annotations

import dataclasses
import difflib
import inspect
import types
from pathlib import Path
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Literal,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

import docstring_parser

from olhar import fields
from olhar.fields import Advanced, Positional

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_NUMBERS = {int: "a whole number", float: "a number"}


@dataclasses.dataclass(frozen=True, eq=False)
class Option:
    """One argument or flag of a command; equal to itself only."""

    name: str
    kind: type
    """Of one value: bool, int, float, str or Path."""
    help: str = ""
    flags: tuple[str, ...] = ()
    """("-o", "--output"); the long one last; none for an argument."""
    metavar: str = ""
    choices: tuple[str, ...] = ()
    many: bool = False
    required: bool = False
    default: Any = None
    group: str = ""
    """The first line of the dataclass it is a field of."""
    advanced: bool = False
    """Shown by `--help-all` only."""

    @property
    def switch(self) -> bool:
        """Whether it is a flag without a value."""
        return self.kind is bool

    @property
    def value(self) -> str:
        """What stands for its value: `PAINTING...`; nothing for a switch."""
        return self.metavar + ("..." if self.many else "")

    @property
    def title(self) -> str:
        """How a sentence names it: `--style PAINTING...`."""
        return " ".join(filter(None, [*self.flags[-1:], self.value]))

    def problem(self, value: str) -> str:
        """Why `value` cannot be one of its values, as a sentence; empty if it can."""
        hint = ""
        if self.choices:
            allowed = "" if value in self.choices else "one of " + ", ".join(self.choices)
            hint = nearest(value, self.choices)
        else:
            allowed = "a path" if self.kind is Path and not value else ""
        if self.kind in _NUMBERS and (allowed or not self.choices):
            allowed = "" if _converts(self.kind, value) else allowed or _NUMBERS[self.kind]
        name = self.flags[-1] if self.flags else self.name.upper()
        return allowed and f"{name} takes {allowed}; {value!r} was given{hint}"


EVERYWHERE = (
    Option("json", bool, "print the outcome as one JSON object", ("--json",)),
    Option("quiet", bool, "no progress and no summary, errors only", ("--quiet",)),
    Option("help", bool, "show this help", ("-h", "--help")),
    Option("help_all", bool, "show every flag", ("--help-all",), advanced=True),
)
"""What every command takes; `olhar.cli` acts on these."""


def options(target: Callable[..., Any], group: str = "") -> list[Option]:
    """The arguments and flags of a command, in the order of its signature.

    Args:
        target: a function, or a dataclass for its fields.
        group: the heading for its flags in the help.
    """
    return list(_options(target, group))


def _options(target: Callable[..., Any], group: str, instance: Any = None) -> Iterator[Option]:
    """The options of a function, a class, or a class one of whose instances is the default."""
    texts = _texts(target)
    made = _made(target)
    parameters = inspect.signature(target).parameters
    if isinstance(target, type) and dataclasses.is_dataclass(target):
        hints, owners = fields.hints(target), fields.declared(target)
        groups = {
            name: _summary(owner) if owner is not target else group
            for name, owner in owners.items()
        }
    else:
        hints = get_type_hints(cast("Any", target), include_extras=True)
        groups = dict.fromkeys(parameters, group)
    for name, heading in groups.items():
        parameter = parameters[name]
        if name in made:
            parameter = parameter.replace(default=made[name])
        if instance is not None:
            parameter = parameter.replace(default=getattr(instance, name))
        kind, extras = _unwrap(hints[name])
        if isinstance(kind, type) and dataclasses.is_dataclass(kind):
            default = parameter.default
            whole = default if isinstance(default, kind) else None
            yield from _options(kind, _summary(kind), whole)
        else:
            yield _option(parameter, kind, extras, texts.get(name, ""), heading)


def _summary(kind: type) -> str:
    return (docstring_parser.parse(kind.__doc__ or "").short_description or "").rstrip(".")


def _option(
    parameter: inspect.Parameter, hint: Any, extras: list[Any], text: str, group: str
) -> Option:
    many = get_origin(hint) in (list, tuple)
    kind, choices = _leaf(get_args(hint)[0] if many else hint)
    name = parameter.name.replace("_", "-")
    flags = (f"--{name}",)
    if kind is bool and parameter.default is True:
        flags = (f"--no-{name}",)
    aliases: tuple[str, ...] = ()
    positional = parameter.kind is parameter.POSITIONAL_ONLY or Positional in extras
    metavar = "|".join(choices) or {int: "INT", float: "NUMBER"}.get(kind, parameter.name.upper())
    for extra in extras:
        aliases = tuple(getattr(extra, "aliases", None) or aliases)
        metavar = getattr(extra, "metavar", None) or metavar
    required = parameter.default is parameter.empty
    return Option(
        name=parameter.name,
        kind=kind,
        help=text,
        flags=() if positional else (*aliases, *flags),
        metavar="" if kind is bool else metavar,
        choices=choices,
        many=many,
        required=required,
        default=None if required else parameter.default,
        group=group,
        advanced=Advanced() in extras,
    )


def _texts(target: Callable[..., Any]) -> dict[str, str]:
    """Parameter name to its help, from the docstrings of a function or of a class and its bases."""
    sources = reversed(target.__mro__) if isinstance(target, type) else [target]
    return {
        text.arg_name: " ".join((text.description or "").split())
        for source in sources
        if source is not object
        for text in docstring_parser.parse_from_object(source).params
    }


def _made(target: Callable[..., Any]) -> dict[str, Any]:
    """The defaults that a dataclass makes anew for each instance."""
    made = dataclasses.fields(target) if dataclasses.is_dataclass(target) else ()
    return {
        field.name: field.default_factory()
        for field in made
        if field.default_factory is not dataclasses.MISSING
    }


def _unwrap(hint: Any) -> tuple[Any, list[Any]]:
    """A type without `Annotated`, and what the annotations said."""
    extras: list[Any] = []
    while get_origin(hint) is Annotated:
        hint, *more = get_args(hint)
        extras += more
    return hint, extras


def _leaf(hint: Any) -> tuple[type, tuple[str, ...]]:
    """The type of one value and its choices: `int | None` is int, `str | Path` is Path."""
    parts = get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)
    choices = tuple(str(c) for part in parts if get_origin(part) is Literal for c in get_args(part))
    kinds = [part for part in parts if isinstance(part, type) and part is not types.NoneType]
    for kind in (Path, float, int, bool):
        if kind in kinds:
            return kind, choices
    return str, choices


def _converts(kind: type, value: str) -> bool:
    try:
        kind(value)
    except ValueError:
        return False
    return True


def nearest(word: str, among: Sequence[str]) -> str:
    """`; did you mean WORD?`, or nothing if nothing is near."""
    close = difflib.get_close_matches(word, among, n=1, cutoff=0.6)
    return f"; did you mean {close[0]}?" if close else ""
