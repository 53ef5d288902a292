"""`olhar demo`."""

from pathlib import Path
from typing import Annotated

import tyro

from olhar.commands.outcome import Outcome
from olhar.demo import demo as run


def demo(
    *,
    output: Annotated[Path, tyro.conf.arg(aliases=("-o",), metavar="FOLDER")] = Path("demo"),
) -> Outcome:
    """Show what olhar does, as a gallery of pictures.

    Args:
        output: where the pictures and their index.html go
    """
    return run(output)
