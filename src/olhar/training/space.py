"""What a search may change: fields of a recipe, in the ranges that they declare themselves.

A number has the `search` range of its `Within`, or all that it allows; a `Literal` its choices, a
switch both positions. Fields of settings inside a recipe (`augment.crop`) stand beside its own.
"""

from __future__ import annotations

import dataclasses
import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

from olhar.errors import OlharError
from olhar.fields import Within, hints, unwrap

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from optuna.trial import Trial

    from olhar.training.recipe import Recipe


@dataclass(frozen=True)
class Range:
    """What one field may be."""

    name: str
    """"learning_rate", or "augment.crop"."""
    choices: tuple[Any, ...] = ()
    low: float = 0.0
    high: float = 0.0
    log: bool = False
    whole: bool = False
    """Whole numbers only."""

    def draw(self, trial: Trial) -> Any:
        """A value, as Optuna suggests it."""
        if self.choices:
            return trial.suggest_categorical(self.name, self.choices)
        if self.whole:
            return trial.suggest_int(self.name, int(self.low), int(self.high), log=self.log)
        return trial.suggest_float(self.name, self.low, self.high, log=self.log)

    def holds(self, value: Any) -> bool:
        """Whether it may be a value."""
        return value in self.choices if self.choices else self.low <= value <= self.high


def ranges(recipe: Recipe, names: Sequence[str] = ()) -> tuple[Range, ...]:
    """What is searched of a recipe.

    Args:
        recipe: whose fields.
        names: of fields, with hyphens or underscores, or `name=low:high` or `name=one,other` for
            another range; by default all that declare a range worth searching.

    Raises:
        OlharError: if there is no such field, it cannot be searched, or a range is none.
    """
    known = {found.name: (found, narrow) for found, narrow in _declared(type(recipe))}
    if not names:
        given = type(recipe).objective
        return tuple(
            found for found, narrow in known.values() if narrow and found.name not in given
        )
    return tuple(
        _asked(recipe, name, {key: each[0] for key, each in known.items()}) for name in names
    )


def changed(recipe: Recipe, values: dict[str, Any]) -> Recipe:
    """A recipe with some fields changed, those of settings inside it too."""
    changes: dict[str, Any] = {}
    for name, value in values.items():
        outer, _, inner = name.partition(".")
        if inner:
            settings = changes.get(outer, getattr(recipe, outer))
            changes[outer] = dataclasses.replace(settings, **{inner: value})
        else:
            changes[outer] = value
    return recipe.replace(**changes)


def current(recipe: Recipe, name: str) -> Any:
    """What a field of a recipe is."""
    value: Any = recipe
    for part in name.split("."):
        value = getattr(value, part)
    return value


def _declared(cls: type, prefix: str = "") -> Iterable[tuple[Range, bool]]:
    """Every field that can be searched, and whether it says where that is worth it."""
    for name, hint in hints(cls).items():
        kind, extras = unwrap(hint)
        full = prefix + name
        if isinstance(kind, type) and dataclasses.is_dataclass(kind):
            yield from _declared(kind, f"{full}.")
        elif get_origin(kind) is Literal:
            yield Range(full, choices=get_args(kind)), False
        elif kind is bool:
            yield Range(full, choices=(False, True)), False
        elif kind in (int, float) and full != "seed":
            for limit in extras:
                if isinstance(limit, Within):
                    low, high = limit.search or (limit.low, limit.high)
                    found = Range(full, low=low, high=high, log=limit.log, whole=kind is int)
                    yield found, limit.search is not None


def _asked(recipe: Recipe, text: str, known: dict[str, Range]) -> Range:
    typed, equals, values = text.partition("=")
    name = typed.replace("-", "_")
    inner = [key for key in known if key.endswith(f".{name}")]
    name = inner[0] if name not in known and len(inner) == 1 else name
    if name not in known and not (equals and isinstance(getattr(recipe, name, None), str)):
        near = difflib.get_close_matches(name, known, 1)
        hint = f"; did you mean {near[0]}?" if near else f"; there are {', '.join(known)}"
        raise OlharError(f"{recipe.kind} has no field {typed!r} to search{hint}")
    found = known.get(name, Range(name))
    if not equals:
        return found
    kind: Any = int if found.whole else str if found.choices or name not in known else float
    try:
        if ":" in values and kind is not str:
            low, high = map(kind, values.split(":"))
            if not low < high:
                raise ValueError
            return dataclasses.replace(found, low=low, high=high, log=found.log and low > 0)
        return Range(name, choices=tuple(map(kind, values.split(","))))
    except ValueError:
        raise OlharError(
            f"{text!r} is no range; give LOW:HIGH with the lower first, or values with commas"
        ) from None
