"""Numbers on a page: tables, a row of key figures, a matrix, and what is folded away."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, NamedTuple

from olhar.look.page import Html, html, joined
from olhar.look.phrase import Phrase, localized

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_MOST = 60  # of its shade, so that ink stays readable on the darkest field, in per cent


class Figure(NamedTuple):
    """A number that stands out."""

    name: Phrase
    value: Html | Phrase | str
    note: Html | Phrase | str = ""


def number(value: float | None, form: str = ".3f") -> Phrase:
    """A number in both languages; a dash if there is none.

    >>> number(0.25, ".2f").portuguese
    '0,25'
    """
    return Phrase("–", "–") if value is None else localized(format(value, form))


def figures(each: Iterable[Figure]) -> Html:
    """Key figures side by side."""
    cells = "".join(
        f'<div><dt>{html(name)}</dt><dd><span class="value">{html(value)}</span>'
        f'<span class="note">{html(note)}</span></dd></div>'
        for name, value, note in each
    )
    return Html(f'<dl class="figures">{cells}</dl>')


def table(
    headings: Sequence[Html | Phrase | str], rows: Iterable[Sequence[Html | Phrase | str]]
) -> Html:
    """A table whose first column is words and whose others are numbers."""
    head = "".join(f'<th scope="col">{html(heading)}</th>' for heading in headings)
    body = "".join(
        f'<tr><th scope="row">{html(first)}</th>'
        + "".join(f"<td>{html(cell)}</td>" for cell in rest)
        + "</tr>"
        for first, *rest in rows
    )
    return Html(
        f'<div class="scroll"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def under(value: Html | Phrase | str, note: Html | Phrase | str) -> Html:
    """A value over a note in small letters."""
    return Html(f"{html(value)}<small>{html(note)}</small>")


def bar(share: float) -> Html:
    """A bar as long as a share in [0, 1] of its cell, behind nothing."""
    return Html(f'<span class="bar" style="--share:{100 * share:.1f}%"></span>')


def matrix(counts: Sequence[Sequence[int]], names: Sequence[str], corner: Phrase) -> Html:
    """Counts of rows against columns, each shaded by its share of the row.

    Args:
        counts: (C, C).
        names: of rows and columns.
        corner: what is a row and what a column.
    """
    head = "".join(f'<th scope="col"><span>{escape(name)}</span></th>' for name in names)
    body = ""
    for r, (name, row) in enumerate(zip(names, counts, strict=True)):
        total = max(1, sum(row))
        cells = ""
        for c, count in enumerate(row):
            kind = ' class="diagonal"' if c == r else ""
            shade = f"--share:{_MOST * count / total:.0f}%"
            cells += f'<td{kind} style="{shade}">{count or ""}</td>'
        body += f'<tr><th scope="row">{escape(name)}</th>{cells}</tr>'
    return Html(
        f'<div class="scroll"><table class="matrix"><thead><tr><th>{html(corner)}</th>{head}</tr>'
        f"</thead><tbody>{body}</tbody></table></div>"
    )


def folded(summary: Phrase, *content: Html) -> Html:
    """What only some want to see."""
    return Html(f"<details><summary>{html(summary)}</summary>{joined(content)}</details>")


def block(title: Phrase, intro: Html | Phrase | str, content: Iterable[Html]) -> Html:
    """A section that is no grid of pictures."""
    return Html(
        f'<section><h2>{html(title)}</h2><p class="intro">{html(intro)}</p>'
        f"{joined(content)}</section>"
    )


def drawing(svg: str, name: Phrase, note: Html | Phrase | str = "") -> Html:
    """A chart and its caption."""
    line = f'<div class="note">{html(note)}</div>' if note else ""
    caption = f'<div class="words"><div class="name">{html(name)}</div>{line}</div>'
    return Html(f"<figure>{svg}<figcaption>{caption}</figcaption></figure>")
