"""Random numbers that are a function of where they are used, not of what was drawn before.

A generator has a state that must be saved, shared and kept in step; a hash of (seed, epoch, index)
has none. Any process can draw the numbers of any example at any time and all get the same, on every
machine: the arithmetic is that of 64-bit whole numbers. The hash is the output function of
SplitMix64 (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators", fig. 19),
applied once per part of the key. Cost: some tens of nanoseconds per number.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_GOLDEN = 0x9E3779B97F4A7C15
_WORD = 2**64 - 1


def uniform(
    seed: int, epoch: int, indices: NDArray[np.integer[Any]], count: int, stream: str | int = 0
) -> NDArray[np.float64]:
    """Random numbers for some examples of one epoch.

    A row depends on its own index only, and column k is the same whatever `count` is.

    Args:
        seed: which of the many possible trainings.
        epoch: counted from 0.
        indices: (N,) numbers of examples.
        count: how many numbers each example needs.
        stream: what they are for; different streams are independent.

    Returns:
        (N, count), evenly spread over [0, 1), in steps of 2**-53.

    >>> uniform(0, 0, np.array([7, 8]), 3).round(3)
    array([[0.377, 0.122, 0.978],
           [0.027, 0.675, 0.384]])
    >>> uniform(0, 0, np.array([8]), 2).round(3)
    array([[0.027, 0.675]])
    """
    words = _bits(seed, epoch, indices, count, stream) >> np.uint64(11)
    return words.astype(np.float64) * 2.0**-53


@dataclass(frozen=True)
class Draws:
    """The random numbers of some examples in one epoch."""

    seed: int
    epoch: int
    indices: NDArray[np.int64]
    """(N,)"""

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, part: slice) -> Draws:
        """Those of some of the examples."""
        return Draws(self.seed, self.epoch, self.indices[part])

    def uniform(self, count: int, stream: str) -> NDArray[np.float64]:
        """(count, N) in [0, 1): one row for each random choice about the examples."""
        return uniform(self.seed, self.epoch, self.indices, count, stream).T


def permutation(n: int, seed: int, epoch: int) -> NDArray[np.int64]:
    """The numbers from 0 to `n - 1` in a random order that is a function of (seed, epoch).

    >>> permutation(6, seed=0, epoch=0)
    array([1, 0, 4, 5, 2, 3])
    """
    keys = _bits(seed, epoch, np.arange(n), 1, "permutation")[:, 0]
    return np.argsort(keys, kind="stable").astype(np.int64)


def _bits(
    seed: int, epoch: int, indices: NDArray[np.integer[Any]], count: int, stream: str | int
) -> NDArray[np.uint64]:
    """(N, count) random words: one generator per example, its state the hash of its key."""
    if isinstance(stream, str):
        stream = int.from_bytes(blake2b(stream.encode(), digest_size=8).digest(), "little")
    key = np.zeros(1, np.uint64)
    for part in (seed, epoch, stream):
        key = _mix((key ^ np.uint64(part & _WORD)) + np.uint64(_GOLDEN))
    states = _mix((key ^ indices.astype(np.int64).view(np.uint64)) + np.uint64(_GOLDEN))
    steps = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(_GOLDEN)
    return _mix(states[:, None] + steps)


def _mix(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """SplitMix64's output function: a bijection in which every bit depends on every bit."""
    words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return words ^ (words >> np.uint64(31))
