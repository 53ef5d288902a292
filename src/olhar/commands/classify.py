"""`olhar classify`."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import tyro

from olhar.classify.apply import Prediction, load, predict, stacked
from olhar.data.squares import square
from olhar.errors import OlharError
from olhar.media.files import reason, shown
from olhar.media.image import READABLE
from olhar.media.progress import bar
from olhar.media.walk import walk

_AT_ONCE = 64


@dataclass(frozen=True)
class Classified:
    """What was said of each picture."""

    top: int
    predictions: dict[Path, Prediction] = field(default_factory=dict[Path, Prediction])
    failed: dict[Path, str] = field(default_factory=dict[Path, str])

    @property
    def exit_code(self) -> int:
        """1 if a picture could not be read."""
        return 1 if self.failed else 0

    def __str__(self) -> str:
        width = max([len(shown(path)) for path in self.predictions], default=0)
        lines = [
            f"{shown(path):<{min(width, 40)}}  {self._said(prediction)}"
            for path, prediction in self.predictions.items()
        ]
        return "\n".join([*lines, *(f"failed: {why}" for why in self.failed.values())])

    def _said(self, prediction: Prediction) -> str:
        values = prediction.values.items()
        if prediction.task == "number":
            return "  ".join(f"{name} {value:.4g}" for name, value in values)
        return "  ".join(f"{name} {value:.1%}" for name, value in list(values)[: self.top])

    def as_dict(self) -> dict[str, Any]:
        """Every probability or number, whatever is printed."""
        return {
            "pictures": [
                {"file": str(path), **_row(prediction)}
                for path, prediction in self.predictions.items()
            ],
            "failed": {str(path): why for path, why in self.failed.items()},
        }


def classify(
    images: tuple[Path, ...],
    /,
    *,
    model: Annotated[str, tyro.conf.arg(metavar="RUN")],
    top: int = 3,
    tta: bool = False,
) -> Classified:
    """Say what is in pictures, and how surely.

    Args:
        images: pictures, or folders of them
        model: a run folder, a .safetensors file or the name of a model
        top: how many classes to print, the most probable first
        tta: average over mirror images and crops: slower, often better
    """
    if top < 1:
        raise OlharError(f"--top must be 1 or more, and is {top}")
    if not images:
        raise OlharError("olhar classify needs IMAGES: pictures, or folders of them")
    use = load(model)
    outcome = Classified(top)
    files = _files(images, outcome.failed)
    if not files and not outcome.failed:
        raise OlharError(f"there are no pictures in {', '.join(shown(path) for path in images)}")
    with bar("classifying", total=len(files)) as update:
        for start in range(0, len(files), _AT_ONCE):
            pixels: dict[Path, Any] = {}
            for file in files[start : start + _AT_ONCE]:
                try:
                    pixels[file] = square(file, use.network.size[0], use.fit)
                except OlharError as error:
                    outcome.failed[file] = str(error)
            if pixels:
                said = predict(stacked([*pixels.values()]), use, tta=tta)
                outcome.predictions.update(zip(pixels, said, strict=True))
            update(start + len(pixels))
    if len(images) == 1 and images[0] in outcome.failed:
        raise OlharError(outcome.failed[images[0]])
    return outcome


def _files(paths: tuple[Path, ...], failed: dict[Path, str]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        if not path.is_dir():
            found.append(path)
            continue
        for each in walk(path, path / ".olhar"):
            if isinstance(each, OSError):
                failed[path / str(each.filename)] = f"{shown(each.filename)}: {reason(each)}"
            elif each.suffix.lower() in READABLE:
                found.append(path / each)
    return list(dict.fromkeys(found))


def _row(prediction: Prediction) -> dict[str, Any]:
    match prediction.task:
        case "class":
            return {"class": prediction.best, "probabilities": prediction.values}
        case "labels":
            return {"labels": list(prediction.labels), "probabilities": prediction.values}
        case "number":
            return {"values": prediction.values}
