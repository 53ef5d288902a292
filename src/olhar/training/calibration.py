"""Whether a classifier is right as often as it says, and what makes it so.

A network that says "90 %" a hundred times should be right ninety times. How far it is off is its
calibration error (Naeini et al. 2015, eq. 1): predictions are gathered by how sure they are, and
the gap between how sure and how often right is averaged. Dividing the logits by one number, the
temperature, which is fitted on the validation part, removes most of it and changes no prediction
(Guo et al. 2017, "On Calibration of Modern Neural Networks", section 4.2).

The error is never 0 on a finite set: of 100 examples in 15 ranges, a perfectly calibrated network
shows about 0.08. It says less than its diagram. Cost: some passes over (N, C) numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from olhar.training.bootstrap import Counts, Floats

BINS = 15
"""Ranges of equal width that predictions are gathered in."""
_SHARPEST, _HALVINGS = 1000.0, 60  # bounds of 1 / temperature, and how closely it is found


@dataclass(frozen=True, eq=False)
class Reliability:
    """How sure and how often right, in ranges of how sure; (B,) each, B of the ranges in use."""

    counts: Counts
    confidence: Floats
    """Mean probability of what was said."""
    accuracy: Floats
    """Share of it that was right."""

    @property
    def error(self) -> float:
        """The expected calibration error: the mean gap, each prediction counting alike."""
        gaps = abs(self.accuracy - self.confidence)
        return float((self.counts * gaps).sum() / self.counts.sum())


def reliability(confidence: Floats, right: NDArray[np.bool_], bins: int = BINS) -> Reliability:
    """Gather predictions by how sure they are.

    Args:
        confidence: (N,) in [0, 1], the probability of what was said.
        right: (N,) whether it was right.
        bins: ranges of equal width, each with its upper end.

    >>> found = reliability(np.array([0.9, 0.9, 0.6]), np.array([True, False, True]))
    >>> found.counts.tolist(), round(found.error, 3)
    ([1, 2], 0.4)
    """
    ends = np.nan_to_num(np.ceil(confidence * bins), nan=bins).clip(1, bins)
    which = ends.astype(np.int64) - 1  # (N,)
    counts = np.bincount(which, minlength=bins)
    used = counts > 0
    mean = [
        np.bincount(which, values, bins)[used] / counts[used]
        for values in (confidence, right.astype(np.float64))
    ]
    return Reliability(counts[used], *mean)


def temperature(logits: Floats, targets: NDArray[np.generic]) -> float:
    """What logits are to be divided by so that their probabilities are as likely as they can be.

    A little of each target is given to the other classes, as Platt (1999) does, so that a small
    set without a mistake does not make a network certain.

    Args:
        logits: (N, C).
        targets: (N,) class numbers, or (N, C) labels of 0 and 1, each for itself.

    Returns:
        Above 0: 1 leaves them as they are, more makes them less sure; 1 if they are not finite.

    >>> logits = np.array([[4.0, 0.0]] * 4)  # 98 %, and right three times of four
    >>> probability = 1 / (1 + np.exp(-4 / temperature(logits, np.array([0, 0, 0, 1]))))
    >>> round(float(probability), 2)
    0.71
    """
    if not np.isfinite(logits).all():
        return 1.0
    share = 1 / (len(logits) + 2)
    if targets.ndim == 2:
        wanted = targets.astype(np.float64) * (1 - share) + share / 2

        def slope(sharp: float) -> float:
            return float((logits * (_sigmoid(sharp * logits) - wanted)).mean())
    else:
        classes = targets.astype(np.int64)[:, None]
        true = np.take_along_axis(logits, classes, 1)[:, 0]
        expected = (1 - share) * true + share * logits.mean(1)  # (N,)

        def slope(sharp: float) -> float:
            return float(((_softmax(sharp * logits) * logits).sum(1) - expected).mean())

    return 1 / _root(slope)


def _root(slope: Callable[[float], float]) -> float:
    """Where the slope of a convex function is 0, by halving a range of magnitudes."""
    low, high = -np.log(_SHARPEST), np.log(_SHARPEST)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if slope(np.exp(middle)) < 0 else (low, middle)
    return float(np.exp((low + high) / 2))


def _softmax(x: Floats) -> Floats:
    powers = np.exp(x - x.max(1, keepdims=True))
    return powers / powers.sum(1, keepdims=True)


def _sigmoid(x: Floats) -> Floats:
    return 0.5 + 0.5 * np.tanh(x / 2)
