"""How far a result would move if the test set had held other examples: the bootstrap (Efron 1979).

A set of N examples is drawn anew from itself, N times with replacement, a thousand times over; the
middle 95 % of the thousand results are the interval (the percentile method), or a little more than
that of a small set, whose resamples scatter too little (Hesterberg 2015, "What Teachers Should Know
About the Bootstrap", section 3.3). It says how much a result owes to which examples happened to be
in the set, and nothing about another training. From some hundred examples on, 93 to 97 of 100
such intervals hold the true value; of a share that is nearly 0 or 1, only from more.

What is measured on a resample depends only on how often each example was drawn, so no example is
ever copied. Cost: 50,000 examples take some seconds.
"""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Floats: TypeAlias = NDArray[np.float64]
Counts: TypeAlias = NDArray[np.int64]

RESAMPLES = 1000
"""How often a set is drawn anew."""
_AT_ONCE = 4_000_000  # counts that are held at a time: 32 MB


def means(columns: Floats, seed: int) -> Floats:
    """The columns' means over each resample.

    Args:
        columns: (N, K) values, one row per example.
        seed: which resamples.

    Returns:
        (RESAMPLES, K).

    >>> means(np.full((10, 1), 0.25), seed=0).max()
    np.float64(0.25)
    """
    n = len(columns)
    return np.concatenate([times.astype(np.float64) @ columns / n for times in _times(n, seed)])


def confusions(said: Counts, true: Counts, classes: int, seed: int) -> tuple[Counts, ...]:
    """What precision and recall are made of, for each resample.

    The resamples of one seed are those of `means`, and the same whatever was said: of two models on
    the same examples, results can be compared resample by resample.

    Args:
        said: (N,) class numbers.
        true: (N,) class numbers.
        classes: how many classes there are.
        seed: which resamples.

    Returns:
        How often each class was right, was said and was there: three of (RESAMPLES, C).
    """
    kinds, cells = np.unique(true * classes + said, return_inverse=True)  # (K,), (N,)
    rows, columns = np.divmod(kinds, classes)
    right = rows == columns
    found: list[tuple[Counts, ...]] = []
    for times in _times(len(said), seed):
        drawn = _sums(times, cells, len(kinds))  # (count, K)
        found.append(
            (
                _sums(drawn[:, right], rows[right], classes),
                _sums(drawn, columns, classes),
                _sums(drawn, rows, classes),
            )
        )
    return tuple(np.concatenate(parts) for parts in zip(*found, strict=True))


def intervals(samples: Mapping[str, Floats], examples: int) -> dict[str, list[float]]:
    """95 % intervals of resampled results; resamples in which one is undefined are passed over.

    Args:
        samples: name to (RESAMPLES,) results.
        examples: how many were resampled.

    Returns:
        Name to [low, high], for the names that are defined anywhere.
    """
    defined = {name: values[np.isfinite(values)] for name, values in samples.items()}
    tail = 100 * _tail(examples)
    return {
        name: np.percentile(values, [tail, 100 - tail]).tolist()
        for name, values in defined.items()
        if len(values)
    }


def _tail(n: int) -> float:
    """The share to leave out on each side: 2.5 %, less where a deviation of n examples is unsure.

    Student's quantile (to its first term) over the normal one, and the n - 1 that a variance is
    divided by.
    """
    normal = NormalDist()
    z = normal.inv_cdf(0.025)
    freedom = max(n - 1, 1)
    return normal.cdf((z + (z**3 + z) / (4 * freedom)) * (n / freedom) ** 0.5)


def _times(n: int, seed: int) -> Iterator[Counts]:
    """How often each example is in each resample, (count, N), in portions that fit into memory."""
    generator = np.random.default_rng(seed)
    step = max(1, _AT_ONCE // max(1, n))
    for start in range(0, RESAMPLES, step):
        count = min(step, RESAMPLES - start)
        drawn = generator.integers(0, n, (count, n)) + n * np.arange(count)[:, None]
        yield np.bincount(drawn.ravel(), minlength=count * n).reshape(count, n)


def _sums(drawn: Counts, groups: NDArray[np.intp], classes: int) -> Counts:
    """Sums of the columns of each group: (R, K) -> (R, classes)."""
    order = np.argsort(groups, kind="stable")
    present, starts = np.unique(groups[order], return_index=True)
    sums = np.zeros((len(drawn), classes), np.int64)
    if len(present):
        sums[:, present] = np.add.reduceat(drawn[:, order], starts, axis=1)
    return sums
