"""A lesson as a page: prose in both languages, code, and what the code gave, in one file."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers.python import PythonLexer

from olhar.lessons.run import Told
from olhar.look import page as look
from olhar.look.page import Html
from olhar.look.phrase import LANGUAGES, Phrase
from olhar.media.files import atomic

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from olhar.lessons.lesson import Cell, Lesson
    from olhar.lessons.run import Output, Ran

STYLE = """
main { max-width: 840px; margin: 0 auto; }
pre { font-size: 13px; }
summary { color: var(--muted); font-size: 12px; cursor: pointer; }
details { margin: 8px 0; }
.prose { margin: 24px 0 16px; }
.prose p, .prose ul, .prose ol { margin: 0 0 12px; max-width: 68ch; }
.prose h2 { margin: 56px 0 12px; }
.prose code { font: 0.9em var(--mono); background: color-mix(in srgb, var(--line) 45%, transparent); padding: 1px 4px; border-radius: 3px; }
.prose pre code { padding: 0; background: none; }
.prose th, .prose td { text-align: left; }
.output { margin: 0 0 16px; }
.output pre { margin: 8px 0; white-space: pre-wrap; border-color: transparent; background: color-mix(in srgb, var(--line) 30%, transparent); }
.output figure { margin: 16px 0; }
.output figure svg { display: block; max-width: 100%; height: auto; }
.output figure svg.chart { max-width: 640px; }
.output figure img { width: auto; max-width: 100%; image-rendering: pixelated; }
.told { margin: 12px 0; padding: 8px 16px; border-left: 3px solid var(--line); }
.told.question { border-color: var(--accent); font-weight: 600; }
.told.answer { border-color: var(--accent); }
.told.right { border-color: #2E7D32; }
.told.wrong { border-color: var(--error); }
.told.open { color: var(--muted); }
.c1, .sd { color: var(--muted); } .k, .kn, .kc, .ow { color: var(--accent); } .s1, .s2, .mi, .mf { color: #2E7D32; }
@media (prefers-color-scheme: dark) { .s1, .s2, .mi, .mf { color: #8FCB93; } }
"""  # noqa: E501
"""Rules for what is made here, beside those of `look`."""

_CODE = Phrase("code", "código")
_SHEET = Html(f"<style>{STYLE}</style>")
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")


def page(ran: Ran) -> str:
    """The text of an HTML file that stands alone: nothing in it is on another host."""
    lesson = ran.lesson
    body = [_SHEET]
    for place, (cell, given) in enumerate(zip(lesson.cells, ran.outputs, strict=True)):
        body.append(shown(cell, title=place == 0))
        if given:
            body.append(Html(f'<div class="output">{look.joined(map(output, given))}</div>'))
    title = Phrase(*(f"{lesson.number}. {said}" for said in lesson.title))
    foot = [look.code(f"olhar learn {lesson.number} --run")]
    return look.page(title, body, foot)


def contents(lessons: Iterable[Lesson]) -> str:
    """The text of an HTML file that leads to the pages of lessons, which lie beside it."""
    body: list[Html] = []
    for each in lessons:
        title = look.html(Phrase(*(f"{each.number}. {said}" for said in each.title)))
        body.append(Html(f'<h2><a href="{each.stem}.html">{title}</a></h2>'))
        summary = (
            f'<div class="prose" lang="{language}">{markdown(text)}</div>'
            for language, text in zip(LANGUAGES, each.summary, strict=True)
        )
        body.append(Html("".join(summary)))
    title = Phrase("Lessons", "Lições")
    return look.page(title, [_SHEET, *body], [look.code("olhar learn --run")])


def write(ran: Ran, path: Path) -> Path:
    """Write the page.

    Raises:
        OlharError: if it cannot be written.
    """
    with atomic(path) as temporary:
        temporary.write_text(page(ran), "utf-8")
    return path


def markdown(text: str) -> Html:
    """Prose as markup; markup inside it is text."""
    return Html(_MARKDOWN.render(text))


def shown(cell: Cell, *, title: bool) -> Html:
    """A cell: prose in both languages; code in colours, folded away if it is not to be read.

    Args:
        cell: which.
        title: whether its first line is the lesson's title, which stands elsewhere.
    """
    if cell.kind == "code":
        formatter = HtmlFormatter(nowrap=True)  # pyright: ignore[reportUnknownVariableType]
        colored: str = highlight(cell.text.english, PythonLexer(), formatter)  # pyright: ignore[reportUnknownArgumentType]
        shown = f"<pre><code>{colored}</code></pre>"
        return Html(_folded(shown) if cell.hidden else shown)
    said = [text.partition("\n")[2] if title else text for text in cell.text]
    parts = (
        f'<div class="prose" lang="{language}">{markdown(text)}</div>'
        for language, text in zip(LANGUAGES, said, strict=True)
    )
    return Html("".join(parts))


def _folded(code: str) -> str:
    return f"<details><summary>{look.html(_CODE)}</summary>{code}</details>"


def output(given: Output, source: str = "") -> Html:
    """What a cell gave.

    Args:
        given: printed text, a sentence, or a picture.
        source: where the pixels of a picture are; they go into the page if nowhere.
    """
    if isinstance(given, str):
        return look.code(given.rstrip("\n"))
    if isinstance(given, Told):
        return Html(f'<div class="told {given.tone}">{look.html(given.sentence)}</div>')
    if given.svg:
        picture = given.svg
    else:
        source = source or "data:image/png;base64," + base64.b64encode(given.png).decode("ascii")
        picture = look.image(look.Picture(source, given.caption, *given.size))
    caption = f"<figcaption>{look.html(given.caption)}</figcaption>"
    return Html(f"<figure>{picture}{caption}</figure>")
