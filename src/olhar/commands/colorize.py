"""`olhar colorize`."""

import hashlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Annotated

import tyro
from torch import Tensor

from olhar import catalogue, hub
from olhar.colorize import Colorize, Hints, is_colored, load
from olhar.colorize.apply import Decode, decoder, painted, sampler
from olhar.colorize.hints import read as read_hints
from olhar.colorize.look import Look
from olhar.colorize.painter import Painter
from olhar.colorize.sampling import check_count
from olhar.commands.shared import Output
from olhar.errors import OlharError
from olhar.media.image import MAX_PIXELS, read
from olhar.media.process import LeftOut, process
from olhar.media.report import Report


def colorize(
    photo: Path,
    /,
    *,
    output: Output,
    model: Annotated[str, tyro.conf.arg(metavar="NAME")] = "colorizer",
    hints: Annotated[Path | None, tyro.conf.arg(metavar="FILE")] = None,
    reference: Annotated[Path | None, tyro.conf.arg(metavar="IMAGE")] = None,
    variants: int = 1,
    again: bool = False,
    max_pixels: int = MAX_PIXELS,
    settings: Colorize = Colorize(),  # noqa: B008  frozen
) -> Report:
    """Colour black-and-white photographs and films.

    Colours are plausible guesses, not facts. Lightness stays as it is, at
    full size; sepia and other tones are dropped. What is in colour already
    is left out. A folder is mirrored into OUT, and what is there already is
    not made again. A film takes the same colours from frame to frame.

    Hints are a PNG with transparency, painted where colours are known, or
    JSON, with places as shares of the width and height:
      {"points": [{"x": 0.4, "y": 0.6, "color": "#8c2f39"}],
       "strokes": [{"points": [[0.1, 0.2], [0.3, 0.2]], "color": "grey"}]}

    Args:
        photo: a photograph, a folder of them, or a film
        output: a file, or a folder: one that is there, or a name that ends in /
        model: the name of a model, which is downloaded at first if need be, a
            .safetensors file or a run folder
        hints: what is known of the colours of one photograph
        reference: a picture whose colours are taken
        variants: make so many results, name-1.png and so on, that differ
        again: also colour what is in colour
        max_pixels: refuse larger images
        settings: how it is done
    """
    if max_pixels < 1:
        raise OlharError(f"--max-pixels must be 1 or more, and is {max_pixels}")
    check_count(variants)
    if reference and variants > 1:
        raise OlharError("--reference and --variants exclude each other; give one of them")
    if hints and photo.is_dir():
        raise OlharError(f"--hints belong to one photograph, and {photo} is a folder")
    known = read_hints(hints) if hints else None
    exemplar = read(reference, max_pixels=max_pixels).image if reference else None
    if model in hub.REMOTE and not hub.REMOTE[model].path.is_file():
        catalogue.get(model)
    painter = load(model)
    decodes = (
        [sampler(painter, settings, number) for number in range(1, variants + 1)]
        if variants > 1
        else [decoder(painter, settings, exemplar)]
    )
    return process(
        photo,
        output,
        [partial(_colored, painter, settings, decode, known, again) for decode in decodes],
        mark=hub.mark("colorized", model, *([reference] if reference else [])),
        frames=_Film(painter, settings, decodes[0], again),
        no_video="films are coloured without --hints and --variants; leave them out"
        if hints or variants > 1
        else "",
        settings=_fingerprint(
            model, settings, again, [path for path in (hints, reference) if path]
        ),
        keep=[path for path in (hints, reference) if path],
        max_pixels=max_pixels,
    )


def _colored(
    painter: Painter,
    settings: Colorize,
    decode: Decode,
    hints: Hints | None,
    again: bool,
    image: Tensor,
) -> Tensor:
    if not again and is_colored(image):
        raise LeftOut("is in colour already, so it is left as it is; --again colours it anew")
    return painted(image, painter, settings, decode, hints)


class _Film:
    """Colours films, and knows whether one that goes on had anything to colour before."""

    warm_up = 48
    """Frames after which colours carried along count no more: 0.95 ** 48 = 0.085."""
    slow = False

    def __init__(self, painter: Painter, settings: Colorize, decode: Decode, again: bool) -> None:
        self._painter, self._settings, self._again = painter, settings, again
        self._decode = decode
        self._made = 0

    def __call__(self, frames: Iterator[Tensor], state: int | None = None) -> Iterator[Tensor]:
        from olhar.colorize.video import colorize_frames

        self._made = state or 0
        try:
            yield from colorize_frames(
                frames, self._painter, self._settings, decode=self._counted, again=self._again
            )
        except LeftOut:
            if not self._made:
                raise

    def state(self) -> int:
        """How many frames were coloured."""
        return self._made

    def _counted(self, seen: Look) -> tuple[Tensor, tuple[float, float]]:
        self._made += 1
        return self._decode(seen)


def _fingerprint(model: str, settings: Colorize, again: bool, files: list[Path]) -> str:
    """What a result depends on beside the photograph."""
    digest = hashlib.sha256(f"{settings!r}{' again' * again}".encode())
    for path in (hub.find(model), *files):
        with Path(path).open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()
