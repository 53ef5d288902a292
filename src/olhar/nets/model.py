"""From a model, a file, to its network: of the kind that is needed, filled, on its device.

A card is data of anybody's, and may say a size that no memory holds, or layers without end: so a
network is laid out without memory and in bounded time first, and filled only if its layout is that
of the tensors in the file. What no tensor tells, the side of its pictures, is bounded by itself.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from olhar import hub
from olhar.errors import OlharError
from olhar.nets import engine
from olhar.nets.precision import default_device

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Mapping

    from olhar.hub import Card

Network = TypeVar("Network", bound=nn.Module)
Builder: TypeAlias = "Callable[..., nn.Module]"
"""`(tensors, **arguments)` to a network on the CPU, in evaluation mode."""

MISFIT = "its tensors are not those of the network that its card describes"
_SIDES = {"size", "side"}  # what networks call the side of their pictures
_LARGEST = 1024  # pixels of it, the most that a recipe allows
_CALLS = 32  # of torch that make a network, for each of its tensors: those known take up to 17
_FIXED = 1000  # calls beside those
_MOST = 50_000  # calls in all, which are seconds: a ResNet of 256 blocks takes 17,000


def loaded(
    name: str | os.PathLike[str],
    kinds: Mapping[str, Builder],
    needed: str = "",
    device: str | None = None,
) -> tuple[Card, Any]:
    """Load a model of certain kinds; the last few are kept, until their files change.

    Args:
        name: a run folder, a `.safetensors` file or the name of a model.
        kinds: kind of model to what builds its network.
        needed: what a sentence says is needed; the kinds if left out.
        device: where it computes; the fastest of this machine if left out.

    Returns:
        Its card, and its network in evaluation mode.

    Raises:
        OlharError: if there is no such model, it is of another kind, or its tensors are not those
            that its card describes.
    """
    path = Path(hub.find(name))
    needed = needed or f"this needs {' or '.join(map(with_article, kinds))}"
    builders = tuple(kinds.items())
    return _kept(str(path), path.stat().st_mtime_ns, builders, needed, device or default_device())


@lru_cache(maxsize=4)  # as many capabilities may take turns
def _kept(
    path: str,
    changed: int,  # noqa: ARG001
    builders: tuple[tuple[str, Builder], ...],
    needed: str,
    device: str,
) -> tuple[Card, nn.Module]:
    card, tensors = hub.load(path)
    kinds = dict(builders)
    if card.kind not in kinds:
        raise OlharError(f"{card.name} is {with_article(card.kind)}; {needed}")
    network = built(card, tensors, kinds[card.kind]).to(device)
    engine.attach(network, Path(path))
    return card, network


def with_article(kind: str) -> str:
    """A kind of model in a sentence.

    >>> with_article("vae"), with_article("autoencoder")
    ('a vae', 'an autoencoder')
    """
    return f"an {kind}" if kind[:1] in "aeiou" else f"a {kind}"


def built(card: Card, tensors: Mapping[str, Tensor], build: Callable[..., Network]) -> Network:
    """The network of a model, on the CPU.

    Raises:
        OlharError: if its tensors are not those that its card describes.
    """
    try:
        for name in card.arguments.keys() & _SIDES:
            if name == "size" and isinstance(card.arguments[name], str):
                continue  # of the network, by its name
            sides = torch.as_tensor(card.arguments[name])
            if sides.amin() < 1 or sides.amax() > _LARGEST:
                raise ValueError(f"the side of its pictures is not from 1 to {_LARGEST:,} pixels")
        return build(tensors, **card.arguments)
    except OlharError:
        raise
    except Exception as error:  # whatever the card of a stranger makes a network raise
        why = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise OlharError(f"{card.name} does not hold a {card.kind}: {why}") from error


def filled(make: Callable[[], Network], tensors: Mapping[str, Tensor]) -> Network:
    """A network with these weights, in the types that it has itself.

    Args:
        make: makes it.
        tensors: all of its state, in any types.

    Returns:
        The network on the CPU, in evaluation mode.

    Raises:
        RuntimeError: if the tensors are not those of such a network.
    """
    most = min(_MOST, _FIXED + _CALLS * len(tensors))
    if shapes(laid_out(make, most).state_dict()) != shapes(tensors):
        raise RuntimeError(MISFIT)
    network = make()
    network.load_state_dict(dict(tensors))
    return network.eval()


def laid_out(make: Callable[[], Network], most: int = _MOST) -> Network:
    """A network that takes no memory: its tensors have shapes and types, and no values.

    Args:
        make: makes it.
        most: how often it may call torch.

    Raises:
        RuntimeError: if it calls torch more often, as one with too many layers does.
    """
    with torch.device("meta"), _Undrawn(most):
        return make()


def shapes(state: Mapping[str, Tensor]) -> dict[str, torch.Size]:
    """Of all tensors, by name."""
    return {key: value.shape for key, value in state.items()}


class _Undrawn(TorchFunctionMode):
    """Draws nothing for tensors without values, to which torch brings 160 MB of its compiler.

    And ends: a card that says a billion layers would else have them made.
    """

    def __init__(self, most: int) -> None:
        super().__init__()
        self._left = most

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        self._left -= 1
        if self._left < 0:
            raise RuntimeError(MISFIT)
        if func.__name__ == "normal_":
            return cast("Tensor", args[0] if args else kwargs["tensor"])
        return func(*args, **(kwargs or {}))
