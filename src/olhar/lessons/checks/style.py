"""Lesson 12, style transfer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from olhar.lessons.exercise import value
from olhar.look.phrase import Phrase

if TYPE_CHECKING:
    from olhar.lessons.exercise import Judge

_numbers = value(
    "2698f210ba86",
    Phrase(
        "one number for each pair of features; do the places count?",
        "um número para cada par de atributos; os lugares contam?",
    ),
    {
        "2927c5ea5998": Phrase(
            "that is how many numbers the features are; the places are averaged away",
            "isso é quantos números são os atributos; a média apaga os lugares",
        ),
        "9418f0cd1d27": Phrase(
            "that is how many places there are; the table has a row for each feature",
            "isso é quantos lugares há; a tabela tem uma linha para cada atributo",
        ),
        "9c2ce91b9766": Phrase(
            "true, half of the table mirrors the other; but count all of its cells",
            "verdade, metade da tabela espelha a outra; mas conte todas as células",
        ),
    },
)


def _gram(answer: Any) -> Phrase | None:
    features = torch.rand(4, 3, 5, generator=torch.Generator().manual_seed(1))
    found = answer(features)
    if not isinstance(found, torch.Tensor):
        return Phrase(
            f"it returns a {type(found).__name__}; a tensor is wanted",
            f"devolve um {type(found).__name__}; o pedido é um tensor",
        )
    if found.shape != (4, 4):
        return Phrase(
            f"4 features gave the shape {tuple(found.shape)}; it should be (4, 4)",
            f"4 atributos deram a forma {tuple(found.shape)}; deveria ser (4, 4)",
        )
    flat = features.flatten(1)
    whole = flat @ flat.T
    if torch.allclose(found, whole):
        return Phrase(
            "that is the sum over places; a larger picture would have a larger style",
            "isso é a soma sobre os lugares; uma imagem maior teria um estilo maior",
        )
    if torch.allclose(found, whole / features.numel()):
        return Phrase(
            "you divided by the number of features too; the mean is over places",
            "você dividiu também pelo número de atributos; a média é sobre os lugares",
        )
    if torch.allclose(found, torch.cov(flat, correction=0), atol=1e-5):
        return Phrase(
            "that is a covariance: a Gram matrix does not take the mean away first",
            "isso é uma covariância: a matriz de Gram não tira a média antes",
        )
    if not torch.allclose(found, whole / flat.shape[1], atol=1e-5):
        return Phrase(
            "the shape is right; is each number the mean of a product of two maps?",
            "a forma está certa; cada número é a média do produto de dois mapas?",
        )
    return None


_averaged = value(
    "64f76fb107a2",
    Phrase(
        "two pictures laid over each other are fog; what holds the style?",
        "duas imagens sobrepostas viram névoa; o que guarda o estilo?",
    ),
)

CHECKS: dict[str, Judge] = {"numbers": _numbers, "gram": _gram, "averaged": _averaged}
