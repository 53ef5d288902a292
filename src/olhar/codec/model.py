"""Which codec an archive is read with: a model that is named by the hash of its weights."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import torch

from olhar import hub
from olhar.codec.change import changed
from olhar.codec.coding import Coding
from olhar.codec.network import from_tensors
from olhar.errors import OlharError
from olhar.nets.precision import default_device

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

    from torch import Tensor

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
    path = Path(hub.find(name))
    return _loaded(str(path), path.stat().st_mtime_ns, device or default_device())


@lru_cache(maxsize=2)
def _loaded(path: str, changed: int, device: str) -> Model:  # noqa: ARG001
    card, tensors = hub.load(path)
    if card.kind != "codec":
        raise OlharError(f"{card.name} is a {card.kind}; this needs a codec")
    try:
        network = from_tensors(tensors, **card.arguments)
    except OlharError:
        raise
    except (RuntimeError, TypeError, ValueError, LookupError) as error:
        why = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise OlharError(f"{card.name} does not hold a codec: {why}") from error
    return Model(Coding(network.to(device)), card.name, digest(tensors))


def digest(tensors: Mapping[str, Tensor]) -> str:
    """Of weights: names, types, shapes and values, whatever file they are in."""
    found = hashlib.sha256()
    for key in sorted(tensors):
        tensor = tensors[key].detach().cpu().contiguous()
        found.update(f"{key} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        found.update(tensor.flatten().view(torch.uint8).numpy().tobytes())
    return found.hexdigest()
