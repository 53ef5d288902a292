"""Places of a page that change alone: what is around them stays, with the focus and what is drawn.

A page is sent once with its slots. Later a panel that nobody sees is sent what goes into each, and
`look.js` puts it there unless it is there already.
"""

from __future__ import annotations

import zlib
from html import escape
from typing import TYPE_CHECKING

from olhar.look.page import Html

if TYPE_CHECKING:
    from collections.abc import Iterable


def slot(name: int | str, inside: str, attributes: str = "") -> Html:
    """A place in a page.

    Args:
        name: of the slot, unique in the page.
        inside: its markup.
        attributes: more of them, as they stand in the markup.
    """
    return Html(f'<div id="slot-{name}" data-now="{_digest(inside)}" {attributes}>{inside}</div>')


def put(slots: Iterable[tuple[int | str, str]]) -> Html:
    """What goes into slots, for the panel that nobody sees."""
    return Html(
        "".join(
            f'<i data-put="slot-{name}" data-inside="{escape(inside)}" '
            f'data-now="{_digest(inside)}"></i>'
            for name, inside in slots
        )
    )


def _digest(inside: str) -> str:
    return f"{zlib.crc32(inside.encode()):x}"
