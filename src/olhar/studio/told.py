"""Errors as a page tells them, in both languages: `look.messages_errors` has the Portuguese.

    >>> told("cat.png is empty (0 bytes); get it again from where it came from").portuguese
    'cat.png está vazio (0 bytes); pegue-o de novo de onde veio'

An error that nobody foresaw stays in English, behind a Portuguese word about that.
"""

from __future__ import annotations

import re
from functools import cache

from olhar.look.messages import Phrase, say
from olhar.look.messages_errors import ERRORS, WORDS

_PLACE = re.compile(r"\{(\w+)\}")
_COUNT = re.compile(r"\d{1,3}(,\d{3})*")


def told(sentence: str) -> Phrase:
    """An error in both languages."""
    portuguese = translated(sentence)
    if portuguese is None:
        return Phrase(sentence, say("studio.error.english", sentence=sentence).portuguese)
    return Phrase(sentence, portuguese)


def noted(sentence: str) -> Phrase:
    """What is worth saying beside a result; in English alone if nobody has said it otherwise."""
    return Phrase(sentence, translated(sentence) or sentence)


def lines(sentence: str) -> str:
    """Both languages as plain text."""
    return "\n".join(dict.fromkeys(told(sentence)))


def translated(sentence: str) -> str | None:
    """The same in Portuguese; None if nobody has said how."""
    for pattern, template in _patterns():
        if found := pattern.fullmatch(sentence):
            return template.format(
                **{name: _place(said) for name, said in found.groupdict().items()}
            )
    head, colon, rest = sentence.partition(": ")  # the name of a file, and what is with it
    known = translated(rest) if colon else None
    return None if known is None else f"{head}: {known}"


def _place(said: str | None) -> str:
    """What stands in a place, which may be counted: "1,200 pictures"."""
    said = said or ""
    count, _, noun = said.partition(" ")
    if _COUNT.fullmatch(count) and noun in WORDS:
        return f"{count.replace(',', '.')} {WORDS[noun]}"
    if known := WORDS.get(said) or translated(said):
        return known
    between = ", " if _COUNT.fullmatch(count) else "; "  # 3 of these, 2 of those; other sentences
    head, found, rest = said.partition(between)
    return f"{_place(head)}{between}{_place(rest)}" if found else said


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """What matches a sentence, and how it is said; those that say most in words come first."""
    by_words = sorted(ERRORS, key=lambda template: -len(_PLACE.sub("", template)))
    return [(_pattern(template), ERRORS[template]) for template in by_words]


def _pattern(template: str) -> re.Pattern[str]:
    parts = _PLACE.split(template)  # words, place, words, place, words
    text = "".join(
        re.escape(part) if n % 2 == 0 else f"(?P<{part}>.*?)" for n, part in enumerate(parts)
    )
    return re.compile(text, re.DOTALL)
