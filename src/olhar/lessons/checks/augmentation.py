"""Lesson 8, augmentation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from olhar.lessons.exercise import value
from olhar.look.phrase import Phrase

if TYPE_CHECKING:
    from olhar.lessons.exercise import Judge

_between = value(
    "31e0dd3cc902",
    Phrase(
        "mix along the upper row, then along the lower one, then mix the two results",
        "misture na linha de cima, depois na de baixo, depois misture os dois resultados",
    ),
    {
        "42dfe778f167": Phrase(
            "you swapped right and down: the quarter goes to the right",
            "você trocou direita e baixo: o um quarto vai para a direita",
        ),
        "3591650d7aa8": Phrase(
            "that is the middle of all four; this place is nearer to the left ones",
            "isso é o meio dos quatro; este lugar está mais perto dos da esquerda",
        ),
        "33ce189999f2": Phrase(
            "the nearer pixel counts more, not the farther one",
            "conta mais o pixel mais perto, não o mais longe",
        ),
    },
)


def _quarter(answer: Any) -> Phrase | None:
    """Told by where the corners of the view look."""
    matrix = torch.as_tensor(answer, dtype=torch.float64)
    if matrix.shape != (2, 3):
        return Phrase(
            f"its shape is {tuple(matrix.shape)}; two rows of three numbers are wanted",
            f"a forma é {tuple(matrix.shape)}; o pedido são duas linhas de três números",
        )
    corner = torch.tensor([[-1.0, 1], [-1, 1], [1, 1]], dtype=torch.float64)  # two of them
    x, y = ([float(value) for value in row] for row in matrix @ corner)
    if (x[0], x[1], y[0], y[1]) == (0, 1, 0, 1):
        if matrix[0, 1] or matrix[1, 0]:
            return Phrase(
                "two corners are right, but x should not change with y, nor y with x",
                "dois cantos estão certos, mas x não deve mudar com y, nem y com x",
            )
        return None
    if x[1] - x[0] > 2 or y[1] - y[0] > 2:
        return Phrase(
            "that makes the picture smaller: the map leads from the new picture to the old one",
            "isso diminui a imagem: o mapa vai da imagem nova para a antiga",
        )
    if x[1] - x[0] == 2 or y[1] - y[0] == 2:
        return Phrase(
            "the view is as wide as the whole picture; a quarter has half of each side",
            "a vista é tão larga quanto a imagem toda; um quarto tem metade de cada lado",
        )
    corners = [f"({x[i]:g}, {y[i]:g})" for i in (0, 1)]
    return Phrase(
        f"the upper left corner of the new picture looks at {corners[0]} of the old one and the "
        f"lower right one at {corners[1]}; where should they look?",
        f"o canto superior esquerdo da imagem nova olha para {corners[0]} da antiga e o inferior "
        f"direito para {corners[1]}; para onde deveriam olhar?",
    )


_harmful = value(
    "e23cbbe6ddc4",
    Phrase(
        "after it, does the arrow still point the same way? Choose one of the three words",
        "depois disso, a seta ainda aponta para o mesmo lado? Escolha uma das três palavras",
    ),
)

CHECKS: dict[str, Judge] = {"between": _between, "quarter": _quarter, "harmful": _harmful}
