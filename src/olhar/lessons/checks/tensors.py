"""Lesson 1, tensors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from olhar.lessons.exercise import value, wanted
from olhar.look.phrase import Phrase

if TYPE_CHECKING:
    from olhar.lessons.exercise import Judge

_bytes = value(
    "40b149dc4676",
    Phrase(
        "count the numbers of one picture, then the pictures, then the bytes of one number",
        "conte os números de uma imagem, depois as imagens, depois os bytes de um número",
    ),
    {
        "eb90680ff9c1": Phrase(
            "that is how many numbers there are; each takes more than one byte",
            "isso é quantos números há; cada um ocupa mais de um byte",
        ),
        "33beaee65411": Phrase(
            "that is one picture; a batch holds more", "isso é uma imagem; um lote tem mais"
        ),
        "6cb103c1ed05": Phrase(
            "a colour picture has more than one channel",
            "uma imagem colorida tem mais de um canal",
        ),
    },
)

_houses = value(
    "00e90db8212f",
    Phrase(
        "write down the three strides first; each index walks its own",
        "escreva primeiro as três passadas; cada índice anda a sua",
    ),
    {
        "3bf86e5ec690": Phrase("indices start at 0", "os índices começam em 0"),
        "680455baec9f": Phrase(
            "one step down jumps over a whole row: how long is a row?",
            "um passo para baixo pula uma linha inteira: qual o comprimento de uma linha?",
        ),
        "123e7298117f": Phrase(
            "one step of the first index jumps over a whole table of 10 × 20",
            "um passo do primeiro índice pula uma tabela inteira de 10 × 20",
        ),
    },
)


def _brightness(answer: Any) -> Phrase | None:
    batch = torch.rand(5, 3, 4, 6, generator=torch.Generator().manual_seed(1))
    found = answer(batch)
    if isinstance(found, torch.Tensor) and found.ndim == 0:
        return Phrase(
            "that is one mean of everything; say over which dimensions, with dim=",
            "isso é uma só média de tudo; diga sobre quais dimensões, com dim=",
        )
    hint = wanted(found, (5,))
    if hint:
        return hint
    if not torch.allclose(found, torch.stack([image.mean() for image in batch])):
        return Phrase(
            "the shape is right; are these means of all values of a picture?",
            "a forma está certa; são médias de todos os valores de cada imagem?",
        )
    return None


CHECKS: dict[str, Judge] = {"bytes": _bytes, "houses": _houses, "brightness": _brightness}
