"""How good predictions are: accuracy, precision, recall and F1 of classes, errors of numbers.

What is easily mistaken is decided here, once, and the same way as in scikit-learn:

- *macro* is the mean over classes, each counting alike; *weighted* is that mean with each class
  counting as often as it occurs; *micro* counts all decisions together, which for one class per
  example makes precision, recall and F1 the same number as accuracy. The name of the average
  stands beside every result.
- A class that was never predicted has precision 0, a class without examples recall 0. A class with
  neither is *absent*: it has None, and no average counts it.
- What is undefined is None, never NaN: results are plain JSON values.

Intervals are 95 % bootstraps (`training.bootstrap`).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from olhar.errors import OlharError
from olhar.training import bootstrap
from olhar.training.calibration import reliability

if TYPE_CHECKING:
    from collections.abc import Sequence

    from olhar.training.bootstrap import Counts, Floats

Average: TypeAlias = Literal["macro", "micro", "weighted"]
Values: TypeAlias = Tensor | NDArray[Any]

LEAST = 2.0**-23
"""Log loss takes smaller probabilities for this one; a single 0 would make it infinite."""


def confusion(predicted: Values, targets: Values, classes: int) -> Counts:
    """How often each class was taken for each: row is what it is, column what was said.

    Args:
        predicted: (N,) class numbers.
        targets: (N,) class numbers.
        classes: how many classes there are.

    Returns:
        (classes, classes) counts.

    >>> confusion(np.array([0, 1, 1]), np.array([0, 0, 1]), 2).tolist()
    [[1, 1], [0, 1]]
    """
    cells = _numbers(targets) * classes + _numbers(predicted)  # (N,)
    return np.bincount(cells, minlength=classes * classes).reshape(classes, classes)


def classification(
    probabilities: Values,
    targets: Values,
    classes: Sequence[str],
    *,
    average: Average = "macro",
    intervals: bool = False,
    seed: int = 0,
) -> dict[str, Any]:
    """How good probabilities of classes are where each example has one class.

    Args:
        probabilities: (N, C) in [0, 1]; the first of the largest is what is predicted.
        targets: (N,) class numbers, or (N, C) shares of which the largest is the class.
        classes: the names of the C classes, all different.
        average: how precision, recall and F1 of the classes become one number.
        intervals: whether to add the 95 % intervals of accuracy, precision, recall, F1, log loss.
        seed: of the bootstrap.

    Returns:
        `accuracy`, `precision`, `recall`, `f1`, `average`, `log_loss` (nats), `calibration_error`
        (`training.calibration`), `top5` (with more than 5 classes: how often the class is among
        the 5 most probable), `examples`, `per_class` (name to precision, recall, f1, support),
        `confusion`, and if asked for `intervals` (name to [low, high]).

    Raises:
        OlharError: if there are no examples.

    Example:
        >>> p = np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8]])
        >>> result = classification(p, np.array([0, 1, 1]), ["cat", "dog"])
        >>> round(result["accuracy"], 3), round(result["recall"], 3), result["average"]
        (0.667, 0.75, 'macro')
    """
    _some(targets)
    p, count = _floats(probabilities), len(classes)
    t = _numbers(targets) if targets.ndim == 1 else _floats(targets).argmax(1)  # (N,)
    table = confusion(p.argmax(1), t, count)  # (C, C)
    losses = -np.log(_of_true(p, t).clip(LEAST))  # (N,)
    result: dict[str, Any] = {"accuracy": float(table.trace() / len(t))}
    result |= _averages(*_of_confusion(table), average)
    result["log_loss"] = float(losses.mean())
    sure = p.max(1) if np.isfinite(p).all() else np.full(len(p), np.nan)
    result["calibration_error"] = reliability(sure, p.argmax(1) == t).error
    if count > 5:
        result["top5"] = top_k(p, t, 5)
    result |= {"average": average, "examples": len(t)}
    result["per_class"] = _table(*_of_confusion(table), classes)
    result["confusion"] = table.tolist()
    if intervals:
        result["intervals"] = bootstrap.intervals(
            classification_samples(p, t, average, seed), len(t)
        )
    return _plain(result)


def classification_samples(
    probabilities: Values, targets: Values, average: Average, seed: int
) -> dict[str, Floats]:
    """Accuracy, precision, recall, F1 and log loss on each resample of the examples.

    Args:
        probabilities: (N, C).
        targets: (N,) class numbers.
        average: as in `classification`.
        seed: which resamples; the same are the same examples, whatever was said of them.

    Returns:
        Name to (RESAMPLES,).
    """
    p, t = _floats(probabilities), _numbers(targets)
    hits, said, there = bootstrap.confusions(p.argmax(1), t, p.shape[1], seed)  # (R, C) each
    losses = -np.log(_of_true(p, t).clip(LEAST))  # (N,)
    return {
        "accuracy": hits.sum(1) / len(t),
        **_averages(hits, said, there, average),
        "log_loss": bootstrap.means(losses[:, None], seed)[:, 0],
    }


def class_intervals(
    predicted: Values, targets: Values, names: Sequence[str], seed: int = 0
) -> dict[str, dict[str, list[float]]]:
    """95 % intervals of precision, recall and F1 of each class.

    Args:
        predicted: (N,) class numbers.
        targets: (N,) class numbers.
        names: of the classes.
        seed: which resamples.

    Returns:
        Name of the class to name of the measure to [low, high]; absent classes have none.
    """
    said, true = _numbers(predicted), _numbers(targets)
    counted = bootstrap.confusions(said, true, len(names), seed)
    samples = _scores(*counted)  # (R, C) each
    present = set(np.union1d(said, true).tolist())
    return {
        name: bootstrap.intervals({key: value[:, c] for key, value in samples.items()}, len(said))
        for c, name in enumerate(names)
        if c in present
    }


def top_k(probabilities: Values, targets: Values, k: int) -> float:
    """How often the class is among the k most probable; of equals the first are taken.

    Args:
        probabilities: (N, C).
        targets: (N,) class numbers.
        k: from 1.

    >>> top_k(np.array([[0.5, 0.3, 0.2], [0.1, 0.2, 0.7]]), np.array([1, 0]), 2)
    0.5
    """
    p, t = _floats(probabilities), _numbers(targets)
    true = _of_true(p, t)[:, None]  # (N, 1)
    classes: int = p.shape[1]
    first = np.arange(classes) < t[:, None]  # (N, C)
    rank: Counts = np.sum((p > true) | ((p == true) & first), axis=1)  # (N,), from 0
    return float(np.mean(rank < k))


def labels(
    probabilities: Values,
    targets: Values,
    names: Sequence[str],
    *,
    average: Average = "macro",
    threshold: float = 0.5,
    intervals: bool = False,
    seed: int = 0,
) -> dict[str, Any]:
    """How good probabilities of labels are where an example may have several, or none.

    Args:
        probabilities: (N, C) in [0, 1], each label for itself.
        targets: (N, C), 1 where an example has a label and 0 where not.
        names: of the C labels, all different.
        average: how precision, recall and F1 of the labels become one number.
        threshold: a label is predicted from this probability on.
        intervals: whether to add 95 % intervals, of all but average precision.
        seed: of the bootstrap.

    Returns:
        As `classification`, with `accuracy` the share of examples with every label right (subset
        accuracy), `label_accuracy` the share of single decisions that are, `average_precision` the
        mean over labels of the area under precision against recall, which no threshold enters, and
        `per_class` with it. Labels that no example has are left out of it.

    Raises:
        OlharError: if there are no examples.
    """
    _some(targets)
    p, true = _floats(probabilities), _floats(targets) >= 0.5
    said = p >= threshold  # (N, C)
    precisions = [average_precision(p[:, c], true[:, c]) for c in range(len(names))]
    rows = _table((said & true).sum(0), said.sum(0), true.sum(0), names)
    for row, precision in zip(rows.values(), precisions, strict=True):
        row["average_precision"] = precision
    present = [value for value in precisions if value is not None]
    result = _of_labels(_decisions(said, true).mean(0), len(p), average) | {
        "average_precision": float(np.mean(present)) if present else None,
        "average": average,
        "threshold": threshold,
        "examples": len(p),
        "per_class": rows,
    }
    if intervals:
        samples = label_samples(p, true, average, seed, threshold)
        result["intervals"] = bootstrap.intervals(samples, len(true))
    return _plain(result)


def label_samples(
    probabilities: Values, targets: Values, average: Average, seed: int, threshold: float = 0.5
) -> dict[str, Floats]:
    """The measures of `labels` but average precision on each resample.

    See `classification_samples`.
    """
    said, true = _floats(probabilities) >= threshold, _floats(targets) >= 0.5
    return _of_labels(bootstrap.means(_decisions(said, true), seed), len(true), average)


def _decisions(said: NDArray[np.bool_], true: NDArray[np.bool_]) -> Floats:
    """(N, 3 C + 2): all that is asked of labels are sums of these."""
    right = said == true
    return np.hstack(
        [said & true, said, true, right.all(1, keepdims=True), right.mean(1, keepdims=True)]
    ).astype(np.float64)


def _of_labels(means: Floats, examples: int, average: Average) -> dict[str, Any]:
    """(..., 3 C + 2) means of `_decisions` -> accuracies, precision, recall, F1."""
    hits, predicted, support = np.split(means[..., :-2] * examples, 3, axis=-1)
    right = {"accuracy": means[..., -2], "label_accuracy": means[..., -1]}
    return right | _averages(hits, predicted, support, average)


def average_precision(scores: Values, targets: Values) -> float | None:
    """The area under precision against recall, as the sum over steps of recall.

    Args:
        scores: (N,), more is more probable; equal scores are one step.
        targets: (N,), 1 for what is to be found.

    Returns:
        In [0, 1]; None if there is nothing to be found.

    >>> average_precision(np.array([0.9, 0.8, 0.1]), np.array([1, 0, 1]))
    0.8333333333333333
    """
    s, true = _floats(scores), _floats(targets) >= 0.5
    if not true.any():
        return None
    order = np.argsort(-s, kind="stable")
    steps = np.append(np.diff(s[order]) != 0, True)  # the last of each run of equal scores
    hits = true[order].cumsum()[steps]
    precision = hits / (np.flatnonzero(steps) + 1)
    recall = hits / true.sum()
    return float((np.diff(recall, prepend=0.0) * precision).sum())


def regression(
    predictions: Values,
    targets: Values,
    names: Sequence[str] = ("value",),
    *,
    intervals: bool = False,
    seed: int = 0,
) -> dict[str, Any]:
    """How good predicted numbers are, in the units of the numbers.

    Args:
        predictions: (N, K), or (N,) for one number.
        targets: the same shape.
        names: of the K numbers, all different.
        intervals: whether to add 95 % intervals.
        seed: of the bootstrap.

    Returns:
        `mae` (mean of the absolute errors), `rmse` (root of the mean of their squares), `r2` (the
        share of the targets' variance that is predicted; 0 is what their mean would reach, None if
        they are all the same), `examples`, with several numbers the means of these and `per_value`
        (name to mae, rmse, r2), and if asked for `intervals`.

    Raises:
        OlharError: if there are no examples.

    Example:
        >>> result = regression(np.array([1.0, 2.0, 4.0]), np.array([1.0, 2.0, 3.0]))
        >>> round(result["mae"], 3), round(result["rmse"], 3), result["r2"]
        (0.333, 0.577, 0.5)
    """
    _some(targets)
    each = _errors(_columns(predictions, targets).mean(0))  # (K,) each
    result: dict[str, Any] = {name: value.mean(-1) for name, value in each.items()}
    result["examples"] = len(targets)
    if len(names) > 1:
        result["per_value"] = {
            name: {key: float(value[k]) for key, value in each.items()}
            for k, name in enumerate(names)
        }
    if intervals:
        result["intervals"] = bootstrap.intervals(
            regression_samples(predictions, targets, seed), len(targets)
        )
    return _plain(result)


def regression_samples(predictions: Values, targets: Values, seed: int) -> dict[str, Floats]:
    """`mae`, `rmse` and `r2` on each resample, as `classification_samples`."""
    samples = _errors(bootstrap.means(_columns(predictions, targets), seed))  # (R, K) each
    return {name: value.mean(-1) for name, value in samples.items()}


def _columns(predictions: Values, targets: Values) -> Floats:
    """(N, 4 K): |error|, error², target and target², of which `_errors` needs the means."""
    t = _floats(targets).reshape(len(targets), -1)  # (N, K)
    error = _floats(predictions).reshape(t.shape) - t
    t = t - t.mean(0)  # moves nothing, and keeps the digits of the squares
    return np.hstack([abs(error), error**2, t, t**2])


def _errors(means: Floats) -> dict[str, Floats]:
    """(..., 4 K) means of |error|, error², target and target² -> mae, rmse, r2, (..., K) each."""
    absolute, squared, target, target2 = np.split(means, 4, axis=-1)
    variance = target2 - target**2
    flat = variance <= 1e-12 * target2  # all the same, but for rounding
    r2 = 1 - np.divide(squared, variance, out=np.full_like(squared, np.nan), where=~flat)
    return {"mae": absolute, "rmse": np.sqrt(squared), "r2": r2}


def _of_confusion(table: Counts) -> tuple[Counts, Counts, Counts]:
    """(C, C) -> how often each class was right, was predicted and was there, (C,) each."""
    return table.diagonal(), table.sum(0), table.sum(1)


def _averages(hits: Any, predicted: Any, support: Any, average: Average) -> dict[str, Any]:
    """Precision, recall and F1, averaged over the last axis."""
    if average == "micro":
        hits, predicted, support = (x.sum(-1, keepdims=True) for x in (hits, predicted, support))
    weights = support if average == "weighted" else predicted + support > 0
    total = np.asarray(weights.sum(-1), np.float64)
    total[total == 0] = np.nan  # nothing is there, so nothing is defined
    scores = _scores(hits, predicted, support)
    return {name: (value * weights).sum(-1) / total for name, value in scores.items()}


def _scores(hits: Any, predicted: Any, support: Any) -> dict[str, Floats]:
    return {
        "precision": hits / np.maximum(predicted, 1),  # 0/0 is 0
        "recall": hits / np.maximum(support, 1),
        "f1": 2 * hits / np.maximum(predicted + support, 1),  # the harmonic mean of the two
    }


def _table(hits: Any, predicted: Any, support: Any, names: Sequence[str]) -> dict[str, Any]:
    scores = _scores(hits, predicted, support)
    return {
        name: {
            key: float(value[c]) if predicted[c] + support[c] > 0 else None
            for key, value in scores.items()
        }
        | {"support": int(support[c])}
        for c, name in enumerate(names)
    }


def _of_true(p: Floats, t: Counts) -> Floats:
    return p[np.arange(len(t)), t]


def _floats(values: Values) -> Floats:
    if isinstance(values, Tensor):
        values = values.detach().cpu().double().numpy()
    return np.asarray(values, np.float64)


def _numbers(values: Values) -> Counts:
    if isinstance(values, Tensor):
        values = values.detach().cpu().numpy()
    return np.asarray(values).astype(np.int64)


def _some(targets: Values) -> None:
    if len(targets) == 0:
        raise OlharError("there are no examples to measure on; give data with at least one")


def _plain(value: Any) -> Any:
    """JSON values: numpy's numbers become Python's, what is not finite becomes None."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in cast("dict[str, Any]", value).items()}
    if isinstance(value, np.ndarray | np.generic):
        value = cast("Any", value).item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
