"""Sets of the Hugging Face hub, or in a folder made by `save_to_disk`, as rows of picture files."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from olhar.data.examples import PARTS
from olhar.data.sets import Fetched, Row
from olhar.errors import OlharError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from olhar.data.examples import Part


def fetch(name: str) -> Fetched:
    """Fetch a set: `owner/name`, `owner/name/variant` or a folder.

    Parts that are no train, validation or test are left aside; if only one is left, the set counts
    as not split. Columns that are neither text, number, class nor a list of those are left out.

    Raises:
        OlharError: the set has no pictures.
        ImportError: the package datasets is missing.
    """
    datasets: Any = import_module("datasets")
    if Path(name).is_dir():
        loaded: Any = datasets.load_from_disk(name)
    else:
        words = name.split("/")
        loaded = datasets.load_dataset("/".join(words[:2]), *words[2:])
    parts: dict[str, Any] = loaded if hasattr(loaded, "values") else {"train": loaded}
    known: dict[Part | None, Any] = {PARTS[key]: parts[key] for key in parts if key in PARTS}
    if len(known) < 2:
        known = {None: next(iter([*known.values(), *parts.values()]))}
    features: dict[str, Any] = next(iter(known.values())).features
    picture = next((key for key in features if isinstance(features[key], datasets.Image)), None)
    if picture is None:
        raise OlharError(f"hf:{name} has no column of pictures, only {', '.join(features)}")
    cells = {key: cell for key in features if (cell := _cell(features[key]))}

    def rows() -> Iterator[Row]:
        for part, those in known.items():
            for row in those.cast_column(picture, datasets.Image(decode=False)):
                file = row[picture]
                data = file["bytes"] or Path(file["path"]).read_bytes()
                yield Row(part, data, {key: cell(row[key]) for key, cell in cells.items()})

    return Fetched(rows(), sum(map(len, known.values())), _defaults(features))


def _defaults(features: dict[str, Any]) -> dict[str, Any]:
    """What is to be learned, if the set has one column of classes, or one of lists of classes."""
    datasets: Any = import_module("datasets")
    classes = [key for key in features if isinstance(features[key], datasets.ClassLabel)]
    lists = [key for key in features if isinstance(_inner(features[key]), datasets.ClassLabel)]
    if "label" in classes:
        classes = ["label"]
    if len(classes) == 1:
        return {"target": classes[0], "task": "class"}
    if len(lists) == 1 and not classes:
        return {"target": lists[0], "task": "labels"}
    return {}


def _inner(feature: Any) -> Any:
    """What a list is a list of; None if it is none."""
    return getattr(feature, "feature", None)


def _cell(feature: Any) -> Callable[[Any], str] | None:
    """How a value of a column is written in a table; None if it cannot be."""
    datasets: Any = import_module("datasets")
    if isinstance(feature, datasets.ClassLabel):
        return lambda value: "" if value is None or value < 0 else str(feature.names[value])
    if isinstance(feature, datasets.Value):
        return lambda value: "" if value is None else str(value)
    one = _cell(_inner(feature)) if _inner(feature) is not None else None
    return (lambda values: "|".join(map(one, values or ()))) if one else None
