"""`olhar reconstruct`."""

import hashlib
from pathlib import Path
from typing import Annotated

import tyro
from torch import Tensor

from olhar import hub
from olhar.commands.coder import coder
from olhar.commands.generate import ModelName
from olhar.commands.shared import Output
from olhar.media.process import process
from olhar.media.report import Report


def reconstruct(
    pictures: Annotated[Path, tyro.conf.arg(metavar="PICTURES")],
    /,
    *,
    output: Output,
    model: ModelName,
) -> Report:
    """Show what a model keeps of pictures.

    The model is one of olhar train vae or autoencoder, and no denoiser;
    results are squares of its size. A folder is mirrored into OUT, and what is
    there is not made again.

    Args:
        pictures: a picture, or a folder of them
        output: a file, or a folder: one that is there, or a name that ends in /
        model: a run folder, a .safetensors file or the name of a model
    """
    use = coder(model)

    def through(image: Tensor) -> Tensor:
        return use.reconstruct([image])[0]

    with Path(hub.find(model)).open("rb") as file:
        settings = hashlib.file_digest(file, "sha256").hexdigest()
    no_video = "films are not reconstructed; give a picture or a folder of them"
    return process(
        pictures,
        output,
        through,
        mark=hub.mark("reconstructed", model),
        no_video=no_video,
        settings=settings,
    )
