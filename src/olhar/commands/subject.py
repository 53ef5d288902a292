"""A model and what it is measured on, as `olhar evaluate` and `olhar compare` are told it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from olhar import hub
from olhar.catalogue import RECIPES, load
from olhar.errors import OlharError
from olhar.fields import Place, hints, unwrap
from olhar.media.files import parsed, shown
from olhar.nets.precision import default_device
from olhar.training.report import Subject
from olhar.training.run import events

if TYPE_CHECKING:
    from olhar.training.recipe import Recipe

_SET = re.compile(r"(hf|torchvision):")


def subject(model: str, data: Path | None, split: str) -> Subject:
    """Find a model, and the examples that are to measure it.

    Args:
        model: a run folder, a file or a name.
        data: what it is measured on; None is what a run was trained on, where it was then, or at
            the same place seen from here.
        split: which part of that.

    Raises:
        OlharError: if there is no such model or part, or nothing says where the data is.
    """
    path = hub.find(model)
    card = hub.read_card(path)
    if card.kind not in RECIPES:
        raise OlharError(
            f"{card.name} is a {card.kind}, which cannot be measured; {' and '.join(RECIPES)} can"
        )
    kind: type[Recipe] = RECIPES[card.kind].resolve()
    if data is not None and "data" not in hints(kind):
        raise OlharError(
            f"{card.name} was trained on two sets, and is measured on the parts of them that were "
            "held out; give its run folder without DATA"
        )
    places = _places(path.parent, kind, card.name, data)
    recipe = kind.from_dict(card.recipe | places)
    network = load(model)  # first: it is known then that what the card says fits
    examples, part, notes = recipe.measured_on(card, split)
    device = default_device()
    return Subject(
        card=card,
        recipe=recipe,
        network=network.to(device),
        data=examples,
        part=part,
        device=device,
        notes=notes,
        log=events(path.parent / "events.jsonl") if path.name == "model.safetensors" else (),
    )


def _places(folder: Path, kind: type[Recipe], name: str, data: Path | None) -> dict[str, Any]:
    """Where the data of a run was, or other data; what else it learned from only a run may say."""
    names = [key for key, hint in hints(kind).items() if Place() in unwrap(hint)[1]]
    given = {} if data is None else {"data": str(data)}
    if given.keys() == {*names}:
        return given
    try:
        said = parsed((folder / "recipe.json").read_text("utf-8"))
        places = {key: _there(said["asked"][key], said.get("folder", "")) for key in names} | given
    except (OSError, ValueError, LookupError, TypeError):
        others = [key for key in names if key != "data"]
        if given:
            raise OlharError(
                f"{name} is measured by the {' and '.join(others)} that it was trained with, and "
                "only a run folder says where that is; give the run folder of one of yours"
            ) from None
        raise OlharError(
            f"{name} does not say where its data is, as a run folder does; give DATA"
        ) from None
    was = str(places.get("data") or "")
    if not given and was and not _SET.match(was) and not Path(was).exists():
        raise OlharError(
            f"{name} was trained on {shown(was)}, which is not there now; put it back, or give "
            "DATA: where it is, or other data of the same form"
        )
    return places


def _there(place: Any, began: str) -> Any:
    """A place of a recipe, which leads from the folder where the training was begun.

    What has been moved together with the run is looked for from here.
    """
    if isinstance(place, list):
        return [_there(each, began) for each in cast("list[Any]", place)]
    if not place or _SET.match(place):
        return place
    there = Path(began, place)
    return place if Path(place).exists() and not there.exists() else str(there)
