"""Lesson 2, operations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from olhar.lessons.exercise import value, wanted
from olhar.look.phrase import Phrase

if TYPE_CHECKING:
    from olhar.lessons.exercise import Judge

_inferred = value(
    "abac0a9cab42",
    Phrase(
        "the number of elements stays the same: divide it by what is fixed",
        "o número de elementos não muda: divida-o pelo que está fixo",
    ),
    {
        "65a878690780": Phrase(
            "-1 takes everything that 32 leaves, not the last size only",
            "-1 leva tudo o que o 32 deixa, não só o último tamanho",
        ),
        "0b2f627a50f1": Phrase(
            "and the three channels?",
            "e os três canais?",
        ),
        "eb90680ff9c1": Phrase(
            "that is all elements; 32 of the factors stand in front already",
            "isso são todos os elementos; o fator 32 já está na frente",
        ),
    },
)

_shape = value(
    "6e4958d8b7cd",
    Phrase(
        "write the shape down after each of the three steps",
        "escreva a forma depois de cada um dos três passos",
    ),
    {
        "0125b84a4d7d": Phrase(
            "that is after squeeze; permute is still to come",
            "isso é depois do squeeze; ainda falta o permute",
        ),
        "5d0a19cc169b": Phrase(
            "squeeze(1) takes away what [:, None] put in",
            "squeeze(1) tira o que [:, None] colocou",
        ),
        "4b47332e6824": Phrase(
            "permute(0, 2, 3, 1): the second of the new ones is the old 2; rows, then columns",
            "permute(0, 2, 3, 1): a segunda nova é a antiga 2; linhas, depois colunas",
        ),
    },
)


def _shares(answer: Any) -> Phrase | None:
    for rows, columns in ((3, 5), (4, 4)):
        table = torch.rand(rows, columns, generator=torch.Generator().manual_seed(2)) + 0.1
        found = answer(table)
        hint = wanted(found, (rows, columns))
        if hint:
            return hint
        if torch.allclose(found.sum(0), torch.ones(columns)):
            return Phrase(
                "the columns sum to 1; which dimension has to go away?",
                "as colunas somam 1; qual dimensão tem de ir embora?",
            )
        if not torch.allclose(found, table / table.sum(1, keepdim=True)):
            return Phrase(
                "a square table has rows that do not sum to 1; think of keepdim",
                "uma tabela quadrada tem linhas que não somam 1; pense em keepdim",
            )
    return None


def _window(answer: Any) -> Phrase | None:
    images = torch.rand(4, 3, 4, 6, generator=torch.Generator().manual_seed(3))
    found = answer(images)
    hint = wanted(found, (3, 8, 12))
    if hint:
        return hint
    if torch.equal(found, images.reshape(3, 8, 12)):
        return Phrase(
            "the shape is right, but reshape alone mixes the pictures up",
            "a forma está certa, mas só reshape embaralha as imagens",
        )
    corners = [found[:, :4, :6], found[:, :4, 6:], found[:, 4:, :6], found[:, 4:, 6:]]
    if torch.equal(torch.stack(corners), images):
        return None
    if torch.equal(torch.stack(corners), images[[0, 2, 1, 3]]):
        return Phrase(
            "the second picture stands below the first, not beside it",
            "a segunda imagem ficou embaixo da primeira, não ao lado",
        )
    return Phrase(
        "cut your result in four: are those the four pictures?",
        "corte seu resultado em quatro: são as quatro imagens?",
    )


CHECKS: dict[str, Judge] = {
    "inferred": _inferred,
    "shape": _shape,
    "shares": _shares,
    "window": _window,
}
