"""The named sets of torchvision, as rows of picture files."""

from __future__ import annotations

import inspect
import io
from importlib import import_module
from typing import TYPE_CHECKING, Any

from olhar.data.contents import home_of
from olhar.data.examples import PARTS
from olhar.data.sets import Fetched, Row
from olhar.errors import OlharError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from olhar.data.examples import Part


def fetch(name: str) -> Fetched:
    """Fetch a set.

    Raises:
        OlharError: no such set, or not one of pictures with a class each.
        ImportError: torchvision is missing.
    """
    module: Any = import_module("torchvision.datasets")
    kind: Any = getattr(module, name, None)
    if not (inspect.isclass(kind) and issubclass(kind, module.VisionDataset)):
        raise OlharError(
            f"torchvision has no set {name}; names are those of torchvision.datasets, like CIFAR10"
        )
    make: Any = kind
    takes = inspect.signature(make).parameters
    given: dict[str, Any] = {"root": home_of("sets") / "downloads", "download": True}
    given = {key: value for key, value in given.items() if key in takes}
    parts: dict[Part | None, Any] = {}
    if "train" in takes:
        parts = {"train": make(**given, train=True), "test": make(**given, train=False)}
    elif "split" in takes:
        for word in ("train", "trainval", "val", "valid", "validation", "test"):
            part = PARTS[word.removesuffix("val") or word]
            if part not in parts:
                try:
                    parts[part] = make(**given, split=word)
                except ValueError:  # it has no part of that name
                    continue
    else:
        parts = {None: make(**given)}

    def rows() -> Iterator[Row]:
        for part, those in parts.items():
            classes: Any = getattr(those, "classes", ())
            for i in range(len(those)):
                picture, target = those[i]
                if not isinstance(target, int) or not hasattr(picture, "save"):
                    raise OlharError(f"torchvision:{name} is no set of pictures with classes")
                label = classes[target] if target < len(classes) else target
                words = label if isinstance(label, str | int) else label[0]  # synonyms
                data = io.BytesIO()
                picture.save(data, "PNG", compress_level=1)
                yield Row(part, data.getvalue(), {"class": str(words)})

    count = sum(len(those) for those in parts.values())
    return Fetched(rows(), count, {"target": "class", "task": "class"})
