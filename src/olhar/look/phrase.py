"""The languages that olhar speaks, and something said in all of them."""

import os
from typing import Literal, NamedTuple, get_args

Language = Literal["en", "pt-BR"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


class Phrase(NamedTuple):
    """The same said in each language: plain text, to be escaped by whoever puts it into a page."""

    english: str
    portuguese: str

    def in_(self, language: Language) -> str:
        """What is said in one of them."""
        return self.english if language == "en" else self.portuguese


def preferred() -> Language:
    """The language of the person at this computer, as the environment tells it."""
    names = (os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return "pt-BR" if next(filter(None, names), "").lower().startswith("pt") else "en"


def localized(number: str) -> Phrase:
    """A written number as each language writes it.

    >>> localized("1,234.5")
    Phrase(english='1,234.5', portuguese='1.234,5')
    """
    return Phrase(number, number.translate(str.maketrans(",.", ".,")))
