"""Whether a training may go on, and what is different since it began."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from olhar.errors import OlharError
from olhar.fields import Place, hints, unwrap

if TYPE_CHECKING:
    from olhar.training.recipe import Recipe

R = TypeVar("R", bound="Recipe")


def going_on(asked: R, before: dict[str, Any]) -> R:
    """The recipe to go on with: as it was resolved then, if the same is asked for now.

    Where the data is may have changed, since its contents are compared. A constant schedule may be
    given more epochs.

    Args:
        asked: the recipe of this process.
        before: what `recipe.json` says.

    Raises:
        OlharError: if the run holds another recipe; the sentence says what differs.
    """
    if before.get("kind") != asked.kind:
        raise OlharError(
            f"the run holds a training of kind {before.get('kind')!r}, and {asked.kind!r} is asked "
            "for; give another folder"
        )
    now, then = _flat(asked.as_dict()), _flat(before["asked"])
    places = {name for name, hint in hints(type(asked)).items() if Place() in unwrap(hint)[1]}
    differ = [name for name in now if name not in places and now[name] != then.get(name, now[name])]
    longer = asked.schedule == "constant" and asked.epochs > before["asked"].get("epochs", 0)
    if longer and "epochs" in differ:
        differ.remove("epochs")
    if differ:
        listed = ", ".join(f"{name} {then[name]!r}" for name in differ)
        given = ", ".join(repr(now[name]) for name in differ)
        raise OlharError(
            f"the run was begun with {listed}, and {given} is asked for; ask for the same to go "
            "on, or give another folder to begin anew"
        )
    resolved = type(asked).from_dict(before["recipe"])
    kept = {name: getattr(asked, name) for name in places}
    return resolved.replace(**kept, epochs=asked.epochs)


def announce(
    before: dict[str, Any] | None, machine: dict[str, Any], data: dict[str, Any]
) -> list[str]:
    """Sentences about what has changed since the run began.

    Raises:
        OlharError: if it is the data.
    """
    if not before:
        return []
    if before.get("data", {}).get("hash") != data["hash"]:
        raise OlharError(
            "the data is not the data that the run began with; restore it to go on, or give "
            "another folder to begin anew"
        )
    then = before.get("machine", {})
    return [
        f"{name} is now {value}, and was {then.get(name)} when the run began: the result will not "
        "be the same bit by bit"
        for name, value in machine.items()
        if then.get(name) != value
    ]


def _flat(values: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{name}.")  # pyright: ignore[reportUnknownArgumentType]
        else:
            flat[prefix + name] = value
    return flat
