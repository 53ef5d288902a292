"""How far a result would move if the test set had held other examples: the bootstrap (Efron 1979).

A set of N examples is drawn anew from itself, N times with replacement, a thousand times over; the
middle 95 % of the thousand results are the interval (the percentile method). It says how much a
result owes to which examples happened to be in the set, and nothing about another training.

What is measured on a resample depends only on how often each example was drawn, so no example is
ever copied. Cost: 50,000 examples take about a second.
"""

from __future__ import annotations

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
    generator, n = np.random.default_rng(seed), len(columns)
    found: list[Floats] = []
    for count in _portions(n):
        drawn = generator.integers(0, n, (count, n)) + n * np.arange(count)[:, None]
        times = np.bincount(drawn.ravel(), minlength=count * n).reshape(count, n)
        found.append(times.astype(np.float64) @ columns / n)  # (count, K)
    return np.concatenate(found)


def confusions(table: Counts, seed: int) -> tuple[Counts, Counts, Counts]:
    """What precision and recall are made of, for each resample of a confusion matrix's examples.

    How often the cells are drawn is multinomial, so the examples themselves are not needed.

    Args:
        table: (C, C), row is what it is, column what was said.
        seed: which resamples.

    Returns:
        How often each class was right, was said and was there: three of (RESAMPLES, C).
    """
    generator, classes = np.random.default_rng(seed), len(table)
    rows, columns = np.nonzero(table)
    cells = table[rows, columns]  # (K,), at most as many as examples
    found: list[tuple[Counts, Counts, Counts]] = []
    for count in _portions(len(cells)):
        drawn = generator.multinomial(cells.sum(), cells / cells.sum(), count)  # (count, K)
        right = rows == columns
        found.append(
            (
                _sums(drawn[:, right], rows[right], classes),
                _sums(drawn, columns, classes),
                _sums(drawn, rows, classes),
            )
        )
    hits, said, there = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return hits, said, there


def intervals(samples: Mapping[str, Floats]) -> dict[str, list[float]]:
    """The middle 95 % of resampled results; resamples in which one is undefined are passed over.

    Args:
        samples: name to (RESAMPLES,) results.

    Returns:
        Name to [low, high], for the names that are defined anywhere.
    """
    defined = {name: values[np.isfinite(values)] for name, values in samples.items()}
    return {
        name: np.percentile(values, [2.5, 97.5]).tolist()
        for name, values in defined.items()
        if len(values)
    }


def _portions(width: int) -> Iterator[int]:
    """RESAMPLES in portions that fit into memory."""
    step = max(1, _AT_ONCE // max(1, width))
    for start in range(0, RESAMPLES, step):
        yield min(step, RESAMPLES - start)


def _sums(drawn: Counts, groups: NDArray[np.intp], classes: int) -> Counts:
    """Sums of the columns of each group: (R, K) -> (R, classes)."""
    order = np.argsort(groups, kind="stable")
    present, starts = np.unique(groups[order], return_index=True)
    sums = np.zeros((len(drawn), classes), np.int64)
    if len(present):
        sums[:, present] = np.add.reduceat(drawn[:, order], starts, axis=1)
    return sums
