"""Dividing examples so that every part has its share of every label.

Iterative stratification (Sechidis, Tsoumakas and Vlahavas 2011, algorithm 1): the rarest label
first, each example to the part that still lacks most of it. Two things are added. Groups that must
not be parted are dealt out whole. And an example goes where a hash of its name and the seed says,
as long as there is room, so the outcome does not depend on the order of files, and examples that
are added later move few of the others.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from olhar.data.examples import Part

_ALL = -1  # the label that every example has


class _Unit(NamedTuple):
    """Examples that stay together."""

    members: list[int]
    labels: Counter[int]
    """How often each label occurs among them."""
    place: float
    """In [0, 1): where it goes, if there is room."""
    turn: int
    """A random number to be sorted by."""


def stratified(
    names: Sequence[str],
    labels: Sequence[Sequence[int]],
    groups: Sequence[int],
    shares: Mapping[Part, float],
    seed: int,
) -> dict[Part, list[int]]:
    """Divide N examples.

    Args:
        names: N names, which with the seed stand for chance.
        labels: for each example its labels, none or several, each from 0.
        groups: N numbers, equal for examples that stay together.
        shares: of each part; sum to 1. The first gets what is too little to be divided, the second
            is never empty.
        seed: another seed, another outcome.

    Returns:
        The numbers of the examples in each part.
    """
    first, second, *_ = shares
    units = _units(names, labels, groups, seed)
    total: Counter[int] = Counter()
    for unit in units:
        total.update(unit.labels)
    dealt: dict[Part, list[_Unit]] = {part: [] for part in shares}
    lacks: dict[Part, dict[int, float]] = {
        part: {label: share * n for label, n in total.items()} for part, share in shares.items()
    }
    for label, unit in _rarest_first(units):
        part = _drawn(unit.place, shares)
        if lacks[part][label] <= unit.labels[label] / 2:
            part = max(shares, key=lambda each: (lacks[each][label], lacks[each][_ALL]))
        dealt[part].append(unit)
        _subtract(lacks[part], unit)
    for part in list(shares)[1:]:  # small classes may add up to a part that is too small
        _fill(
            dealt, part, lacks[part], {label: n * shares[first] / 2 for label, n in total.items()}
        )
    if not dealt[second] and len(dealt[first]) > 1:
        smallest = min(dealt[first], key=lambda unit: (unit.labels[_ALL], unit.turn))
        dealt[first].remove(smallest)
        dealt[second].append(smallest)
    return {part: [i for unit in dealt[part] for i in unit.members] for part in dealt}


def _units(
    names: Sequence[str], labels: Sequence[Sequence[int]], groups: Sequence[int], seed: int
) -> list[_Unit]:
    members: dict[int, list[int]] = {}
    for i, group in enumerate(groups):
        members.setdefault(group, []).append(i)
    units: list[_Unit] = []
    for those in members.values():
        name = min(names[i] for i in those).encode("utf-8", "surrogateescape")
        drawn = hashlib.sha256(b"%d/%s" % (seed, name)).digest()
        counts = Counter({_ALL: len(those)})
        counts.update(label for i in those for label in labels[i])
        place = int.from_bytes(drawn[:8], "big") / 2**64
        units.append(_Unit(those, counts, place, int.from_bytes(drawn[8:16], "big")))
    return units


def _rarest_first(units: Sequence[_Unit]) -> Iterator[tuple[int, _Unit]]:
    """Each unit once, with the label it is dealt out for; large ones first, being hard to place."""
    having: dict[int, list[int]] = {}
    for i in sorted(range(len(units)), key=lambda i: (-units[i].labels[_ALL], units[i].turn)):
        for label in units[i].labels:
            having.setdefault(label, []).append(i)
    left = {label: len(those) for label, those in having.items()}
    done: set[int] = set()
    while left:
        label = min(left, key=lambda each: (each == _ALL, left[each], each))
        for i in having[label]:
            if i not in done:
                done.add(i)
                for each in units[i].labels:
                    left[each] -= 1
                yield label, units[i]
        del left[label]


def _drawn(place: float, shares: Mapping[Part, float]) -> Part:
    for part, share in shares.items():
        if place < share:
            return part
        place -= share
    return next(iter(shares))


def _fill(
    dealt: dict[Part, list[_Unit]], part: Part, lacks: dict[int, float], least: dict[int, float]
) -> None:
    """Move units from the first part to one that is short.

    Args:
        dealt: the units of each part.
        part: the one that is short.
        lacks: how much it lacks of each label.
        least: how much of each label the first part keeps, and no less than one.
    """
    first = next(iter(dealt))
    kept: Counter[int] = Counter()
    for unit in dealt[first]:
        kept.update(unit.labels)

    def wish(unit: _Unit) -> float:
        return min(lacks[label] for label in unit.labels)

    moved: set[int] = set()
    for above in (0.0, -float("inf")):  # those of which the part lacks something come first
        for unit in sorted(dealt[first], key=lambda unit: (-wish(unit), unit.turn)):
            if lacks[_ALL] < 0.5 or id(unit) in moved:
                continue
            fits = unit.labels[_ALL] <= lacks[_ALL] + 0.5 and wish(unit) > above
            if fits and all(
                kept[label] - n >= max(1, least[label]) for label, n in unit.labels.items()
            ):
                moved.add(id(unit))
                dealt[part].append(unit)
                kept.subtract(unit.labels)
                _subtract(lacks, unit)
    dealt[first] = [unit for unit in dealt[first] if id(unit) not in moved]


def _subtract(lacks: dict[int, float], unit: _Unit) -> None:
    for label, n in unit.labels.items():
        lacks[label] -= n
