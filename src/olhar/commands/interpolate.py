"""`olhar interpolate`."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import tyro

from olhar.commands.generate import Made, ModelName
from olhar.commands.shared import Output
from olhar.media.image import read
from olhar.media.process import refuse_kept
from olhar.media.video import WRITABLE_VIDEO_SUFFIXES
from olhar.vae.apply import interpolate as between

_STRIP, _FILM = 9, 97


def interpolate(
    a: Annotated[Path, tyro.conf.arg(metavar="A")],
    b: Annotated[Path, tyro.conf.arg(metavar="B")],
    /,
    *,
    output: Output,
    model: ModelName,
    steps: int = 0,
) -> Made:
    """Go from one picture to another, as a strip or a film.

    The model is one that olhar train vae has made. At the ends are its
    reconstructions of both pictures, between them an arc through its latents.

    Args:
        a: the picture to begin with
        b: the picture to end with
        output: a strip of pictures, as strip.png, or a film, as strip.mp4
        model: a run folder, a .safetensors file or the name of a model
        steps: how many pictures, both ends among them; 0 is 9, and 97 in a film
    """
    film = Path(output).suffix.lower() in WRITABLE_VIDEO_SUFFIXES
    chosen = steps or (_FILM if film else _STRIP)
    refuse_kept(Path(output), (a, b))
    sheet = between(read(a).image, read(b).image, model, chosen)
    sheet = replace(sheet, mark=sheet.mark.using(a, b))
    return Made(sheet.save(output), chosen, sheet.pictures.shape[-1])
