"""Who learns, who chooses, who measures: train, validation and test."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from olhar.data.balance import counts
from olhar.data.examples import several, some
from olhar.data.stratify import stratified
from olhar.errors import OlharError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from olhar.data.examples import Examples, Part

_BINS = 10  # equally full ranges that numbers are stratified by
_FEW = 5  # examples that such a range should have


@dataclass(frozen=True, kw_only=True, eq=False)
class Split:
    """Which examples are in which part: sorted numbers, none in two."""

    train: NDArray[np.int64]
    validation: NDArray[np.int64]
    test: NDArray[np.int64]
    """Empty if there is none."""
    notes: tuple[str, ...] = ()
    """What a person should know: sentences."""


def split(
    examples: Examples,
    validation: float = 0.15,
    test: float = 0.15,
    seed: int = 0,
    groups: NDArray[np.int64] | None = None,
) -> Split:
    """Divide examples, or take the division that came with them.

    A split that was given is respected. If it has no validation, that is taken off its train part;
    it gets no test that it has not. A class too small for every part is in train first. The outcome
    depends on names, targets, groups and the seed, not on the order of the files.

    Args:
        examples: with or without a split of their own.
        validation: share of all pictures, or of the train part that was given.
        test: share of all pictures; 0 for none.
        seed: another seed, another split.
        groups: (N,), equal for pictures that must not be parted, as of `near_duplicates`.

    Returns:
        The numbers of the examples in each part, with notes on near-duplicates and small classes.

    Raises:
        OlharError: shares that leave nothing to learn from, too few pictures, no train part.
    """
    if not (0 < validation < 1 and 0 <= test < 1 and validation + test < 1):
        raise OlharError(
            f"validation is {validation} and test {test}; they are shares of all pictures, "
            "validation above 0, both together below 1"
        )
    together = _files(examples) if groups is None else [int(group) for group in groups]
    shares: dict[Part, float] = {"train": 1 - validation - test, "validation": validation}
    if test:
        shares["test"] = test
    everything = range(len(examples))
    if examples.split is None:
        parts = _divided(examples, list(everything), together, shares, seed)
    else:
        parts = {
            part: [i for i in everything if examples.split[i] == part]
            for part in set(examples.split)
        }
        if "train" not in parts:
            raise OlharError(
                f"there are only pictures for {' and '.join(sorted(parts))}, none to train with; "
                "add a folder train, or rows whose split is train"
            )
        if "validation" not in parts:
            shares = {"train": 1 - validation, "validation": validation}
            parts |= _divided(examples, parts["train"], together, shares, seed)
    numbers: dict[Part, NDArray[np.int64]] = {
        part: np.array(sorted(parts.get(part, ())), np.int64)
        for part in ("train", "validation", "test")
    }
    notes = (*_on_groups(examples, numbers, together), *_on_classes(examples, numbers))
    return Split(**numbers, notes=notes)


def fingerprint(pictures: str, examples: Examples, found: Split) -> str:
    """What was learned from, in 32 digits: equal for equal pictures, targets and parts.

    Args:
        pictures: the fingerprint of their cache.
        examples: those in the cache, in its order.
        found: their split.
    """
    known = [pictures, examples.task, list(examples.classes)]
    key = hashlib.sha256(json.dumps(known).encode())
    if examples.targets is not None:
        key.update(examples.targets.tobytes())
    for numbers in (found.train, found.validation, found.test):
        key.update(b"/" + numbers.tobytes())
    return key.hexdigest()[:32]


def _divided(
    examples: Examples, chosen: list[int], groups: list[int], shares: dict[Part, float], seed: int
) -> dict[Part, list[int]]:
    if len({groups[i] for i in chosen}) < 2:
        raise OlharError(
            f"{len(chosen)} pictures, near-duplicates taken as one, cannot be split; give more"
        )
    names, labels = examples.names, _labels(examples)
    parts = stratified(
        [names[i] for i in chosen],
        [labels[i] for i in chosen],
        [groups[i] for i in chosen],
        shares,
        seed,
    )
    return {part: [chosen[i] for i in those] for part, those in parts.items()}


def _labels(examples: Examples) -> list[list[int]]:
    """What each example is stratified by: its class, its labels, the range of each number."""
    if examples.targets is None:
        return [[] for _ in examples.files]
    targets: NDArray[np.float64] = examples.targets.astype(np.float64)
    if examples.task == "class":
        return [[int(target)] for target in targets]
    if examples.task == "labels":
        return [[int(label) for label in np.flatnonzero(row)] for row in targets]
    bins = min(_BINS, max(1, len(targets) // _FEW))
    inner = np.linspace(0, 1, bins + 1)[1:-1]
    ranges = np.empty(targets.shape, np.int64)
    for k in range(targets.shape[1]):
        edges = np.quantile(targets[:, k], inner)
        ranges[:, k] = np.searchsorted(edges, targets[:, k], "right") + bins * k
    return [[int(label) for label in row] for row in ranges]


def _files(examples: Examples) -> list[int]:
    """Groups of examples that are the same file, as tables may list one several times."""
    first: dict[str, int] = {}
    return [first.setdefault(name, i) for i, name in enumerate(examples.names)]


def _on_groups(
    examples: Examples, numbers: dict[Part, NDArray[np.int64]], groups: list[int]
) -> Iterator[str]:
    sizes = Counter(groups)
    alike = [n for n in sizes.values() if n > 1]
    if alike:
        yield (
            f"{sum(alike):,} pictures are nearly the same as others, "
            f"in {several(len(alike), 'group')}"
            + ("" if examples.split else ", each kept in one part of the split")
        )
    names = examples.names
    learned = {groups[int(i)] for i in numbers["train"]}
    for part in ("validation", "test"):
        here = [int(i) for i in numbers[part]]
        if known := [names[i] for i in here if groups[i] in learned]:
            yield (
                f"in {part}, {several(len(known), 'picture')} nearly the same as in train, "
                f"so what is measured there flatters ({some(known)})"
            )
    if examples.task == "class" and examples.targets is not None:
        classes: dict[int, set[int]] = {}
        for i, group in enumerate(groups):
            classes.setdefault(group, set()).add(int(examples.targets[i]))
        torn = {group for group, found in classes.items() if len(found) > 1}
        if torn:
            members = [name for name, group in zip(names, groups, strict=True) if group in torn]
            yield (
                f"nearly the same but of different classes: {some(members)}; "
                f"{several(len(torn), 'group')} in all"
            )


def _on_classes(examples: Examples, numbers: dict[Part, NDArray[np.int64]]) -> Iterator[str]:
    """Of classes that have pictures but none in a part that olhar chose."""
    total = counts(examples)
    for part in ("validation", "test"):
        if len(numbers[part]) and part not in (examples.split or ()):
            here = counts(examples.take(numbers[part]))
            triples = zip(examples.classes, total, here, strict=False)  # numbers have no counts
            if absent := [name for name, all_, some_ in triples if all_ and not some_]:
                yield f"too few pictures to be in {part} as well: {some(absent)}"
