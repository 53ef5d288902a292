"""Pictures from a cache, with their targets, as a `Dataset`.

Bytes are gathered from the cache, moved to the device as they are (a quarter of what floats would
weigh) and augmented there. As they are (`epoch=None`), the whole pictures are given at the size of
the views, antialiased if the cache holds them at another; so a cache that is larger than the views
loses nothing to crops, and evaluation still sees everything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from olhar.data.augment import Augment, augment
from olhar.data.dataset import Batch, Dataset
from olhar.data.geometry import as_float, resized, square
from olhar.data.mixing import mix
from olhar.data.random import Draws, permutation, uniform
from olhar.errors import OlharError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from olhar.data.examples import Task

_MEASURED = 10_000
"""Examples that `statistics` looks at; more would change the fourth digit."""


class Rows(Protocol):
    """Pictures of one size, by number."""

    def __len__(self) -> int: ...

    def rows(self, indices: NDArray[np.int64]) -> NDArray[np.uint8]:
        """(N, H, W, 3)."""
        ...


class Images(Dataset):
    """Examples whose pictures lie in a cache.

    A batch has "image" (N, 3, S, S) float32 in [0, 1], "index" (N,) int64, the number of each
    example, and, unless the task is "none", "target": (N,) int64 for classes, (N, C) float32 for
    labels, (N, K) float32 for numbers. While training with mixup or cutmix, classes too are
    (N, C) float32, the share of each.

    Args:
        cache: the pictures; anything with `rows`.
        rows: (N,) where in the cache each example is.
        targets: (N,) classes, (N, C) labels of 0 and 1, (N,) or (N, K) numbers; None for "none".
        task: what the targets are.
        classes: how many classes or labels there are.
        size: side S of the views, in pixels.
        augment: how examples vary from epoch to epoch.
        seed: which of the many possible variations.
        weights: (N,) how often each example is to come, relative to others; None: once an epoch.

    Raises:
        OlharError: if targets are to be mixed that there are not.
    """

    def __init__(
        self,
        cache: Rows,
        rows: NDArray[np.integer[Any]],
        targets: NDArray[Any] | None = None,
        *,
        task: Task = "class",
        classes: int = 0,
        size: int,
        augment: Augment | None = None,
        seed: int = 0,
        weights: NDArray[Any] | None = None,
    ) -> None:
        self.cache = cache
        self.rows = np.asarray(rows, np.int64)
        self.task: Task = "none" if targets is None else task
        self.targets = _targets(targets, self.task, classes, len(self.rows))
        self.classes = classes
        self.size = size
        self.augment = augment or Augment()
        self.seed = seed
        self.files: tuple[str, ...] = ()
        """What the pictures of the cache are called, if it is known."""
        self._cumulative = _cumulative(weights, len(self.rows))
        if self.augment.mixes and self.targets is None:
            raise OlharError(
                "mixup and cutmix mix targets, and these examples have none; set both to 0"
            )

    def __len__(self) -> int:
        return len(self.rows)

    def batch(
        self,
        indices: NDArray[np.int64],
        *,
        epoch: int | None = None,
        device: torch.device | str = "cpu",
    ) -> Batch:
        """Some examples; see the class and `Dataset.batch`.

        Numbers from `len(self)` on are the same examples again, varied in another way.
        """
        examples = indices % max(1, len(self))
        index = torch.from_numpy(examples).to(device)
        if epoch is None:
            images = as_float(resized(square(self._pictures(examples, device)), self.size))
            target = self._target(examples)
        else:
            draws = Draws(self.seed, epoch, indices)
            images = augment(self._pictures(examples, device), self.augment, draws, self.size)
            target = self._target(examples)
            if self.augment.mixes:
                images, target = self._mixed(images, draws, examples)
        batch = {"image": images, "index": index}
        return batch if target is None else {**batch, "target": target.to(device)}

    def order(self, seed: int, epoch: int) -> NDArray[np.int64]:
        """The order of one epoch; with weights, each example as often as its weight asks for.

        That is its expected number rounded up or down (systematic sampling). When an example comes
        again, `len(self)` is added to its number, so that it does not look the same twice.
        """
        order = permutation(len(self), seed, epoch)
        if self._cumulative is None:
            return order
        start = uniform(seed, epoch, np.zeros(1, np.int64), 1, "order")[0, 0]
        picked = self._pick((np.arange(len(self)) + start) / len(self))  # in rising order
        before = np.searchsorted(picked, picked)
        return (picked + len(self) * (np.arange(len(self)) - before))[order]

    def statistics(self) -> tuple[Tensor, Tensor]:
        """Mean and standard deviation of the pictures' pixels in [0, 1], (3,) float32 each.

        Counted in whole numbers, so exact and always the same; of at most 10,000 examples, evenly
        spaced.
        """
        some = self.rows[:: -(-max(1, len(self)) // _MEASURED)]
        counts = np.zeros((3, 256), np.int64)
        for start in range(0, len(some), 64):
            pixels = self.cache.rows(some[start : start + 64]).reshape(-1, 3)
            counts += [np.bincount(channel, minlength=256) for channel in pixels.T]
        values, total = np.arange(256) / 255, np.maximum(1, counts.sum(1))
        mean = counts @ values / total
        variance = counts @ values**2 / total - mean**2
        deviation = np.sqrt(np.maximum(0, variance))
        return torch.tensor(mean, dtype=torch.float32), torch.tensor(deviation, dtype=torch.float32)

    def _pictures(self, examples: NDArray[np.int64], device: torch.device | str) -> Tensor:
        pixels = np.require(self.cache.rows(self.rows[examples]), np.uint8, ["C", "W"])
        return torch.from_numpy(pixels).to(device).permute(0, 3, 1, 2)  # (N, 3, H, W)

    def _target(self, examples: NDArray[np.int64]) -> Tensor | None:
        return None if self.targets is None else torch.from_numpy(self.targets[examples])

    def _mixed(
        self, images: Tensor, draws: Draws, examples: NDArray[np.int64]
    ) -> tuple[Tensor, Tensor]:
        """Examples with their partners, which look as they would by themselves."""
        partners = self._pick(draws.uniform(1, "partner")[0])
        others = augment(
            self._pictures(partners, images.device),
            self.augment,
            Draws(self.seed, draws.epoch, partners),
            self.size,
        )
        images, weight = mix(images, others, self.augment, draws)
        first, second = self._shares(examples), self._shares(partners)
        return images, torch.lerp(second, first, weight[:, None])

    def _shares(self, examples: NDArray[np.int64]) -> Tensor:
        target = self._target(examples)
        assert target is not None
        return F.one_hot(target, self.classes).float() if self.task == "class" else target

    def _pick(self, levels: NDArray[np.float64]) -> NDArray[np.int64]:
        """Examples by evenly spread levels in [0, 1), more of those that weigh more."""
        levels = np.minimum(levels, 1 - 2.0**-53)
        if self._cumulative is None:
            return (levels * len(self)).astype(np.int64)
        return np.searchsorted(self._cumulative, levels, side="right")


def _targets(
    targets: NDArray[Any] | None, task: Task, classes: int, count: int
) -> NDArray[Any] | None:
    if targets is None:
        return None
    if len(targets) != count:
        raise ValueError(f"{len(targets)} targets for {count} examples")
    if task == "class":
        values = np.asarray(targets, np.int64)
        if count and not 0 <= values.min() <= values.max() < classes:
            raise ValueError(
                f"classes from {values.min()} to {values.max()}; there are {classes}, from 0"
            )
        return values
    values = np.asarray(targets, np.float32)
    return values[:, None] if values.ndim == 1 else values


def _cumulative(weights: NDArray[Any] | None, count: int) -> NDArray[np.float64] | None:
    if weights is None:
        return None
    values = np.asarray(weights, np.float64)
    if values.shape != (count,) or not (np.isfinite(values).all() and (values >= 0).all()):
        raise ValueError(f"weights of shape {values.shape}; {count} numbers from 0 are needed")
    if not values.sum() > 0:
        raise ValueError("all weights are 0; at least one example must come")
    cumulative = np.cumsum(values)
    return cumulative / cumulative[-1]
