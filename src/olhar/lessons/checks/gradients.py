"""Lesson 3, gradients and backpropagation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from olhar.lessons.exercise import value, wanted
from olhar.look.phrase import Phrase

if TYPE_CHECKING:
    from olhar.lessons.exercise import Judge

_chain = value(
    "baed9f155226",
    Phrase(
        "three strengths multiply: of the square, of the sum, of the product",
        "três forças se multiplicam: a do quadrado, a da soma, a do produto",
    ),
    {
        "4515acf935e1": Phrase(
            "that is the strength of the square; a still goes through a * b",
            "isso é a força do quadrado; a ainda passa por a * b",
        ),
        "38bf2129b017": Phrase("mind the sign of b", "atenção ao sinal de b"),
        "ed8a8998b58b": Phrase(
            "that is the gradient of b: a * b reacts to a with the strength b",
            "isso é o gradiente de b: a * b reage a a com a força b",
        ),
        "91d7df330c91": Phrase("the square brings a factor 2", "o quadrado traz um fator 2"),
    },
)

_step = value(
    "055276fc9b83",
    Phrase(
        "gradient first: how steep is (w - 1) ** 2 at 4? Then w - rate * gradient",
        "primeiro o gradiente: qual a inclinação de (w - 1) ** 2 em 4? Depois w - taxa * gradiente",
    ),
    {
        "f309eb013bcc": Phrase(
            "that is uphill; downhill is against", "isso é subir; descer é contra"
        ),
        "75415f580bb4": Phrase("the step is too long: the rate", "o passo é longo demais: a taxa"),
        "695ac75b244d": Phrase("the square brings a factor 2", "o quadrado traz um fator 2"),
        "991a16198d24": Phrase(
            "that took the loss itself as its gradient", "isso usou a própria perda como gradiente"
        ),
    },
)


def _relu(answer: Any) -> Phrase | None:
    generator = torch.Generator().manual_seed(4)
    x = torch.randn(3, 5, generator=generator)
    gradient = torch.randn(3, 5, generator=generator)
    found = answer(x, gradient)
    hint = wanted(found, (3, 5))
    if hint:
        return hint
    if torch.allclose(found.float(), gradient * (x > 0)):
        return None
    if torch.allclose(found.float(), (x > 0).float()):
        return Phrase(
            "those are the local slopes; what arrives is still to be multiplied in",
            "essas são as inclinações locais; falta multiplicar pelo que chega",
        )
    if torch.allclose(found.float(), gradient * x.relu()):
        return Phrase(
            "relu passes x on with strength 1, not with strength x",
            "relu deixa x passar com força 1, não com força x",
        )
    if torch.allclose(found.float(), gradient.relu()):
        return Phrase(
            "it is x that decides what passes, not the sign of the gradient",
            "quem decide o que passa é x, não o sinal do gradiente",
        )
    return Phrase(
        "where x is above 0 the gradient passes as it is; elsewhere nothing does",
        "onde x é maior que 0, o gradiente passa como é; no resto, nada passa",
    )


CHECKS: dict[str, Judge] = {"chain": _chain, "step": _step, "relu": _relu}
