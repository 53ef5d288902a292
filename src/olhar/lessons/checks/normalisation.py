"""Lesson 5, normalisation and hyperparameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from olhar.lessons.exercise import value, wanted
from olhar.look.phrase import Phrase

if TYPE_CHECKING:
    from olhar.lessons.exercise import Judge

_pixel = value(
    "71e134e9ad55",
    Phrase(
        "first to 0…1, then take the mean away, then divide by the deviation",
        "primeiro para 0…1, depois tire a média, depois divida pelo desvio",
    ),
    {
        "4f654db570f5": Phrase(
            "mean and deviation are for pixels from 0 to 1",
            "média e desvio são para pixels de 0 a 1",
        ),
        "eada7340a679": Phrase(
            "that is the pixel from 0 to 1; mean and deviation are still to come",
            "isso é o pixel de 0 a 1; faltam a média e o desvio",
        ),
        "41fe974f7574": Phrase(
            "the mean is taken away before the division", "a média se tira antes da divisão"
        ),
        "2b369788a421": Phrase("now divide by the deviation", "agora divida pelo desvio"),
    },
)


def _signed(answer: Any) -> Phrase | None:
    x = torch.tensor([0.0, 0.25, 0.5, 1.0])
    found = answer(x)
    hint = wanted(found, (4,))
    if hint or torch.allclose(found, torch.tensor([-1.0, -0.5, 0.0, 1.0])):
        return hint
    low, high = found.min().item(), found.max().item()
    return Phrase(
        f"0 and 1 become {low:g} and {high:g}; they should be -1 and 1",
        f"0 e 1 viram {low:g} e {high:g}; deveriam ser -1 e 1",
    )


def _standardise(answer: Any) -> Phrase | None:
    generator = torch.Generator().manual_seed(5)
    batch = torch.rand(6, 3, 4, 5, generator=generator)
    batch = batch * torch.tensor([1.0, 2.0, 4.0])[:, None, None] + torch.rand(
        6, 1, 1, 1, generator=generator
    )
    found = answer(batch)
    hint = wanted(found, (6, 3, 4, 5))
    if hint:
        return hint
    if found.mean((2, 3)).abs().max() < 1e-4:
        return Phrase(
            "each picture was normalised by itself; a channel has all pictures in it",
            "cada imagem foi normalizada por si; um canal tem todas as imagens",
        )
    mean, deviation = found.mean((0, 2, 3)), found.std((0, 2, 3))
    if mean.abs().max() < 1e-4 and (deviation - 1).abs().max() < 0.02:
        return None
    if abs(found.mean().item()) < 1e-4 and mean.abs().max() > 0.1:
        return Phrase(
            "that is one mean for all channels; each has its own",
            "isso é uma só média para todos os canais; cada um tem a sua",
        )
    return Phrase(
        f"the channels have the means {_list(mean)} and the deviations {_list(deviation)}",
        f"os canais têm as médias {_list(mean)} e os desvios {_list(deviation)}",
    )


def _list(values: torch.Tensor) -> str:
    return ", ".join(f"{float(v):.2f}" for v in values)


_hyperparameter = value(
    "e648b3200457",
    Phrase("answer with one of the four, in quotes", "responda com uma das quatro, entre aspas"),
    {
        "fa19795f76d2": Phrase("weights are what is learned", "pesos são o que se aprende"),
        "a5a0d3f6faee": Phrase(
            "a bias is a weight too: it is learned", "o viés também é um peso: aprende-se"
        ),
        "b1a448fa8f0c": Phrase(
            "a gradient is computed anew at each step",
            "um gradiente é calculado de novo a cada passo",
        ),
    },
)

CHECKS: dict[str, Judge] = {
    "pixel": _pixel,
    "signed": _signed,
    "standardise": _standardise,
    "hyperparameter": _hyperparameter,
}
