"""Which codec an archive is read with: a model that is named by the hash of its weights."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

import torch

from olhar.codec.change import changed
from olhar.codec.coding import Coding
from olhar.codec.network import from_tensors
from olhar.nets.model import loaded

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

    from torch import Tensor

    from olhar.codec.network import Codec

Source: TypeAlias = "str | os.PathLike[str]"
"""A run folder, a `.safetensors` file, or the name of a model."""


@dataclass(frozen=True, eq=False)
class Model:
    """A codec that is ready."""

    coding: Coding
    name: str
    """what people call it"""
    digest: str
    """of its weights, hexadecimal"""

    def changed(self, change: bytes) -> Model:
        """The codec with a change that an archive holds (`adapt`)."""
        return replace(self, coding=Coding(changed(self.coding.network, change)))


def load(name: Source = "codec", device: str | None = None) -> Model:
    """Load a codec.

    Args:
        name: a run folder, a `.safetensors` file or the name of a model.
        device: where pictures are analysed and painted; the fastest of this machine if left out.

    Raises:
        OlharError: if there is no such model, or it is of another kind.
    """
    card, network = loaded(name, {"codec": from_tensors}, device=device)
    return _ready(network, card.name)


@lru_cache(maxsize=2)
def _ready(network: Codec, name: str) -> Model:
    return Model(Coding(network), name, digest(network.state_dict()))


def digest(tensors: Mapping[str, Tensor]) -> str:
    """Of weights: names, types, shapes and values, whatever file they are in."""
    found = hashlib.sha256()
    for key in sorted(tensors):
        tensor = tensors[key].detach().cpu().contiguous()
        found.update(f"{key} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        found.update(tensor.flatten().view(torch.uint8).numpy().tobytes())
    return found.hexdigest()
