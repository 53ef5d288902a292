"""What networks that others published have in common: their blocks, and how weights get into them.

The names of the weights are their publishers', so that a file can be compared with the network name
by name; nothing is left out, nothing ignored.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, TypeVar

import torch
from torch import Tensor, nn

from olhar.errors import OlharError
from olhar.nets.model import MISFIT, laid_out, shapes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

AB = 110.0
"""What a* and b* are divided by in the networks of Zhang et al."""

_COUNTER = "num_batches_tracked"  # of batch normalisation; older files lack it, no result needs it

Network = TypeVar("Network", bound=nn.Module)


def block(*widths: int, stride: int = 1, dilation: int = 1) -> nn.Sequential:
    """3 x 3 convolutions, each with a ReLU after it; then batch normalisation.

    Args:
        widths: channels: what comes in, then what each convolution gives.
        stride: of the last convolution.
        dilation: of all.
    """
    layers: list[nn.Module] = []
    for index, (before, after) in enumerate(pairwise(widths)):
        step = stride if index == len(widths) - 2 else 1
        layers += [nn.Conv2d(before, after, 3, step, dilation, dilation), nn.ReLU(inplace=True)]
    return nn.Sequential(*layers, nn.BatchNorm2d(widths[-1]))


def double(before: int, after: int) -> nn.ConvTranspose2d:
    """A transposed convolution to twice the size."""
    return nn.ConvTranspose2d(before, after, 4, stride=2, padding=1)


def check_size(light: Tensor, multiple: int, name: str) -> None:
    """Refuse images whose sides the network cannot halve as often as it must.

    Raises:
        OlharError: if a side is no multiple.
    """
    height, width = light.shape[-2:]
    if height % multiple or width % multiple or not height * width:
        raise OlharError(
            f"{name} was given {width} x {height} pixels; both sides must be multiples of "
            f"{multiple}: pad the image"
        )


def fitted(
    state: Mapping[str, Tensor], network: Callable[[], nn.Module], name: str
) -> dict[str, Tensor]:
    """Published weights as olhar keeps them: float32, all of them, and nothing else.

    Args:
        state: names to tensors.
        network: builds what they are for.
        name: what a sentence calls it.

    Raises:
        OlharError: if a tensor is missing, unknown or of another shape or type.
    """
    layout = laid_out(network).state_dict()
    absent = [key for key in layout if key not in state]
    missing = [key for key in absent if not key.endswith(_COUNTER)]
    wrong = missing or [
        key
        for key, value in state.items()
        if key not in layout
        or value.shape != layout[key].shape
        or value.is_floating_point() != layout[key].is_floating_point()
        or value.layout != torch.strided
    ]
    if wrong:
        what = f"{wrong[0]} is missing" if missing else _mismatch(wrong[0], state, layout)
        more = f", and {len(wrong) - 1} more like it" if len(wrong) > 1 else ""
        raise OlharError(f"these are not the weights of {name}: {what}{more}")
    tensors = {key: torch.zeros((), dtype=torch.int64) for key in absent}
    return tensors | {key: value.detach().to(layout[key].dtype) for key, value in state.items()}


def build(network: Callable[[], Network], tensors: Mapping[str, Tensor]) -> Network:
    """A network with these weights, on the CPU, in evaluation mode; they are not copied.

    Raises:
        RuntimeError: if the tensors are not those of such a network.
    """
    built = laid_out(network)
    if shapes(built.state_dict()) != shapes(tensors):
        raise RuntimeError(MISFIT)
    built.load_state_dict(dict(tensors), assign=True)
    return built.eval()


def _mismatch(key: str, state: Mapping[str, Tensor], layout: Mapping[str, Tensor]) -> str:
    if key not in layout:
        return f"{key} is no part of it"
    given, needed = state[key], layout[key]
    return f"{key} is {_described(given)} and must be {_described(needed)}"


def _described(tensor: Tensor) -> str:
    return f"{str(tensor.dtype).removeprefix('torch.')} {list(tensor.shape)}"
