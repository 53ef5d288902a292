"""Which of two models is better, and whether that is more than luck: paired differences.

Both are measured on the same examples, and on the same resamples of them (Efron and Tibshirani
1993, section 8.4). What an easy or a hard example does to both cancels, so an interval of the
difference is much narrower than two intervals side by side would make one believe.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from olhar.training import bootstrap

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from olhar.data.dataset import Batch
    from olhar.training.recipe import Metrics, Recipe, Samples


def by_example(recipe: Recipe, network: Any, batches: Iterable[Batch]) -> Samples:
    """Measure each example by itself, and average on resamples.

    Args:
        recipe: which measures.
        network: in evaluation mode; gradients are off.
        batches: every example once.

    Returns:
        Name to (RESAMPLES,), of the measures that are a finite number for every example.
    """
    rows: list[Metrics] = []
    for batch in batches:
        size = len(next(iter(batch.values())))
        single = ({k: v[i : i + 1] for k, v in batch.items()} for i in range(size))
        rows.extend(recipe.evaluate(network, [each]) for each in single)
    table = {
        name: np.array([row.get(name, np.nan) for row in rows], np.float64)
        for name, value in rows[0].items()
        if isinstance(value, (int, float))
    }
    whole = {name: values for name, values in table.items() if np.isfinite(values).all()}
    if not whole:
        return {}
    drawn = bootstrap.means(np.stack([*whole.values()], 1), 0)  # (R, K)
    return dict(zip(whole, drawn.T, strict=True))


def differences(
    before: Sequence[tuple[Metrics, Samples]],
    after: Sequence[tuple[Metrics, Samples]],
    examples: int,
) -> dict[str, dict[str, Any]]:
    """How much the measures of one model, or of several trainings of it, differ from another's.

    Args:
        before: measures and resamples of each training.
        after: of the other model, on the same examples.
        examples: how many.

    Returns:
        Name to `before`, `after`, `difference` (means over trainings), `interval` ([low, high], 95
        times of 100) and `beyond_noise` (whether it leaves out 0).
    """
    found: dict[str, dict[str, Any]] = {}
    for name in before[0][1]:
        sides = [[each for each in side if _has(each, name)] for side in (before, after)]
        if any(len(side) < len(whole) for side, whole in zip(sides, (before, after), strict=True)):
            continue
        one, other = (float(np.mean([each[0][name] for each in side])) for side in sides)
        drawn = [np.mean([each[1][name] for each in side], axis=0) for side in sides]
        interval = bootstrap.intervals({name: drawn[1] - drawn[0]}, examples).get(name)
        if interval is not None:
            found[name] = {
                "before": one,
                "after": other,
                "difference": other - one,
                "interval": interval,
                "beyond_noise": not interval[0] <= 0 <= interval[1],
            }
    return found


def _has(each: tuple[Metrics, Samples], name: str) -> bool:
    return isinstance(each[0].get(name), (int, float)) and name in each[1]
