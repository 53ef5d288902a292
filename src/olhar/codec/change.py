"""A small change of a codec, as an archive holds it: differences by name, deflated."""

from __future__ import annotations

import copy
import zlib
from typing import TYPE_CHECKING

import safetensors
import safetensors.torch

from olhar.errors import OlharError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from olhar.codec.network import Codec

_MOST = 1 << 26  # bytes of a change, inflated


def changed(network: Codec, change: bytes) -> Codec:
    """A codec with a change: the same bits on every machine.

    Args:
        network: the base.
        change: what `as_bytes` gave.

    Raises:
        OlharError: if it is no change of this codec.
    """
    inflate = zlib.decompressobj()
    try:
        data = inflate.decompress(change, _MOST)
        deltas = safetensors.torch.load(data)
    except (zlib.error, safetensors.SafetensorError, ValueError, KeyError) as error:
        raise OlharError(
            "the change of the codec in it is damaged; get the archive again"
        ) from error
    other = copy.deepcopy(network)
    state = other.state_dict()
    for name, delta in deltas.items():
        if name not in state or state[name].shape != delta.shape:
            raise OlharError(f"the change of the codec in it is of another codec ({name})")
        state[name] += delta.to(state[name])
    return other


def as_bytes(change: Mapping[str, Tensor]) -> bytes:
    """Differences as an archive holds them."""
    return zlib.compress(safetensors.torch.save(dict(sorted(change.items()))), 9)
