"""Lesson 7, classification."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from olhar.lessons.exercise import value, wanted
from olhar.look.phrase import Phrase

if TYPE_CHECKING:
    from olhar.lessons.exercise import Judge

_softmax = value(
    "75d7c468a385",
    Phrase(
        "exp(0) is 1 and exp(log 2) is 2: three positive numbers; divide them by their sum",
        "exp(0) é 1 e exp(log 2) é 2: três números positivos; divida-os pela soma",
    ),
    {
        "35034de9eab5": Phrase(
            "those are the powers; they should sum to 1", "essas são as potências; devem somar 1"
        ),
        "57b589c7490a": Phrase(
            "that divides the logits themselves; exp comes first",
            "isso divide os próprios logits; primeiro vem exp",
        ),
        "f2ac9e9b7ef0": Phrase("all three, as a tuple", "todas as três, como tupla"),
    },
)

_loss = value(
    "e0618a2f2fca",
    Phrase("minus the logarithm of what?", "menos o logaritmo de quê?"),
    {
        "f2ac9e9b7ef0": Phrase(
            "that is the probability; the loss is its logarithm, negative",
            "isso é a probabilidade; a perda é o seu logaritmo, negativo",
        ),
        "0950f9691034": Phrase(
            "that is in bits; torch counts with natural logarithms",
            "isso é em bits; o torch conta com logaritmos naturais",
        ),
        "d7ba8a7f3385": Phrase("mind the sign", "atenção ao sinal"),
    },
)


def _log_softmax(answer: Any) -> Phrase | None:
    z = torch.randn(4, 6, generator=torch.Generator().manual_seed(8)) * 3
    found = answer(z.clone())
    hint = wanted(found, (4, 6))
    if hint:
        return hint
    right = torch.log_softmax(z, 1)
    if torch.allclose(found, right.exp(), atol=1e-5):
        return Phrase(
            "that is softmax; the logarithm is missing", "isso é a softmax; falta o logaritmo"
        )
    if torch.allclose(found, torch.log_softmax(z, 0), atol=1e-5):
        return Phrase(
            "the columns are normalised; each row is one picture",
            "as colunas estão normalizadas; cada linha é uma imagem",
        )
    if not torch.allclose(found, right, atol=1e-5):
        return Phrase(
            "the powers of each row should sum to 1; think of keepdim",
            "as potências de cada linha deveriam somar 1; pense em keepdim",
        )
    large = torch.tensor([[1000.0, 999.0, -1000.0]])
    if not torch.allclose(answer(large.clone()), torch.log_softmax(large, 1), atol=1e-4):
        return Phrase(
            "right for small logits; 1000 overflows: take the largest of each row away first, "
            "and take no logarithm of a 0",
            "certo para logits pequenos; 1000 estoura: tire antes o maior de cada linha, "
            "e não tire o logaritmo de um 0",
        )
    return None


_temperature = value(
    "77ee66cb1568",
    Phrase("answer with one of the four, in quotes", "responda com uma das quatro, entre aspas"),
    {
        "de21fbf4a55d": Phrase(
            "the largest stays the largest, so the label stays",
            "o maior continua o maior, então o rótulo fica",
        ),
        "0adeee95c417": Phrase("the largest stays the largest", "o maior continua o maior"),
        "7f61d4806294": Phrase(
            "the differences between the logits halve: softmax sees that",
            "as diferenças entre os logits caem à metade: a softmax vê isso",
        ),
    },
)

CHECKS: dict[str, Judge] = {
    "softmax": _softmax,
    "loss": _loss,
    "log_softmax": _log_softmax,
    "temperature": _temperature,
}
