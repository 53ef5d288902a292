"""`olhar samples`."""

from pathlib import Path
from typing import Annotated

import tyro

from olhar.commands.outcome import Outcome, Said
from olhar.samples import PAINTINGS, PHOTOS
from olhar.samples import samples as draw


def samples(
    names: tuple[str, ...] = (),
    /,
    *,
    output: Annotated[Path | None, tyro.conf.arg(aliases=("-o",), metavar="FOLDER")] = None,
    size: int = 512,
    seed: int = 0,
) -> Outcome:
    """Draw sample paintings to try things with.

    The paintings are drawn by code, so they are free to use; the photographs
    come with scikit-image, if that is installed. Without -o, only says what
    there is.

    Args:
        names: which ones; all if left out
        output: where to write them, as PNG
        size: side of a painting, in pixels
        seed: another seed, another painting of the same sort
    """
    if output is not None:
        return draw(output, size, seed, names=names)
    there = {**PAINTINGS, **PHOTOS}
    text = "\n".join(f"{name:<12}{about}" for name, about in there.items())
    return Said(text, {"samples": there})
