"""`olhar unpack`."""

from pathlib import Path
from typing import Annotated

import tyro

from olhar.codec import unpack as unpacked
from olhar.codec.unpacking import Format, Unpacked
from olhar.commands.shared import Output


def unpack(
    archive: Path,
    /,
    *,
    output: Output,
    form: Annotated[Format, tyro.conf.arg(name="format")] = "same",
    model: Annotated[str | None, tyro.conf.arg(metavar="NAME")] = None,
    recover: bool = False,
) -> Unpacked:
    """Make a folder of a packed file again.

    A file of which a byte is missing or changed is refused; with --recover,
    what is whole is taken. Other files that are in the folder already, as
    the pictures that were packed, are not replaced.

    Args:
        archive: what olhar pack has made
        output: a folder
        form: what each picture was, or png, which is exactly what was packed
        model: the codec that it was packed with, if olhar does not have it by name
        recover: take what is whole of a damaged file
    """
    return unpacked(archive, output, form=form, model=model, recover=recover)
