"""`olhar anomalies`."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import torch
import tyro

from olhar import hub
from olhar.autoencode import encode, load, plane_picture, reconstruct, worst_picture
from olhar.autoencode import plane as projected
from olhar.autoencode.apply import Model, prepared, stacked
from olhar.autoencode.network import Autoencoder
from olhar.data.examples import several
from olhar.data.squares import square
from olhar.errors import OlharError
from olhar.media.files import reason, shown
from olhar.media.image import READABLE, write
from olhar.media.progress import bar
from olhar.media.walk import walk

_AT_ONCE = 64
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
    plane: Annotated[Path | None, tyro.conf.arg(metavar="FILE")] = None,
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
        plane: draw all as dots in the plane in which their codes differ most,
            coloured by the folders they lie in
    """
    if top < 1:
        raise OlharError(f"--top must be 1 or more, and is {top}")
    if not folder.is_dir():
        raise OlharError(f"{shown(folder)} is no folder; give a folder of pictures")
    used = load(model)
    network = used.network
    if not isinstance(network, Autoencoder):
        raise OlharError(
            f"{model} is a denoiser, which has no code; give a run of olhar train autoencoder "
            "--architecture conv or dense"
        )
    outcome = Anomalies(top, used.usual)
    files = _files(folder, outcome.failed)
    if not files and not outcome.failed:
        raise OlharError(f"there are no pictures in {shown(folder)}")
    scores: dict[Path, float] = {}
    codes: list[torch.Tensor] = []
    with bar("comparing", total=len(files)) as update:
        for start in range(0, len(files), _AT_ONCE):
            some = files[start : start + _AT_ONCE]
            images = _read(some, used, network.size, outcome.failed)
            if images:
                seen = torch.cat([*images.values()])
                made = reconstruct(seen, used)
                errors = (made - seen).square().mean((1, 2, 3)).sqrt()
                scores.update(zip(images, map(float, errors), strict=True))
                codes.append(encode(seen, used) if plane else seen[:0])
            update(start + len(some))
    outcome.scores.update(sorted(scores.items(), key=lambda each: -each[1]))
    if worst:
        _draw_worst(worst, [*outcome.scores][:_DRAWN], used, model, network.size, outcome)
    if plane:
        _draw_plane(plane, torch.cat(codes), [*scores], folder)
    return outcome


def _read(
    files: list[Path], used: Model, size: int, failed: dict[Path, str]
) -> dict[Path, torch.Tensor]:
    """Those that can be read, as batches of one."""
    images: dict[Path, torch.Tensor] = {}
    for file in files:
        try:
            images[file] = stacked([square(file, size, used.fit)])
        except OlharError as error:
            failed[file] = str(error)
    return images


def _draw_worst(
    target: Path, files: list[Path], used: Model, model: str, size: int, outcome: Anomalies
) -> None:
    images = _read(files, used, size, outcome.failed)
    seen = prepared(torch.cat([*images.values()]), used)
    names = [f"{outcome.scores[file]:.3f} {file.name}" for file in images]
    picture = worst_picture(seen, reconstruct(seen, used), names)
    write(target, picture, mark=hub.mark("shown", model))


def _draw_plane(target: Path, codes: torch.Tensor, files: list[Path], folder: Path) -> None:
    classes = [file.parent.name if file.parent != folder else "" for file in files]
    picture = plane_picture(projected(codes), classes if len({*classes}) > 1 else ())
    write(target, picture, mark=None)  # a drawing of numbers


def _files(folder: Path, failed: dict[Path, str]) -> list[Path]:
    found: list[Path] = []
    for each in walk(folder, folder / ".olhar"):
        if isinstance(each, OSError):
            failed[folder / str(each.filename)] = f"{shown(each.filename)}: {reason(each)}"
        elif each.suffix.lower() in READABLE:
            found.append(folder / each)
    return found
