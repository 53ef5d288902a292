"""Lesson 10, variational autoencoders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch.distributions import Normal, kl_divergence

from olhar.lessons.exercise import value
from olhar.look.phrase import Phrase

if TYPE_CHECKING:
    from olhar.lessons.exercise import Judge

_price = value(
    "f2ac9e9b7ef0",
    Phrase(
        "put the mean and the deviation into the formula; what is the logarithm of 1?",
        "ponha a média e o desvio na fórmula; quanto é o logaritmo de 1?",
    ),
    {
        "0950f9691034": Phrase(
            "nearly: what is the sum divided by?", "quase: por quanto se divide a soma?"
        ),
        "5a8b33a5a3a6": Phrase(
            "only the prior itself pays nothing, and this cloud lies beside it",
            "só o próprio prior não paga nada, e esta nuvem está ao lado dele",
        ),
    },
)


def _some() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    mean, log_scale, noise = torch.randn(3, 6, 4, generator=generator)
    return mean, 0.3 * log_scale - 0.5, noise


def _is_tensor(found: Any) -> Phrase | None:
    if isinstance(found, torch.Tensor):
        return None
    return Phrase(
        f"it returns a {type(found).__name__}; a tensor is wanted",
        f"devolve um {type(found).__name__}; o pedido é um tensor",
    )


def _sample(answer: Any) -> Phrase | None:
    mean, log_scale, noise = _some()
    mean.requires_grad_()
    log_scale.requires_grad_()
    found = answer(mean, log_scale, noise)
    if hint := _is_tensor(found):
        return hint
    scale = log_scale.detach().exp()
    start = mean.detach()
    if found.shape == mean.shape and torch.allclose(found, start + log_scale * noise):
        return Phrase(
            "you are given the logarithm of the deviation; get the deviation back first",
            "o que você recebe é o logaritmo do desvio; recupere antes o desvio",
        )
    if found.shape == mean.shape and torch.allclose(found, start + scale.square() * noise):
        return Phrase(
            "that is as wide as the variance; the deviation is wanted",
            "isso tem a largura da variância; o pedido é o desvio",
        )
    if found.shape != mean.shape or not torch.allclose(found, start + scale * noise):
        return Phrase(
            "with noise 0 it must be the mean, and with noise 1 one deviation more",
            "com ruído 0 tem de dar a média, e com ruído 1 um desvio a mais",
        )
    found = found.sum()
    if not found.requires_grad:
        return Phrase(
            "the number is right, but the gradient is cut off on the way",
            "o número está certo, mas o gradiente foi cortado no caminho",
        )
    found.backward()  # pyright: ignore[reportUnknownMemberType]
    if mean.grad is None or log_scale.grad is None:
        return Phrase(
            "the gradient must reach both, the mean and the deviation",
            "o gradiente precisa chegar aos dois, à média e ao desvio",
        )
    return None


def _divergence(answer: Any) -> Phrase | None:
    mean, log_scale, _ = _some()
    found = answer(mean, log_scale)
    if hint := _is_tensor(found):
        return hint
    prior = Normal(0.0, 1.0)
    each = kl_divergence(Normal(mean, log_scale.exp()), prior)  # (6, 4)
    if found.shape == each.shape and torch.allclose(found, each, atol=1e-5):
        return Phrase(
            "these are the nats of each number; a picture pays for all of its numbers",
            "esses são os nats de cada número; a imagem paga por todos os seus números",
        )
    if found.shape != (6,):
        return Phrase(
            f"6 pictures of 4 numbers gave the shape {tuple(found.shape)}; it should be (6,)",
            f"6 imagens de 4 números deram a forma {tuple(found.shape)}; deveria ser (6,)",
        )
    if torch.allclose(found, each.mean(1), atol=1e-5):
        return Phrase(
            "a mean makes the divergence cheaper than the bound allows; what adds up here?",
            "a média deixa a divergência mais barata do que o limite permite; o que se soma aqui?",
        )
    if torch.allclose(found, -each.sum(1), atol=1e-5):
        return Phrase(
            "the sign is turned round: a divergence is never negative",
            "o sinal está trocado: uma divergência nunca é negativa",
        )
    halved = kl_divergence(Normal(mean, (0.5 * log_scale).exp()), prior).sum(1)
    if torch.allclose(found, halved, atol=1e-5):
        return Phrase(
            "you took the logarithm for that of the variance; it is the deviation's",
            "você tomou o logaritmo como o da variância; ele é o do desvio",
        )
    if not torch.allclose(found, each.sum(1), atol=1e-5):
        return Phrase(
            "the shape is right; compare with the formula at mean 0 and deviation 1: nothing",
            "a forma está certa; compare com a fórmula em média 0 e desvio 1: nada",
        )
    return None


CHECKS: dict[str, Judge] = {"price": _price, "sample": _sample, "divergence": _divergence}
