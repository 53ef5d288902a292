"""`olhar denoise`."""

import hashlib
from functools import partial
from pathlib import Path
from typing import Annotated

import tyro

from olhar import hub
from olhar.autoencode import denoise as denoised
from olhar.autoencode import load
from olhar.autoencode.denoiser import Denoiser
from olhar.commands.shared import Output
from olhar.errors import OlharError
from olhar.media.image import MAX_PIXELS
from olhar.media.process import process
from olhar.media.report import Report


def denoise(
    photo: Path,
    /,
    *,
    output: Output,
    strength: float = 1.0,
    model: Annotated[str, tyro.conf.arg(metavar="NAME")] = "denoiser",
    max_pixels: int = MAX_PIXELS,
) -> Report:
    """Take the noise off photographs and films.

    Grain, the noise of dark rooms and what strong JPEG compression leaves
    behind; how much there is, is found out place by place. A folder is
    mirrored into OUT, and what is there already is not made again. The
    frames of a film are taken one by one.

    Args:
        photo: a photograph, a folder of them, or a film
        output: a file, or a folder: one that is there, or a name that ends in /
        strength: how much of the noise is taken away: 0 is nothing, 1 is all
        model: the name of a model, a .safetensors file or a run folder
        max_pixels: refuse larger images
    """
    if max_pixels < 1:
        raise OlharError(f"--max-pixels must be 1 or more, and is {max_pixels}")
    if not 0 <= strength <= 1:
        raise OlharError(f"--strength must be a number from 0 to 1, and is {strength}")
    used = load(model)
    if not isinstance(used.network, Denoiser):
        raise OlharError(
            f"{model} is an autoencoder with a code, which is no denoiser; train one with "
            "olhar train autoencoder PHOTOS --architecture denoiser -o RUN"
        )
    with Path(hub.find(model)).open("rb") as file:
        of = hashlib.file_digest(file, "sha256").hexdigest()
    return process(
        photo,
        output,
        partial(denoised, model=used, strength=strength),
        mark=hub.mark("denoised", model),
        settings=f"{of} {strength}",
        max_pixels=max_pixels,
    )
