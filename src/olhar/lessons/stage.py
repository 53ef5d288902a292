"""Where a lesson's pictures and sentences go: onto a notebook, to files, or to whoever runs it.

A lesson calls `show` and `say` and knows none of this. In a notebook they appear under the cell; in
a script sentences are printed, and pictures are written to `lessons/NAME/` and named; `run` takes
the stage to keep what comes and put it on a page.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

from olhar.look.phrase import LANGUAGES, Language, Phrase, preferred

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from torch import Tensor

Tone = Literal["plain", "question", "answer", "open", "right", "wrong"]
"""What a sentence is: a remark, a question and its answer, or how an exercise stands."""


class Drawn(NamedTuple):
    """A picture of a lesson: a drawing, or pixels."""

    caption: Phrase
    svg: str = ""
    """With words in both languages, as of `look.chart`."""
    png: bytes = b""
    size: tuple[int, int] = (0, 0)
    """Width and height in pixels."""


class Stage(Protocol):
    """Takes what a lesson gives."""

    def say(self, sentence: Phrase, tone: Tone) -> None:
        """A sentence."""

    def show(self, picture: Drawn) -> None:
        """A picture."""

    def ask(self, question: Phrase) -> str:
        """A question; what the reader guesses, or nothing."""
        ...


_taken: list[Stage] = []
_language: list[Language] = []


def speak(language: Language) -> None:
    """Say what is said from here on in this language.

    Raises:
        OlharError: if olhar does not speak it.
    """
    from olhar.errors import OlharError

    if language not in LANGUAGES:
        raise OlharError(f"olhar speaks {' and '.join(LANGUAGES)}, not {language!r}")
    _language[:] = [language]


def language() -> Language:
    """The language that is spoken: that of `speak`, or the computer's."""
    return _language[-1] if _language else preferred()


def pace(full: int, *, fast: int) -> int:
    """How many steps, epochs or examples: the full number, or with `OLHAR_LESSONS=fast` fewer.

    Lessons that run fast show that they run; what they measure then is not worth much.
    """
    return fast if os.environ.get("OLHAR_LESSONS") == "fast" else full


def say(en: str, pt: str) -> None:
    """Say a sentence, such as a figure that was measured just now."""
    current().say(Phrase(en, pt), "plain")


def show(picture: Tensor | Sequence[Tensor] | str, *, en: str, pt: str, enlarge: int = 1) -> None:
    """Show a picture.

    Args:
        picture: an image (3, H, W), (1, H, W) or (H, W) in [0, 1]; several of them, to be shown
            side by side; or an SVG, as `olhar.look.chart` draws.
        en: what it shows, one line.
        pt: the same in Portuguese.
        enlarge: each pixel becomes a square so many pixels wide.
    """
    caption = Phrase(en, pt)
    if isinstance(picture, str):
        current().show(Drawn(caption, svg=picture))
        return
    from olhar.lessons.drawing import png, side_by_side

    image = side_by_side(picture, enlarge)
    current().show(Drawn(caption, png=png(image), size=(image.shape[2], image.shape[1])))


def in_language(svg: str, chosen: Language) -> str:
    """A drawing with its words in one language only."""
    other = "en" if chosen == "pt-BR" else "pt-BR"
    return re.sub(rf'<text lang="{other}".*?</text>', "", svg, flags=re.DOTALL)


def current() -> Stage:
    """Who takes what a lesson gives now."""
    if _taken:
        return _taken[-1]
    shell: Any = sys.modules.get("IPython")
    return Notebook() if shell is not None and shell.get_ipython() is not None else Script()


@contextlib.contextmanager
def taken(stage: Stage) -> Generator[None]:
    """What lessons give in here goes to that stage."""
    _taken.append(stage)
    try:
        yield
    finally:
        _taken.pop()


class Script:
    """A terminal: sentences are printed, pictures become files."""

    def say(self, sentence: Phrase, tone: Tone) -> None:
        """Print it, with a sign for what it is."""
        sign = {"question": "? ", "answer": "= ", "right": "+ ", "wrong": "- ", "open": ". "}
        print(sign.get(tone, "") + sentence.in_(language()))

    def show(self, picture: Drawn) -> None:
        """Write it, and say where."""
        from olhar.media.files import atomic

        main = getattr(sys.modules["__main__"], "__file__", None)
        path = Path("lessons", Path(main).stem if main else "pictures", _file_name(picture))
        with atomic(path) as temporary:
            if picture.svg:
                temporary.write_text(in_language(picture.svg, language()), "utf-8")
            else:
                temporary.write_bytes(picture.png)
        print(f"{path}: {picture.caption.in_(language())}")

    def ask(self, question: Phrase) -> str:
        """Print it, and wait for a guess if a person is there to make one."""
        self.say(question, "question")
        if not (sys.stdin.isatty() and sys.stdout.isatty()):
            return ""
        return guess(input)


def guess(read: Callable[[str], str]) -> str:
    """What the reader types, or nothing; `read` is `input` or the like."""
    try:
        return read(Phrase("your guess: ", "seu palpite: ").in_(language())).strip()
    except EOFError:
        return ""


def _file_name(picture: Drawn) -> str:
    """After the first words of the caption."""
    words = re.findall(r"[a-z0-9]+", picture.caption.english.lower())
    return "-".join(words[:5]) + (".svg" if picture.svg else ".png")


class Notebook(Script):
    """Under the cell of a notebook."""

    def show(self, picture: Drawn) -> None:
        """Display it with its caption."""
        display: Any = importlib.import_module("IPython.display")
        if picture.svg:
            display.display(display.SVG(in_language(picture.svg, language())))
        else:
            display.display(display.Image(picture.png))
        print(picture.caption.in_(language()))

    def ask(self, question: Phrase) -> str:
        """Print it; the cell below has the answer."""
        self.say(question, "question")
        return ""
