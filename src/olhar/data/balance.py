"""Classes of unequal size: saying so, drawing the rare ones more often, or counting them more.

Weights are inverse frequencies. With them the loss estimates the mean of the classes' own losses,
as macro-averaged metrics do; the gentler "effective number" (Cui et al. 2019) has one more number
to choose, and equals them when pictures of a class have little in common. Give one or the other,
weighted sampling or a weighted loss: both together count rare classes twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from olhar.data.examples import Examples

UNEVEN = 3
"""How many times as large as the smallest the largest class may be without a word."""


def counts(examples: Examples) -> NDArray[np.int64]:
    """How many examples each class or label has: (C,); empty where there are none of either."""
    if examples.targets is None or examples.task not in {"class", "labels"}:
        return np.zeros(0, np.int64)
    if examples.task == "labels":
        return examples.targets.sum(0).astype(np.int64)
    return np.bincount(examples.targets.astype(np.int64), minlength=len(examples.classes))


def imbalance(examples: Examples) -> str | None:
    """A sentence, if the largest class has `UNEVEN` times as many examples as the smallest.

    A class without any example is not counted as the smallest.
    """
    sizes = counts(examples)
    if not sizes.any():
        return None
    large = int(sizes.argmax())
    small = int(np.where(sizes > 0, sizes, sizes.max() + 1).argmin())
    if sizes[large] < UNEVEN * sizes[small]:
        return None
    return (
        f"classes are uneven: {examples.classes[large]} has {sizes[large]:,} pictures, "
        f"{examples.classes[small]} has {sizes[small]:,}"
    )


def example_weights(examples: Examples) -> NDArray[np.float64]:
    """How often to draw each example for all classes to come equally often.

    Returns:
        (N,), of mean 1. Of several labels the rarest counts; examples with none are a class of
        their own; numbers and mere pictures weigh the same.
    """
    sizes = counts(examples)
    if not len(sizes) or examples.targets is None:
        return np.ones(len(examples))
    each = 1 / np.maximum(sizes, 1)  # (C,)
    if examples.task == "class":
        weights = each[examples.targets.astype(np.int64)]
    else:
        bare = ~examples.targets.any(axis=1)
        weights = (examples.targets * each).max(axis=1) + bare / max(1, bare.sum())
    return weights / weights.mean()


def class_weights(examples: Examples) -> NDArray[np.float32]:
    """What to multiply the loss of each class with.

    Returns:
        (C,). For classes the inverse frequency, so that the weights of all examples have mean 1 and
        the learning rate keeps its meaning; 0 for a class without examples. For labels how many
        examples lack it for each that has it, as `pos_weight` of binary cross-entropy. Empty for
        numbers and mere pictures.
    """
    sizes = counts(examples)
    if examples.task == "labels":
        return ((len(examples) - sizes) / np.maximum(sizes, 1)).astype(np.float32)
    present = np.maximum((sizes > 0).sum(), 1)
    return np.where(sizes > 0, len(examples) / present / np.maximum(sizes, 1), 0).astype(np.float32)
