"""`olhar demo`: what olhar does, as a gallery of pictures made on the spot.

A section of the gallery is a function in `SECTIONS`: it returns a title and its entries, and an
entry is a name and a function that writes its pictures into the gallery and returns a figure. A new
capability adds a function there and nothing else. An entry that fails is told on the page and does
not stop the others; the page is written anew after each, so it can be looked at meanwhile.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from olhar.demo.colorize import colorizations
from olhar.demo.faceswap import swaps
from olhar.demo.gallery import Gallery, Section, attempt, publish, refuse_foreign
from olhar.demo.restyle import paintings, restylings
from olhar.media.progress import bar

if TYPE_CHECKING:
    from olhar.look.page import Html

SECTIONS: list[Callable[[], Section]] = [colorizations, restylings, swaps, paintings]


def demo(out: Path = Path("demo")) -> Gallery:
    """Make the gallery: pictures and an `index.html` that shows them.

    Args:
        out: the folder; made if missing, and what an earlier run left there is replaced. A page
            that is not by olhar is left alone.

    Returns:
        What was made and what failed; `print` says where to look.

    Raises:
        OlharError: if the folder cannot be written to, or its `index.html` is not by olhar.
    """
    started = time.perf_counter()
    gallery = Gallery(Path(out))
    refuse_foreign(gallery.index)
    sections = [section() for section in SECTIONS]
    total = sum(len(section.entries) for section in sections)
    figures: list[list[Html]] = [[] for _ in sections]
    publish(gallery, sections, figures, total)
    with bar("gallery", total=total) as update:
        for section, shelf in zip(sections, figures, strict=True):
            for name, make in section.entries:
                shelf.append(attempt(gallery, name, make))
                gallery.seconds = time.perf_counter() - started
                update(sum(map(len, figures)))
                publish(gallery, sections, figures, total)
    return gallery
