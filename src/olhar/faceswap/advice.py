"""What a face set is good for, and what it lacks: bins of the way the faces look, and sentences."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

YAWS = (-90.0, -35.0, -12.0, 12.0, 35.0, 90.0)
"""Degrees between which the five bins lie; the outermost are profiles."""
SIDES = ("left profiles", "half left", "ahead", "half right", "right profiles")
"""Their names; left is left in the picture."""
_FEW, _ENOUGH = 0.02, 300  # share of a side; faces altogether
BLURRED = 20.0
"""What is less sharp is blurred, as `olhar.faceswap.measure.sharpness` says."""
_UPWARD = 10.0
_SOME, _TIMES = 15, 4.0  # faces that are some; how many times as many are many
_FACES = {"half left": "faces half left", "ahead": "faces ahead", "half right": "faces half right"}
_SENTENCES = {
    "none": "no face is left; loosen the filters, or film a face that fills more",
    "few": "few faces ({count:,}); 500 to 5,000 in several lights train a swap well",
    "left": "too few left profiles ({count:,}); film the head turning that way",
    "right": "too few right profiles ({count:,}); film the head turning that way",
    "up": "too few faces that look up ({count:,})",
    "down": "too few faces that look down ({count:,})",
    "blurred": "{count:,} are blurred; --sharp {sharp:.0f} leaves them out",
    "small": "most faces are smaller than their crops; a smaller --size loses nothing",
    "people": "{count:,} people are in it; --person {main} leaves the others out",
}


class Counted(Protocol):
    """What counts of a face; see `olhar.faceswap.records.Face`."""

    @property
    def keep(self) -> bool: ...  # noqa: D102
    @property
    def why(self) -> str: ...  # noqa: D102
    @property
    def person(self) -> int: ...  # noqa: D102
    @property
    def sharpness(self) -> float: ...  # noqa: D102
    @property
    def yaw(self) -> float: ...  # noqa: D102
    @property
    def pitch(self) -> float: ...  # noqa: D102
    @property
    def width(self) -> float: ...  # noqa: D102


class Lack(NamedTuple):
    """Something that a set lacks, or has too much of."""

    what: str
    """A key of the sentences that say it."""
    many: int = 0
    """How many there are."""


@dataclass
class Tally:
    """Counts over the faces of a set, taken one by one."""

    faces: int = 0
    sides: Counter[str] = field(default_factory=Counter[str])
    people: Counter[int] = field(default_factory=Counter[int])
    left_out: Counter[str] = field(default_factory=Counter[str])
    blurred: int = 0
    up: int = 0
    down: int = 0
    small: int = 0

    def add(self, face: Counted, size: int) -> None:
        """Count a face whose crop has a side of `size`."""
        if not face.keep:
            self.left_out[face.why or "by hand"] += 1
            return
        self.faces += 1
        self.people[face.person] += 1
        self.sides[side(face.yaw)] += 1
        self.blurred += face.sharpness < BLURRED
        self.up += face.pitch > _UPWARD
        self.down += face.pitch < -_UPWARD
        self.small += face.width < 0.4 * size

    def lacks(self) -> Iterator[Lack]:
        """What is not as it should be, the worst first."""
        if not self.faces:
            yield Lack("none")
            return
        if self.faces < _ENOUGH:
            yield Lack("few", self.faces)
        for name, what in ((SIDES[0], "left"), (SIDES[4], "right")):
            if self.sides[name] < _FEW * self.faces:
                yield Lack(what, self.sides[name])
        for what, count in (("up", self.up), ("down", self.down)):
            if count < _FEW * self.faces:
                yield Lack(what, count)
        if self.blurred > self.faces / 4:
            yield Lack("blurred", self.blurred)
        if self.small > self.faces / 2:
            yield Lack("small", self.small)
        if len(self.people) > 1:
            yield Lack("people", len(self.people))

    def advice(self) -> list[str]:
        """Sentences: what would make the set better."""
        main = self.people.most_common(1)[0][0] if self.people else 0
        return [
            _SENTENCES[what].format(count=many, sharp=BLURRED, main=main)
            for what, many in self.lacks()
        ]


def side(yaw: float) -> str:
    """The name of the bin of a yaw, in degrees.

    >>> side(0.0), side(-50.0), side(20.0)
    ('ahead', 'left profiles', 'half right')
    """
    return SIDES[sum(yaw > edge for edge in YAWS[1:-1])]


def compared(a: Tally, b: Tally) -> list[str]:
    """Sentences: what one of two people lacks that the other has, which a swap would miss.

    >>> compared(Tally(faces=900), Tally(faces=90))[0]
    'b has 90 faces where a has 900; film b more, in the poses and expressions of a'
    """
    found: list[str] = []
    for (one, mine), (other, theirs) in ((("a", a), ("b", b)), (("b", b), ("a", a))):
        if theirs.faces < min(_ENOUGH, mine.faces / _TIMES):
            found.append(
                f"{other} has {theirs.faces:,} faces where {one} has {mine.faces:,}; film {other} "
                f"more, in the poses and expressions of {one}"
            )
        poses = {name: (mine.sides[name], theirs.sides[name]) for name in SIDES}
        poses |= {"faces that look up": (mine.up, theirs.up)}
        poses |= {"faces that look down": (mine.down, theirs.down)}
        for name, (many, few) in poses.items():
            if many > max(_SOME, _FEW * mine.faces) and few < many / _TIMES**2:
                found.append(
                    f"{one} has {many:,} {_FACES.get(name, name)} and {other} {few:,}; as {other} "
                    "they will be guesses, so film that too"
                )
    return found
