"""Who is who in what is swapped: people are numbered as they come, and some of them are swapped.

A track is somebody known if it looks like them (`olhar.faceswap.measure.appearance`) and is not in
a frame with them; else it is the next person. Of people in the same frame the larger comes first.

Unless it is said who is swapped, it is whoever the model was trained on. A network rebuilds a face
that it has learned far better than any other: on real films the difference is 0.3 of the contrast
of the face for one that it knows, though it is early in its training, and 1.0 to 2.3 for strangers.
So the person of the least error is swapped, and whoever comes close, being perhaps the same person
taken for another in another light; but nobody whose error is that of a stranger, nobody beside
somebody who is known better, and nobody whom the model's other side rebuilds better still. Somebody
who is alone in a film is swapped even so, unless they are clearly the one to swap to.

Cost: two passes of the network and 6 x 4 ms for each new track.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from olhar.errors import OlharError
from olhar.faceswap.align import aligned, cut
from olhar.faceswap.blend import covered
from olhar.faceswap.measure import appearance
from olhar.faceswap.network import SIDES
from olhar.faceswap.people import ALIKE
from olhar.faceswap.settings import Swap

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from olhar.faceswap.follow import Followed, Shown
    from olhar.faceswap.network import Side, Swapper

EVERYONE = 0
"""The number that stands for all people."""
_LOOKS = 6  # frames by which a track is judged
_CROP = 128
_CLOSE = 1.4  # times the least error
_BETTER = 1.2  # times the error of the other side
_ITSELF = 2.0  # times that error: this is the other person already
_KNOWN = 0.8  # of the contrast


class Error(NamedTuple):
    """How badly a network rebuilds somebody, as a share of the contrast of the face."""

    source: float
    """By the decoder of the person who is to be swapped."""
    target: float
    """By the decoder of the one who takes the place."""


@dataclass
class _Person:
    looks: Tensor
    errors: list[Error]
    beside: set[int] = field(default_factory=set[int])
    """Other people who were in a frame with this one."""

    @property
    def error(self) -> Error:
        return Error(*(sum(each) / len(each) for each in zip(*self.errors, strict=True)))


class Cast:
    """The people of a film or a picture, and to whom each is swapped."""

    def __init__(
        self, network: Swapper, to: Side, wanted: Mapping[int, Side], met: Sequence[Any] = ()
    ) -> None:
        """Begin, or go on.

        Args:
            network: that swaps.
            to: who takes the place, if nobody in particular is wanted.
            wanted: number of a person, or `EVERYONE`, to who takes their place; empty to find out.
            met: who was met before in the same film (`met`).
        """
        self._network, self._wanted = network, wanted
        self._to: Side = to
        self._of: dict[int, int] = {}  # track to person
        self._people: dict[int, _Person] = {
            number: _Person(torch.tensor(looks), [Error(*each) for each in errors], {*beside})
            for number, (looks, errors, beside) in enumerate(met, 1)
        }

    def met(self) -> list[Any]:
        """Who was met so far, for JSON."""
        met: list[Any] = []
        for person in self._people.values():
            looks = [round(float(each), 4) for each in person.looks]
            met.append((looks, person.errors, [*person.beside]))
        return met

    def meet(self, window: Sequence[Shown], ready: int) -> None:
        """Take in who comes into some frames.

        Args:
            window: frames in order.
            ready: how many of them must be decided now.
        """
        beside: dict[int, set[int]] = defaultdict(set)
        seen: dict[int, list[tuple[Tensor, Followed]]] = defaultdict(list)
        for shown in window:
            tracks = {face.track for face in shown.faces}
            for face in shown.faces:
                seen[face.track].append((shown.image, face))
                beside[face.track] |= tracks - {face.track}
        new = {face.track: 0 for shown in window[:ready] for face in shown.faces}
        for track in new:
            if track not in self._of:
                looks = seen[track][:: max(1, len(seen[track]) // _LOOKS)][:_LOOKS]
                others = {self._of[each] for each in beside[track] if each in self._of}
                self._of[track] = self._known(looks, others)
        for track in new:
            others = {self._of[each] for each in beside[track] if each in self._of}
            self._people[self._of[track]].beside |= others - {self._of[track]}

    def person(self, track: int) -> int:
        """The number of the person of a track, from 1."""
        return self._of[track]

    def side(self, track: int) -> Side | None:
        """Who takes the place of a face; None if it stays."""
        number = self._of[track]
        if number in self._wanted or EVERYONE in self._wanted:
            return self._wanted[number if number in self._wanted else EVERYONE]
        return self._to if not self._wanted and self._is_source(number) else None

    def _is_source(self, number: int) -> bool:
        person = self._people[number]
        source, target = person.error
        if len(self._people) == 1:
            return source <= _ITSELF * target
        least = min(each.error.source for each in self._people.values())
        better = any(self._people[n].error.source < person.error.source for n in person.beside)
        close = source <= min(_CLOSE * least, _KNOWN)
        return close and source <= _BETTER * target and not better

    def _known(self, looks: Sequence[tuple[Tensor, Followed]], others: set[int]) -> int:
        """The person of a track, who may be new."""
        crops = [cut(image, aligned(face.points, _CROP), _CROP) for image, face in looks]
        mean = torch.stack([appearance(crop) for crop in crops]).mean(0)
        best, number = ALIKE, 0
        for known, person in self._people.items():
            alike = float(F.normalize(mean, dim=0) @ F.normalize(person.looks, dim=0))
            if alike >= best and known not in others:
                best, number = alike, known
        error = self._error(looks)
        if number:
            self._people[number].looks += mean
            self._people[number].errors.append(error)
        else:
            number = len(self._people) + 1
            self._people[number] = _Person(mean, [error])
        return number

    @torch.no_grad()
    def _error(self, looks: Sequence[tuple[Tensor, Followed]]) -> Error:
        """How badly the network rebuilds a face."""
        size = self._network.size
        crops = torch.stack([cut(i, aligned(face.points, size), size) for i, face in looks])
        masks = torch.stack([covered(face.points, None, Swap(mask="hull")) for _, face in looks])
        masks = F.adaptive_avg_pool2d(masks, size)
        where = next(self._network.parameters(), crops).device
        weight = masks.sum((1, 2, 3)).clamp_min(1e-6) * 3
        middle = (crops * masks).sum((2, 3), keepdim=True) / (weight / 3)[:, None, None, None]
        contrast = ((crops - middle).abs() * masks).sum((1, 2, 3)) / weight
        source, target = (
            ((self._network(crops.to(where), side)[0].to(crops) - crops).abs() * masks).sum(
                (1, 2, 3)
            )
            / weight
            / contrast.clamp_min(0.01)
            for side in (SIDES if self._to == "b" else SIDES[::-1])
        )
        return Error(float(source.mean()), float(target.mean()))


def wanted(people: Sequence[str], to: Side) -> dict[int, Side]:
    """Who is swapped to whom, as a person says it: "2", or "2:a" where it is not `to`.

    Raises:
        OlharError: if one of them is neither.

    Example:
        >>> wanted(["1", "3:a"], "b")
        {1: 'b', 3: 'a'}
    """
    sides: dict[str, Side] = {"": to, "a": "a", "b": "b"}
    found: dict[int, Side] = {}
    for said in people:
        number, _, side = said.partition(":")
        if not number.isdecimal() or side not in sides:
            raise OlharError(
                f"there is no person {said!r}; give a number, 0 for everybody, and :a or :b behind "
                "it for another direction, as in 2:a"
            )
        found[int(number)] = sides[side]
    return found
