"""A model that says pictures in numbers, an autoencoder or a VAE, whichever it is."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from torch import Tensor

from olhar import hub
from olhar.autoencode import apply as autoencode
from olhar.data.squares import Fit
from olhar.errors import OlharError
from olhar.nets.model import with_article
from olhar.vae import apply as vae


@dataclass(frozen=True)
class Coder:
    """What both kinds can do."""

    size: int
    """Side of the pictures, in pixels."""
    fit: Fit
    """What becomes of pictures that are no squares."""
    encode: Callable[[Tensor], Tensor]
    """(N, 3, size, size) to N codes."""
    reconstruct: Callable[[list[Tensor]], Tensor]
    """Images of any sizes to (N, 3, size, size)."""


def coder(model: str) -> Coder:
    """Load a model that has a code.

    Args:
        model: a run folder, a `.safetensors` file or the name of a model.

    Raises:
        OlharError: if there is no such model, or it is of another kind.
    """
    card = hub.read_card(hub.find(model))
    if card.kind in autoencode.KINDS:
        found, network = autoencode.coder(model)
        encode = partial(autoencode.encode, model=found)
        reconstruct = partial(autoencode.reconstruct, model=found)
        return Coder(network.size, found.fit, encode, reconstruct)
    if card.kind in vae.KINDS:
        use = vae.load(model)
        encode = partial(vae.latents, model=use)
        return Coder(use.network.size, use.fit, encode, partial(vae.reconstruct, model=use))
    raise OlharError(
        f"{card.name} is {with_article(card.kind)}; this needs an autoencoder or a vae, which "
        "olhar train makes"
    )
