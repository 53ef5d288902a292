"""`olhar stylize`."""

import hashlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Annotated

import torch
import tyro
from torch import Tensor

from olhar import hub
from olhar.commands.options import nearest
from olhar.commands.shared import Output
from olhar.errors import OlharError
from olhar.media.files import shown
from olhar.media.image import MAX_PIXELS, read
from olhar.media.process import process
from olhar.media.progress import bar
from olhar.media.report import Report
from olhar.stylize import Step, Stylize, steps
from olhar.stylize.film import Restyling
from olhar.stylize.learned import bundled, check, is_learned, load, restyle
from olhar.stylize.learned_film import LearnedRestyling


def stylize(
    photo: Path,
    /,
    *,
    style: Annotated[list[Path], tyro.conf.arg(metavar="PAINTING")],
    output: Output,
    max_pixels: int = MAX_PIXELS,
    settings: Stylize = Stylize(),  # noqa: B008  frozen
) -> Report:
    """Restyle photographs and films after paintings.

    A folder is mirrored into OUT, and what is there already is not made
    again: a run that was stopped goes on when repeated, a film too. A style
    that olhar train stylizer has learned takes a hundredth of the time.

    Args:
        photo: a photograph, a folder of them, or a film
        style: one painting, several to mix, or a learned style
        output: a file, or a folder: one that is there, or a name that ends in /
        max_pixels: refuse larger images
        settings: how it is done
    """
    if max_pixels < 1:
        raise OlharError(f"--max-pixels must be 1 or more, and is {max_pixels}")
    if any(map(is_learned, style)):
        return _at_once(photo, style, output, max_pixels, settings)
    for each in style:
        if not (each.suffix or each.exists()):
            hint = nearest(str(each), bundled()) or f"; the styles are {', '.join(bundled())}"
            raise OlharError(f"there is no painting and no learned style {shown(each)}{hint}")
    paintings = [read(path, max_pixels=max_pixels).image for path in style]
    steps(torch.zeros(3, 64, 64), paintings, settings)  # refuses now what no photograph can mend

    def restyle(image: Tensor) -> Tensor:
        step = None
        for step in _watched(steps(image, paintings, settings)):  # noqa: B007  the last one counts
            pass
        assert step is not None
        return step.picture()

    return process(
        photo,
        output,
        restyle,
        mark=hub.mark("restyled", "vgg16", *style),
        frames=Restyling(paintings, settings, watch=_watched),
        settings=fingerprint(paintings, settings),
        keep=style,
        max_pixels=max_pixels,
    )


def _at_once(
    photo: Path, style: list[Path], output: Output, max_pixels: int, settings: Stylize
) -> Report:
    """By a style that was learned."""
    if len(style) > 1:
        raise OlharError(
            f"--style names {len(style)}, and a style that was learned is not mixed with others; "
            "give it alone, or paintings, or learn several paintings in one training"
        )
    check(settings)
    network = load(style[0])
    return process(
        photo,
        output,
        partial(restyle, model=network, settings=settings),
        mark=hub.mark("restyled", style[0]),
        frames=LearnedRestyling(network, settings),
        settings=learned_fingerprint(style[0], settings),
        max_pixels=max_pixels,
    )


def _watched(made: Iterator[Step]) -> Iterator[Step]:
    with bar("painting", total=1) as update:
        for step in made:
            update(step.work)
            yield step


def learned_fingerprint(model: Path, settings: Stylize) -> str:
    """The same of a style that was learned."""
    with Path(hub.find(model)).open("rb") as file:
        return f"{hashlib.file_digest(file, 'sha256').hexdigest()} {settings!r}"


def fingerprint(paintings: list[Tensor], settings: Stylize) -> str:
    """What a result depends on beside the photograph."""
    digest = hashlib.sha256(repr(settings).encode())
    for painting in paintings:
        digest.update(repr(painting.shape).encode() + painting.numpy().tobytes())
    return digest.hexdigest()
