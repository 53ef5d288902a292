"""`olhar anomalies`."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import torch
import tyro

from olhar import hub
from olhar.autoencode import reconstruct, worst_picture
from olhar.autoencode.apply import Model, coder, prepared
from olhar.commands.pictures import AT_ONCE, check_drawing, pictures, squares
from olhar.data.examples import several
from olhar.errors import OlharError
from olhar.media.files import shown
from olhar.media.image import write
from olhar.media.progress import bar

_DRAWN = 16
_PRINTED = 20


@dataclass(frozen=True)
class Anomalies:
    """How badly each picture was said."""

    top: int
    usual: float | None
    scores: dict[Path, float] = field(default_factory=dict[Path, float])
    """The worst first."""
    failed: dict[Path, str] = field(default_factory=dict[Path, str])

    @property
    def exit_code(self) -> int:
        """1 if a picture could not be read."""
        return 1 if self.failed else 0

    def __str__(self) -> str:
        listed = [*self.scores.items()][: self.top]
        width = min(60, max([len(shown(path)) for path, _ in listed], default=0))
        lines = [
            f"{score:.4f}  {shown(path):<{width}}  {'unusual' if self._odd(score) else ''}".rstrip()
            for path, score in listed
        ]
        if rest := len(self.scores) - len(listed):
            lines.append(f"and {several(rest, 'picture')} with less")
        if self.usual is not None:
            odd = sum(map(self._odd, self.scores.values()))
            lines.append(
                f"{odd:,} of {several(len(self.scores), 'picture')} unusual: over "
                f"{self.usual:.4f}, below which are 99 of 100 of those that measured the model"
            )
        return "\n".join([*lines, *(f"failed: {why}" for why in self.failed.values())])

    def _odd(self, score: float) -> bool:
        return self.usual is not None and score > self.usual

    def as_dict(self) -> dict[str, Any]:
        """Every score, whatever is printed."""
        return {
            "pictures": [
                {"file": str(path), "error": score, "unusual": self._odd(score)}
                for path, score in self.scores.items()
            ],
            "usual": self.usual,
            "failed": {str(path): why for path, why in self.failed.items()},
        }


def anomalies(
    folder: Path,
    /,
    *,
    model: Annotated[str, tyro.conf.arg(metavar="RUN")],
    top: int = _PRINTED,
    worst: Annotated[Path | None, tyro.conf.arg(metavar="FILE")] = None,
) -> Anomalies:
    """Find the pictures that are unlike the rest.

    An autoencoder says badly what is unlike the pictures that it learned
    from: the error of its reconstruction is the score, the root of the mean
    squared difference of pixels in [0, 1].

    Args:
        folder: pictures, perhaps in folders of classes
        model: a run folder of olhar train autoencoder, or a .safetensors file
        top: how many to print, the worst first
        worst: draw the worst, what the model made of them and where it is off
    """
    if top < 1:
        raise OlharError(f"--top must be 1 or more, and is {top}")
    if worst:
        check_drawing(worst)
    used, network = coder(model)
    outcome = Anomalies(top, used.usual)
    files = pictures(folder, outcome.failed)
    scores: dict[Path, float] = {}
    with bar("comparing", total=len(files)) as update:
        for start in range(0, len(files), AT_ONCE):
            some = files[start : start + AT_ONCE]
            images = squares(some, network.size, used.fit, outcome.failed)
            if images:
                seen = torch.cat([*images.values()])
                made = reconstruct(seen, used)
                errors = (made - seen).square().mean((1, 2, 3)).sqrt()
                scores.update(zip(images, map(float, errors), strict=True))
            update(start + len(some))
    outcome.scores.update(sorted(scores.items(), key=lambda each: -each[1]))
    if worst and outcome.scores:
        _draw_worst(worst, [*outcome.scores][:_DRAWN], used, model, network.size, outcome)
    return outcome


def _draw_worst(
    target: Path, files: list[Path], used: Model, model: str, size: int, outcome: Anomalies
) -> None:
    images = squares(files, size, used.fit, outcome.failed)
    seen = prepared(torch.cat([*images.values()]), used)
    names = [f"{outcome.scores[file]:.3f} {file.name}" for file in images]
    picture = worst_picture(seen, reconstruct(seen, used), names)
    write(target, picture, mark=hub.mark("shown", model))
