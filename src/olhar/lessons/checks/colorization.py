"""Lesson 13, colorization."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from olhar.lessons.exercise import value
from olhar.look.phrase import Phrase

if TYPE_CHECKING:
    from olhar.lessons.exercise import Judge


def _lightness(answer: Any) -> Phrase | None:
    found = float(answer)
    if abs(found - 50) < 0.3:
        return Phrase(
            "half of the value is not half of the lightness; go through the three steps",
            "metade do valor não é metade da luminosidade; percorra os três passos",
        )
    if abs(found - 76.07) < 0.3:
        return Phrase(
            "you took the value for light; undo the squeezing first",
            "você tomou o valor como luz; desfaça antes a compressão",
        )
    if abs(found - 21.4) < 0.3:
        return Phrase(
            "that is the share of light; the eye's cube root is still missing",
            "isso é a parcela de luz; falta ainda a raiz cúbica do olho",
        )
    right = 116 * ((0.5 + 0.055) / 1.055) ** 0.8 - 16
    if abs(found - right) > 0.1:
        return Phrase(
            "the function lab of this lesson can tell you: give it three equal values",
            "a função lab desta lição pode dizer: dê a ela três valores iguais",
        )
    return None


_answer = value(
    "b2ed916bd47c",
    Phrase(
        "it answers with the mean, in which each colour counts as often as it comes",
        "ela responde com a média, em que cada cor conta tantas vezes quantas aparece",
    ),
    {
        "608e4f9f1285": Phrase(
            "that is the most frequent colour; a squared error wants something else",
            "isso é a cor mais frequente; o erro quadrático quer outra coisa",
        ),
        "ad8d5f294c36": Phrase(
            "the middle of the two; but one of them comes three times as often",
            "o meio das duas; mas uma delas aparece três vezes mais",
        ),
        "56557315c83e": Phrase(
            "you gave the larger share to red; green comes more often",
            "você deu a parte maior ao vermelho; o verde aparece mais",
        ),
    },
)


def _annealed(answer: Any) -> Phrase | None:
    p = torch.tensor([0.5, 0.3, 0.15, 0.05])
    found = answer(p, 0.5)
    if not isinstance(found, torch.Tensor) or found.shape != p.shape:
        return Phrase(
            "it should return a tensor of the same shape as p",
            "a função deve devolver um tensor da mesma forma que p",
        )
    if torch.allclose(found, p**2):
        return Phrase("sharpened, but the sum is no longer 1", "afiadas, mas a soma já não é 1")
    if torch.allclose(found, p.sqrt() / p.sqrt().sum()):
        return Phrase(
            "that makes them more even: look whether the power is T or 1/T",
            "isso as deixa mais iguais: veja se a potência é T ou 1/T",
        )
    if torch.allclose(found, (p / 0.5).softmax(0), atol=1e-4):
        return Phrase(
            "softmax takes logarithms, and these are probabilities already",
            "softmax recebe logaritmos, e estas já são probabilidades",
        )
    if torch.allclose(found, p):
        return Phrase("nothing has changed", "nada mudou")
    if not torch.allclose(found, p**2 / (p**2).sum(), atol=1e-5):
        return Phrase(
            "raise each to the power of 1/T, then divide by the sum",
            "eleve cada uma a 1/T e depois divida pela soma",
        )
    return None


CHECKS: dict[str, Judge] = {
    "lightness": _lightness,
    "answer": _answer,
    "annealed": _annealed,
}
