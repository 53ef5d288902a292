"""What a field of a recipe may hold, said once beside it and read by everything that asks.

`epochs: Annotated[int, Within(1, 10_000)] = 20` is checked when a recipe is made, limits the form
in the studio and is the range that a search draws from. `Literal`s are choices.
"""

from __future__ import annotations

import dataclasses
import inspect
import types
from pathlib import Path
from typing import (
    Annotated,
    Any,
    Literal,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

import tyro

from olhar.errors import OlharError


@dataclasses.dataclass(frozen=True)
class Within:
    """The range of a number, both ends allowed."""

    low: float
    high: float
    search: tuple[float, float] | None = None
    """The range worth searching, if it is narrower."""
    log: bool = False
    """Searched by orders of magnitude."""


@dataclasses.dataclass(frozen=True)
class Advanced:
    """A field that is seldom changed: shown by `--help-all` only."""


@dataclasses.dataclass(frozen=True)
class Place:
    """A field that says where the data is, which is free to move."""


T = TypeVar("T")
Positional = tyro.conf.Positional
"""What `Source` adds to `Place`: it is given without a flag."""
Source = Annotated[tyro.conf.Positional[T], Place()]
"""`Source[Path]`: where the data is, given without a flag."""


def check(settings: Any) -> None:
    """Refuse a dataclass whose fields do not hold what their annotations allow.

    Raises:
        OlharError: naming the field, its value and what it can be.
    """
    cls = cast("type[Any]", type(settings))
    for name, hint in hints(cls).items():
        value = getattr(settings, name)
        kind, extras = unwrap(hint)
        choices = get_args(kind) if get_origin(kind) is Literal else ()
        if choices and value not in choices:
            raise OlharError(f"{name} is {value!r}; it can be {' or '.join(map(str, choices))}")
        if kind is bool and not isinstance(value, bool):
            raise OlharError(f"{name} is {value!r}; it can be True or False")
        for limit in extras:
            if isinstance(limit, Within):
                _check_number(name, value, kind, limit)


def _check_number(name: str, value: Any, kind: Any, limit: Within) -> None:
    allowed = int if kind is int else (int, float)
    whole = "a whole number" if kind is int else "a number"
    values = cast("tuple[Any, ...]", value if isinstance(value, tuple) else (value,))
    for each in values:
        number = isinstance(each, allowed) and not isinstance(each, bool)
        if not number or not limit.low <= each <= limit.high:  # also refuses nan
            raise OlharError(
                f"{name} is {each!r}; it must be {whole} from {_digits(limit.low)} "
                f"to {_digits(limit.high)}"
            )


def _digits(number: float) -> str:
    return f"{number:,}" if isinstance(number, int) else f"{number:g}"


def hints(cls: type) -> dict[str, Any]:
    """Field name to its type with annotations, in the order of the fields.

    A class that gives a field of its base another default (`epochs: int = 5`) need not repeat how
    the base annotated it.
    """
    found: dict[str, Any] = {}
    for base in reversed(cls.__mro__):
        own = get_type_hints(base, include_extras=True)
        for name in inspect.get_annotations(base):
            bare = get_origin(own[name]) is not Annotated
            same = name in found and unwrap(found[name])[0] == own[name]
            found[name] = found[name] if bare and same else own[name]
    return {field.name: found[field.name] for field in dataclasses.fields(cls)}


def declared(cls: type) -> dict[str, type]:
    """Field name to the class that declared it first, the fields of the last class first."""
    first: dict[str, type] = {}
    for base in reversed(cls.__mro__):
        for name in inspect.get_annotations(base):
            first.setdefault(name, base)
    order = [field.name for field in dataclasses.fields(cls)]
    depth = cls.__mro__.index
    return {name: first[name] for name in sorted(order, key=lambda name: depth(first[name]))}


def unwrap(hint: Any) -> tuple[Any, tuple[Any, ...]]:
    """A type without `Annotated`, and what the annotations say."""
    if get_origin(hint) is Annotated:
        kind, *extras = get_args(hint)
        return kind, tuple(extras)
    return hint, ()


def as_dict(settings: Any) -> dict[str, Any]:
    """The fields of a dataclass as plain JSON values; dataclasses inside become objects."""
    return {
        field.name: _plain(getattr(settings, field.name)) for field in dataclasses.fields(settings)
    }


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        return as_dict(value)
    if isinstance(value, tuple):
        return [_plain(part) for part in cast("tuple[Any, ...]", value)]
    return str(value) if isinstance(value, Path) else value


def from_dict(cls: type[Any], values: dict[str, Any]) -> Any:
    """Make a dataclass of what `as_dict` gave; fields that it no longer has are passed over.

    Raises:
        OlharError: if a value cannot be one of its field, or a field without a default is missing.
    """
    known = {
        name: _typed(unwrap(hint)[0], values[name])
        for name, hint in hints(cls).items()
        if name in values
    }
    try:
        return cls(**known)
    except TypeError as error:
        raise OlharError(f"these settings make no {cls.__name__}: {error}") from error


def _typed(kind: Any, value: Any) -> Any:
    if isinstance(kind, type) and dataclasses.is_dataclass(kind) and isinstance(value, dict):
        return from_dict(cast("type[Any]", kind), cast("dict[str, Any]", value))
    if get_origin(kind) is tuple and isinstance(value, list):
        return tuple(_typed(get_args(kind)[0], each) for each in cast("list[Any]", value))
    union = get_origin(kind) in (Union, types.UnionType)
    holds_path = Path in get_args(kind) if union else kind is Path
    return Path(value) if holds_path and isinstance(value, str) else value
