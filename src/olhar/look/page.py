"""Pages that stand alone: one HTML file with its style and script inside, pictures beside it.

Whatever is not `Html` is text and gets escaped, so a file may have any name. Every sentence is on
the page in English and in Portuguese; the browser's language decides which one shows, a switch
changes it, and without script it is English.
"""

from __future__ import annotations

from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from olhar.look.messages import LANGUAGES, Phrase, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

GENERATOR = '<meta name="generator" content="olhar">'
"""By this a page is known to be olhar's own."""

EYE = (
    '<svg viewBox="0 0 40 24" aria-hidden="true"><path d="M3 12Q20-6 37 12"/>'
    '<path d="M3 12Q20 30 37 12"/><circle cx="20" cy="12" r="5"/></svg>'
)
"""The mark: two arcs and a dot."""
ICON = (
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 -8 40 40' fill='none' stroke='#3B4CCA' "
    "stroke-width='4' stroke-linecap='round'><path d='M3 12Q20-6 37 12M3 12Q20 30 37 12'/>"
    "<circle cx='20' cy='12' r='5' fill='#3B4CCA' stroke='none'/></svg>"
)
"""The same for the tab of a browser."""
_ARROWS = (
    '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M9 6L3 12L9 18M15 6L21 12L15 18"/></svg>'
)


class Html(str):
    """Markup that is safe as it stands; plain `str` is not."""

    __slots__ = ()


class Picture(NamedTuple):
    """A picture file and what it shows."""

    source: str
    """Path relative to the page, as the file is named; or its bytes, as of `look.embed`."""
    alt: Phrase
    width: int
    height: int


def html(content: Html | Phrase | str) -> Html:
    """Anything as markup: text is escaped, a phrase becomes both languages."""
    if isinstance(content, Html):
        return content
    if isinstance(content, Phrase):
        if content.english == content.portuguese:
            return Html(escape(content.english))
        return Html(
            f'<span lang="en">{escape(content.english)}</span>'
            f'<span lang="pt-BR">{escape(content.portuguese)}</span>'
        )
    return Html(escape(content))


def joined(parts: Iterable[Html | Phrase | str]) -> Html:
    """Several things one after the other."""
    return Html("".join(html(part) for part in parts))


def image(picture: Picture, css: str = "") -> Html:
    """An `<img>` with its size, so that the page does not jump, and its description."""
    kind = f' class="{escape(css)}"' if css else ""
    return Html(
        f'<img{kind} src="{escape(_address(picture.source))}" width="{picture.width}" '
        f'height="{picture.height}" alt="{escape(picture.alt.english)}" {_data(picture.alt)}>'
    )


def _address(source: str) -> str:
    """A path as it may stand in an address; bytes as they are."""
    return source if source.startswith("data:image/") else quote(source)


def _label(phrase: Phrase) -> str:
    return f'aria-label="{escape(phrase.english)}" {_data(phrase)}'


def _data(phrase: Phrase) -> str:
    return f'data-en="{escape(phrase.english)}" data-pt="{escape(phrase.portuguese)}"'


def figure(picture: Picture, name: Phrase, *notes: Html | Phrase | str) -> Html:
    """A picture and its caption."""
    return Html(f"<figure>{image(picture)}{_caption(name, notes)}</figure>")


def comparison(
    before: Picture,
    after: Picture,
    name: Phrase,
    *notes: Html | Phrase | str,
    beside: Sequence[Picture] = (),
) -> Html:
    """Two pictures on top of each other with a slider between them, and a caption.

    Args:
        before: shown on the left; its size is the figure's.
        after: shown on the right, in the same proportions.
        name: what it is.
        notes: lines under the name.
        beside: small pictures in the caption, such as the style.
    """
    label = say("compare.of", what=name)
    slider = f'<input type="range" min="0" max="100" value="33" {_label(label)}>'
    sides = f"{html(say('compare.before'))}</span><span>{html(say('compare.after'))}"
    return Html(
        f'<figure><div class="compare">{image(before)}{image(after, "after")}'
        f'<span class="grip">{_ARROWS}</span>{slider}</div>'
        f'<div class="sides" aria-hidden="true"><span>{sides}</span></div>'
        f"{_caption(name, notes, beside)}</figure>"
    )


def _caption(
    name: Phrase, notes: Sequence[Html | Phrase | str], beside: Sequence[Picture] = ()
) -> str:
    lines = "".join(f'<div class="note">{html(note)}</div>' for note in notes)
    small = f'<div class="styles">{joined(map(image, beside))}</div>' if beside else ""
    words = f'<div class="words"><div class="name">{html(name)}</div>{lines}</div>'
    return f"<figcaption>{small}{words}</figcaption>"


def made_by_a_machine() -> Html:
    """The amber mark that stands at everything generated."""
    return Html(f'<span class="made">{html(say("mark.machine"))}</span>')


def failure(name: Phrase, sentence: str) -> Html:
    """In place of a figure: what could not be made, and why."""
    title = html(say("failed.entry", what=name))
    return Html(f'<div class="failed"><div class="name">{title}</div>{escape(sentence)}</div>')


def section(title: Phrase, intro: Phrase, figures: Iterable[Html], *, small: bool = False) -> Html:
    """A heading, a sentence or two, and a grid of figures."""
    return Html(
        f'<section><h2>{html(title)}</h2><p class="intro">{html(intro)}</p>'
        f'<div class="grid{" small" if small else ""}">{joined(figures)}</div></section>'
    )


def paragraph(content: Html | Phrase | str, css: str = "") -> Html:
    """A paragraph."""
    return Html(
        f'<p class="{escape(css)}">{html(content)}</p>' if css else f"<p>{html(content)}</p>"
    )


def code(lines: str) -> Html:
    """Commands to copy."""
    return Html(f"<pre><code>{escape(lines)}</code></pre>")


def page(title: Phrase, body: Iterable[Html], foot: Iterable[Html] = ()) -> str:
    """A whole page.

    Args:
        title: heading and window title.
        body: what stands below the heading.
        foot: what stands below the last line.

    Returns:
        The text of an HTML file, to be written as UTF-8; it names no other host.
    """
    style, script = (
        files("olhar.look").joinpath(name).read_text("utf-8") for name in ("style.css", "page.js")
    )
    language = say("page.language")
    buttons = "".join(
        f'<button type="button" data-language="{name}" aria-pressed="{str(name == "en").lower()}">'
        f"{name[:2].upper()}</button>"
        for name in LANGUAGES
    )
    return f"""<!doctype html>
<html lang="en" data-title-en="{escape(title.english)}" data-title-pt="{escape(title.portuguese)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
{GENERATOR}
<title>{escape(title.english)}</title>
<link rel="icon" href="data:image/svg+xml,{quote(ICON)}">
<style>
{style}</style>
</head>
<body>
<header class="top">
<span class="mark">{EYE}olhar</span>
<div class="languages" role="group" {_label(language)} hidden>{buttons}</div>
</header>
<main>
<h1>{html(title)}</h1>
{joined(body)}
</main>
<footer>
{joined(foot)}
</footer>
<script>
{script}</script>
</body>
</html>
"""
