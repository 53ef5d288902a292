"""The three networks that find faces, as one model: it comes with olhar.

Weights that are mostly zero, as those of `FullRange` are, lie in the file without their zeros: the
others in order, and one bit for each place that says whether one is there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn

from olhar.faceswap.blazeface import FullRange, ShortRange
from olhar.faceswap.facemesh import FaceMesh
from olhar.nets.model import filled, laid_out, loaded

if TYPE_CHECKING:
    from collections.abc import Mapping


class Faces(nn.Module):
    """Finds faces and the points on them."""

    def __init__(self) -> None:
        super().__init__()
        self.short = ShortRange()
        self.full = FullRange()
        self.mesh = FaceMesh()
        self.requires_grad_(requires_grad=False)

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        return self.short.stem.weight.device


def load(name: str = "faces", device: str | None = None) -> Faces:
    """The networks that come with olhar, built once.

    Args:
        name: of the model.
        device: where it computes; the fastest of this machine if left out.
    """
    faces: Faces = loaded(name, {"faces": from_tensors}, device=device)[1]
    return faces.to(memory_format=torch.channels_last)  # two thirds of the time, on CPUs


def from_tensors(tensors: Mapping[str, Tensor]) -> Faces:
    """Build the networks, on the CPU, in evaluation mode.

    Args:
        tensors: the weights; or, of `NAME.weight`, `NAME.weight.values` and `NAME.weight.there`.

    Raises:
        RuntimeError: if the tensors are not those of such networks.
    """
    state = dict(tensors)
    shapes = {key: value.shape for key, value in laid_out(Faces).state_dict().items()}
    for key in [key for key in state if key.endswith(".there")]:
        name = key.removesuffix(".there")
        values, there = state.pop(f"{name}.values"), state.pop(key)
        if name not in shapes:
            raise RuntimeError(f"there is no {name}")
        state[name] = unpacked(values, there, shapes[name])
    return filled(Faces, {key: value.float() for key, value in state.items()})


def packed(weight: Tensor) -> tuple[Tensor, Tensor]:
    """What is not zero, in order, and where it is, eight places to a byte."""
    flat = weight.flatten()
    bits = np.packbits((flat != 0).numpy())
    return flat[flat != 0], torch.from_numpy(bits)


def unpacked(values: Tensor, there: Tensor, shape: torch.Size) -> Tensor:
    """The inverse of `packed`.

    Raises:
        RuntimeError: if the parts do not fit together.
    """
    count = shape.numel()
    bits = np.unpackbits(there.numpy(), count=count).astype(bool)
    if len(there) != (count + 7) // 8 or bits.sum() != len(values):
        raise RuntimeError(f"a weight of shape {tuple(shape)} is not whole")
    weight = torch.zeros(count, dtype=values.dtype)
    weight[torch.from_numpy(bits)] = values
    return weight.view(shape)
