"""`olhar stylize`."""

import hashlib
from pathlib import Path
from typing import Annotated

import torch
import tyro
from torch import Tensor

from olhar import hub
from olhar.commands.shared import Output
from olhar.errors import OlharError
from olhar.media.image import MAX_PIXELS, read
from olhar.media.process import process
from olhar.media.progress import bar
from olhar.media.report import Report
from olhar.stylize import Stylize, steps


def stylize(
    photo: Path,
    /,
    *,
    style: Annotated[list[Path], tyro.conf.arg(metavar="PAINTING")],
    output: Output,
    max_pixels: int = MAX_PIXELS,
    settings: Stylize = Stylize(),  # noqa: B008  frozen
) -> Report:
    """Restyle photographs after paintings.

    A folder is mirrored into OUT, and what is there already is not made
    again: a run that was stopped goes on when it is repeated. It takes about
    3 GB of memory at --size 1024, and four times that at 2048.

    Args:
        photo: a photograph, or a folder of them
        style: one painting, or several to mix
        output: a file, or a folder: one that is there, or a name that ends in /
        max_pixels: refuse larger images
        settings: how it is done
    """
    if max_pixels < 1:
        raise OlharError(f"--max-pixels must be 1 or more, and is {max_pixels}")
    paintings = [read(path, max_pixels=max_pixels).image for path in style]
    steps(torch.zeros(3, 64, 64), paintings, settings)  # refuses now what no photograph can mend

    def restyle(image: Tensor) -> Tensor:
        step = None
        with bar("painting", total=1) as update:
            for step in steps(image, paintings, settings):
                update(step.work)
        assert step is not None
        return step.picture()

    return process(
        photo,
        output,
        restyle,
        mark=hub.mark("restyled", "vgg16", *style),
        no_video="restyling a video comes with a later version; give photographs",
        settings=_fingerprint(paintings, settings),
        keep=style,
        max_pixels=max_pixels,
    )


def _fingerprint(paintings: list[Tensor], settings: Stylize) -> str:
    """What a result depends on beside the photograph."""
    digest = hashlib.sha256(repr(settings).encode())
    for painting in paintings:
        digest.update(repr(painting.shape).encode() + painting.numpy().tobytes())
    return digest.hexdigest()
