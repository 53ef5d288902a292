"""Lesson 11, face swap."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from olhar.lessons.exercise import value
from olhar.look.phrase import Phrase

if TYPE_CHECKING:
    from olhar.lessons.exercise import Judge

_decoder = value(
    "63fed4177f05",
    Phrase(
        "one of the two: whose face is to come out in the end?",
        "uma das duas: de quem é o rosto que deve sair no fim?",
    ),
    {
        "4d44e72f890f": Phrase(
            "that one rebuilds the face that went in; whose face is to come out?",
            "essa reconstrói o rosto que entrou; de quem é o rosto que deve sair?",
        ),
    },
)


_DARK = 0.01
"""So dark that no part leaves [0, 1]: clamping the result, as the lesson does, changes nothing."""


def _swap(answer: Any) -> Phrase | None:
    """Told apart by numbers: each part of the network multiplies by its own."""
    face = torch.full((2, 3, 4, 4), _DARK)

    def encoder(x: torch.Tensor) -> torch.Tensor:
        return 3 * x

    def rebuilt(x: torch.Tensor) -> torch.Tensor:
        return 5 * x

    def swapped(x: torch.Tensor) -> torch.Tensor:
        return 7 * x

    found = answer(encoder, {"a": rebuilt, "b": swapped}, face)
    times = float(torch.as_tensor(found).float().mean()) / _DARK
    hints = {
        15: Phrase(
            "that rebuilds A; it is what the network learns, not the swap",
            "isso reconstrói A; é o que a rede aprende, não a troca",
        ),
        3: Phrase("that is a code, never decoded", "isso é um código, que ninguém decodificou"),
        7: Phrase(
            "the face was never encoded: a decoder needs a code",
            "o rosto nunca foi codificado: um decoder precisa de um código",
        ),
        5: Phrase(
            "the face was never encoded: a decoder needs a code",
            "o rosto nunca foi codificado: um decoder precisa de um código",
        ),
        1: Phrase("nothing happened to the face", "nada aconteceu com o rosto"),
    }
    otherwise = Phrase(
        "first the encoder, which both share, then one decoder",
        "primeiro o encoder, que é dos dois, depois um decoder",
    )
    return None if abs(times - 21) < 1e-3 else hints.get(round(times), otherwise)


_consent = value(
    "0adeee95c417",
    Phrase(
        "the network learns two faces; and each of them belongs to somebody",
        "a rede aprende dois rostos; e cada um deles é de alguém",
    ),
)

CHECKS: dict[str, Judge] = {"decoder": _decoder, "swap": _swap, "consent": _consent}
