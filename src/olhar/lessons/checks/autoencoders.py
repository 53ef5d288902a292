"""Lesson 9, autoencoders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from olhar.lessons.exercise import value
from olhar.look.phrase import Phrase

if TYPE_CHECKING:
    from olhar.lessons.exercise import Judge

_times = value(
    "5e5bdea6f7fc",
    Phrase(
        "count the bytes of the picture, and divide by those of the code",
        "conte os bytes da imagem e divida pelos do código",
    ),
    {
        "2f96064fa23f": Phrase(
            "a colour picture has more than one channel",
            "uma imagem colorida tem mais de um canal",
        ),
        "56e71202b0f1": Phrase(
            "that is how many bytes the picture has; how many times the code's is it?",
            "isso é quantos bytes tem a imagem; quantas vezes os do código?",
        ),
        "de8aaf0558af": Phrase(
            "that is the share that is left; turn it upside down",
            "isso é a parte que sobra; inverta a fração",
        ),
    },
)


def _encoder(answer: Any) -> Phrase | None:
    generator = torch.Generator().manual_seed(1)
    rows = torch.rand(7, 5, generator=generator)
    mean = rows.mean(0)
    axes = torch.eye(5)[torch.randperm(5, generator=generator)[:3]]  # (3, 5)
    found = answer(rows, mean, axes)
    if not isinstance(found, torch.Tensor):
        return Phrase(
            f"it returns a {type(found).__name__}; a tensor is wanted",
            f"devolve um {type(found).__name__}; o pedido é um tensor",
        )
    if found.shape != (7, 3):
        return Phrase(
            f"7 rows and 3 axes gave the shape {tuple(found.shape)}; it should be (7, 3)",
            f"7 linhas e 3 eixos deram a forma {tuple(found.shape)}; deveria ser (7, 3)",
        )
    if torch.allclose(found, rows @ axes.T):
        return Phrase(
            "nearly: the axes say how a picture differs, and from what?",
            "quase: os eixos dizem como a imagem difere, e difere de quê?",
        )
    if not torch.allclose(found, (rows - mean) @ axes.T, atol=1e-5):
        return Phrase(
            "the shape is right; is each number the sum of differences times one axis?",
            "a forma está certa; cada número é a soma das diferenças vezes um eixo?",
        )
    return None


_target = value(
    "a71a297947c4",
    Phrase(
        "what should come out of the network in the end? That is what it is compared with",
        "o que deve sair da rede no fim? É com isso que se compara",
    ),
)

CHECKS: dict[str, Judge] = {"times": _times, "encoder": _encoder, "target": _target}
