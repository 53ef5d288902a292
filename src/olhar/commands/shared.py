"""Flags that several commands have, written once."""

from pathlib import Path
from typing import Annotated

import tyro

Output = Annotated[str | Path, tyro.conf.arg(aliases=("-o",), metavar="OUT")]
"""Where the result goes. Arrives as text, since a `Path` would lose the "/" that means a folder."""
