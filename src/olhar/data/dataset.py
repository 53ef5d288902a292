"""What a training asks of its data: numbered examples, given out in batches.

A batch is asked for by its numbers and, while training, by the epoch: every random choice, from the
order to the angle of a rotation, is a function of (seed, epoch, index). So nothing has to be
remembered for a killed training to go on as if it had never stopped, and the number of processes
does not change what an example looks like.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import torch
from torch import Tensor

from olhar.data.random import permutation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

Batch: TypeAlias = dict[str, Tensor]
"""Name to values, the examples along the first axis: "image" is (N, 3, H, W) in [0, 1]."""


class Dataset(ABC):
    """Examples numbered from 0, asked for in batches."""

    @abstractmethod
    def __len__(self) -> int:
        """How many examples there are."""

    @abstractmethod
    def batch(
        self,
        indices: NDArray[np.int64],
        *,
        epoch: int | None = None,
        device: torch.device | str = "cpu",
    ) -> Batch:
        """Some examples.

        Args:
            indices: (N,), of those that `order` gives, or from 0 to `len(self) - 1`.
            epoch: augments as a function of (seed, epoch, index); None gives them as they are.
            device: where the tensors go, and where augmentation is computed.
        """

    def order(self, seed: int, epoch: int) -> NDArray[np.int64]:
        """The numbers in the order of one epoch, as a function of (seed, epoch)."""
        return permutation(len(self), seed, epoch)

    def batches(self, size: int, device: torch.device | str = "cpu") -> Iterator[Batch]:
        """All examples once, in order and as they are; the last batch may be smaller."""
        for start in range(0, len(self), size):
            yield self.batch(np.arange(start, min(start + size, len(self))), device=device)


class Tensors(Dataset):
    """Examples that are tensors already, and are not augmented.

    Args:
        values: name to tensor, the examples along the first axis.

    >>> Tensors(target=torch.arange(10)).batch(np.array([3, 5]))
    {'target': tensor([3, 5])}
    """

    def __init__(self, **values: Tensor) -> None:
        self.values = values

    def __len__(self) -> int:
        return len(next(iter(self.values.values())))

    def batch(
        self,
        indices: NDArray[np.int64],
        *,
        epoch: int | None = None,  # noqa: ARG002
        device: torch.device | str = "cpu",
    ) -> Batch:
        """Those examples, whatever the epoch."""
        rows = torch.from_numpy(indices)
        return {name: value[rows].to(device) for name, value in self.values.items()}


@dataclass(frozen=True, kw_only=True)
class Datasets:
    """The data of a training, split (steps 2 and 3 of the seven)."""

    train: Dataset
    validation: Dataset
    """Chooses: the best epoch, when to stop, hyperparameters."""
    test: Dataset | None = None
    """Measures what was chosen, once."""
    classes: tuple[str, ...] = ()
    """What the outputs stand for, in order."""
    notes: tuple[str, ...] = ()
    """What was found when the data was read: sentences for a person."""
    described: str = ""
    """What it is, for the card: "3,781 photographs in 10 classes"."""
    fingerprint: str = ""
    """A hash of contents, targets and split: the same data gives the same hash."""
