"""Lesson 4, the seven steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from olhar.lessons.exercise import value
from olhar.look.phrase import Phrase

if TYPE_CHECKING:
    from olhar.lessons.exercise import Judge

_OF_WHAT = Phrase(
    "a share of what? Precision looks at what was called so, recall at what is so",
    "parte de quê? A precisão olha o que foi chamado assim; a revocação, o que é assim",
)

_precision = value(
    "4199e9f5615c",
    _OF_WHAT,
    {
        "141627457152": Phrase(
            "that is the recall: the share of what is there",
            "isso é a revocação: a parte do que existe",
        ),
        "7ee9dd8e56c6": Phrase("as a share, from 0 to 1", "como fração, de 0 a 1"),
    },
)

_recall = value(
    "141627457152",
    _OF_WHAT,
    {
        "4199e9f5615c": Phrase(
            "that is the precision: the share of what was called so",
            "isso é a precisão: a parte do que foi chamado assim",
        ),
        "3591650d7aa8": Phrase("as a share, from 0 to 1", "como fração, de 0 a 1"),
        "b6587b398c13": Phrase(
            "a share is at most 1; how many are there in all, found or not?",
            "uma fração é no máximo 1; quantos existem ao todo, achados ou não?",
        ),
    },
)

_part = value(
    "1d66304c6982",
    Phrase(
        "answer with one of the three words, in quotes",
        "responda com uma das três palavras, entre aspas",
    ),
    {
        "a3d0e6c6cfdd": Phrase(
            "more units always fit the training part better, even by rote",
            "mais unidades sempre se ajustam melhor à parte de treino, nem que seja decorando",
        ),
        "198444aaaa0b": Phrase(
            "whoever chooses by the test has no honest number left",
            "quem escolhe pelo teste fica sem número honesto",
        ),
    },
)


def _recall_of(answer: Any) -> Phrase | None:
    table = [[8, 2, 0], [1, 5, 4], [0, 0, 0]]
    found = [float(answer(table, c)) for c in range(2)]
    if all(abs(a - b) < 1e-6 for a, b in zip(found, (8 / 9, 5 / 7), strict=True)):
        return Phrase(
            "that is the precision: it sums a column; what is there stands in a row",
            "isso é a precisão: soma uma coluna; o que existe está em uma linha",
        )
    if any(abs(a - b) > 1e-6 for a, b in zip(found, (0.8, 0.5), strict=True)):
        return Phrase(
            "of [[8, 2, 0], [1, 5, 4], [0, 0, 0]], class 0: eight of ten were found",
            "em [[8, 2, 0], [1, 5, 4], [0, 0, 0]], classe 0: oito de dez foram achados",
        )
    try:
        last = answer(table, 2)
    except ZeroDivisionError:
        return Phrase(
            "a class that never occurs divides by zero here",
            "uma classe que não ocorre divide por zero aqui",
        )
    if last != 0:
        return Phrase(
            "a class that never occurs should have recall 0",
            "uma classe que não ocorre deveria ter revocação 0",
        )
    return None


CHECKS: dict[str, Judge] = {
    "precision": _precision,
    "recall": _recall,
    "part": _part,
    "recall_of": _recall_of,
}
