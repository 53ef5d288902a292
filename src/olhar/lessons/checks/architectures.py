"""Lesson 6, fully connected, convolutional, recurrent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F

from olhar.lessons.exercise import value, wanted
from olhar.look.phrase import Phrase

if TYPE_CHECKING:
    from olhar.lessons.exercise import Judge

_width = value(
    "ed8a8998b58b",
    Phrase(
        "with padding the picture is 36 wide; where can the kernel start?",
        "com o padding a imagem tem 36 de largura; onde o kernel pode começar?",
    ),
    {
        "ade77b53d778": Phrase("that is without the padding", "isso é sem o padding"),
        "555608e66246": Phrase("that is with stride 1", "isso é com stride 1"),
        "c4e3847e45fb": Phrase("count the first place too", "conte também o primeiro lugar"),
        "090460f9b36b": Phrase(
            "a kernel starts at whole pixels; count its first place too",
            "um kernel começa em pixels inteiros; conte também o primeiro lugar",
        ),
        "a06e9061e6cd": Phrase(
            "the last half step does not fit any more", "o último meio passo já não cabe"
        ),
    },
)

_parameters = value(
    "a00d065eee78",
    Phrase(
        "each of the 16 has a kernel through all 3 channels, and one number more",
        "cada um dos 16 tem um kernel por todos os 3 canais, e mais um número",
    ),
    {
        "a2cace610744": Phrase("and the bias of each channel?", "e o bias de cada canal?"),
        "10e71d0f35d1": Phrase(
            "the kernels go through all three channels",
            "os kernels passam por todos os três canais",
        ),
        "26e164676b86": Phrase(
            "the kernels go through all three channels",
            "os kernels passam por todos os três canais",
        ),
        "7aa7473ec9b4": Phrase(
            "each channel has a bias of its own", "cada canal tem o seu próprio bias"
        ),
    },
)


def _pool(answer: Any) -> Phrase | None:
    x = torch.rand(6, 8, generator=torch.Generator().manual_seed(6)) - 0.5
    found = answer(x)
    hint = wanted(found, (3, 4))
    if hint or torch.equal(found, F.max_pool2d(x[None], 2)[0]):
        return hint
    if torch.allclose(found, F.avg_pool2d(x[None], 2)[0]):
        return Phrase("that is the mean of each 2 × 2", "isso é a média de cada 2 × 2")
    if torch.equal(found, x[::2, ::2]):
        return Phrase(
            "that keeps the upper left of each 2 × 2, not the largest",
            "isso guarda o canto superior esquerdo de cada 2 × 2, não o maior",
        )
    return Phrase(
        "reshape to (H/2, 2, W/2, 2): which two dimensions have to go away?",
        "faça reshape para (H/2, 2, W/2, 2): quais duas dimensões têm de ir embora?",
    )


def _kernel(answer: Any) -> Phrase | None:
    kernel = torch.as_tensor(answer).float()
    hint = wanted(kernel, (3, 3))
    if hint:
        return hint
    x = torch.rand(1, 1, 6, 7, generator=torch.Generator().manual_seed(7))
    found = F.conv2d(x, kernel[None, None])
    middle = x[:, :, 1:-1]
    if torch.allclose(found, middle[..., 2:]):
        return None
    if torch.allclose(found, middle[..., :-2]):
        return Phrase(
            "that moves it to the right: each pixel became its left neighbour",
            "isso move para a direita: cada pixel virou o seu vizinho da esquerda",
        )
    if torch.allclose(found, middle[..., 1:-1]):
        return Phrase("that leaves it where it is", "isso a deixa onde está")
    if int((kernel != 0).sum()) > 1:
        return Phrase(
            "only one neighbour is wanted, so only one number is not 0",
            "só se quer um vizinho, então só um número não é 0",
        )
    return Phrase(
        "the middle of the kernel lies on the pixel; where is its right neighbour?",
        "o meio do kernel fica sobre o pixel; onde está o seu vizinho da direita?",
    )


CHECKS: dict[str, Judge] = {
    "width": _width,
    "parameters": _parameters,
    "pool": _pool,
    "kernel": _kernel,
}
