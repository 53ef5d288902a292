"""What a face set is good for, and what it lacks: bins of the way the faces look, and sentences."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from olhar.faceswap.records import Face

YAWS = (-90.0, -35.0, -12.0, 12.0, 35.0, 90.0)
"""Degrees between which the five bins lie; the outermost are profiles."""
SIDES = ("left profiles", "half left", "ahead", "half right", "right profiles")
"""Their names; left is left in the picture."""
_FEW, _ENOUGH = 0.02, 300  # share of a side; faces altogether
_BLURRED, _UPWARD = 20.0, 10.0
_SOME, _TIMES = 15, 4.0  # faces that are some; how many times as many are many
_FACES = {"half left": "faces half left", "ahead": "faces ahead", "half right": "faces half right"}


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

    def add(self, face: Face, size: int) -> None:
        """Count a face whose crop has a side of `size`."""
        if not face.keep:
            self.left_out[face.why or "by hand"] += 1
            return
        self.faces += 1
        self.people[face.person] += 1
        self.sides[side(face.yaw)] += 1
        self.blurred += face.sharpness < _BLURRED
        self.up += face.pitch > _UPWARD
        self.down += face.pitch < -_UPWARD
        self.small += face.width < 0.4 * size

    def advice(self) -> list[str]:
        """Sentences: what would make the set better."""
        if not self.faces:
            return ["no face is left; loosen the filters, or film a face that fills more"]
        found: list[str] = []
        if self.faces < _ENOUGH:
            found.append(
                f"few faces ({self.faces:,}); 500 to 5,000 in several lights train a swap well"
            )
        found += [
            f"too few {name} ({self.sides[name]:,}); film the head turning that way"
            for name in (SIDES[0], SIDES[4])
            if self.sides[name] < _FEW * self.faces
        ]
        for name, count in (("up", self.up), ("down", self.down)):
            if count < _FEW * self.faces:
                found.append(f"too few faces that look {name} ({count:,})")
        if self.blurred > self.faces / 4:
            found.append(f"{self.blurred:,} are blurred; --sharp {_BLURRED:.0f} leaves them out")
        if self.small > self.faces / 2:
            found.append("most faces are smaller than their crops; a smaller --size loses nothing")
        if len(self.people) > 1:
            main = self.people.most_common(1)[0][0]
            found.append(
                f"{len(self.people)} people are in it; --person {main} leaves the others out"
            )
        return found


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
