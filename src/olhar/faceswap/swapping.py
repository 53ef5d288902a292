"""The work of swapping: from frames to frames, many faces at once, and what became of each.

A face is cut out as the network knows it, becomes the other person's, takes on the colours, the
sharpness and the grain of the shot, and goes back at full resolution (`color`, `detail`, `blend`).
In a film faces are followed (`follow`) and people told apart (`cast`); what is measured of a face
is averaged over time, so nothing flickers. A face that turns away or gets small fades to what it
was.

Cost beside the network: some 25 ms a face of 150 pixels and 50 ms a frame of 640 x 360 to find it,
on one slow core. Memory: about 35 frames of 1280 x 720, whatever the length; fewer if larger.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
import torch.nn.functional as F

from olhar.faceswap import color, detail
from olhar.faceswap.align import aligned, cut, scale
from olhar.faceswap.blend import FACE, around, covered, joined, returned, seamless
from olhar.faceswap.cast import Cast
from olhar.faceswap.detect import Find
from olhar.faceswap.faces import Faces, load
from olhar.faceswap.finder import together
from olhar.faceswap.follow import followed, pictured
from olhar.faceswap.measure import pose
from olhar.faceswap.network import SIDES, Side, Swapper
from olhar.faceswap.occlusion import occluded
from olhar.faceswap.settings import Swap
from olhar.media.memory import apart
from olhar.media.process import LeftOut

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from torch import Tensor

    from olhar.faceswap.follow import Followed, Shown

SWAPPED = "swapped"
_LEFT = "left as they are"
_TOGETHER = 8  # frames whose faces go through the network at once, unless they are large
_AHEAD = 6  # frames that are known when it is decided who somebody is
_AT_ONCE = 16
_OTHER: dict[Side, Side] = {"a": "b", "b": "a"}
_FADE = 10.0  # degrees before the limit in which a face that turns away fades


@dataclass
class Tally:
    """What became of the faces that were seen."""

    faces: Counter[tuple[int, str]] = field(default_factory=Counter[tuple[int, str]])
    """Number of a person and what became of the face to how often that was so."""
    first: dict[int, tuple[int, int, int]] = field(default_factory=dict[int, tuple[int, int, int]])
    """Number of a person to the frame, from 0, in which they were seen first, and the middle of
    their face there: x and y in pixels."""
    frames: int = 0
    """Pictures and frames that were looked at."""
    touched: int = 0
    """Those in which a face was swapped."""

    @property
    def became(self) -> Counter[str]:
        """What became of faces, whose ever they are."""
        found = Counter[str]()
        for (_, what), count in self.faces.items():
            found[what] += count
        return found

    def as_dict(self) -> dict[str, Any]:
        """The same as plain JSON values."""
        people: dict[str, dict[str, int]] = {}
        for (person, what), count in sorted(self.faces.items()):
            people.setdefault(str(person), {})[what] = count
        return {
            "frames": self.frames,
            "frames_swapped": self.touched,
            "people": people,
            "first_seen": {str(person): list(where) for person, where in self.first.items()},
        }

    def __str__(self) -> str:
        if not self.frames:
            return ""
        head = f"{self.touched:,} of {self.frames:,} frames have a swapped face"
        return "\n".join([head, *self.people(everywhere=len(self.first) > 1)])

    def people(self, *, everywhere: bool) -> list[str]:
        """What became of the faces of each person, and where they were seen first if wanted."""
        lines: list[str] = []
        for person, said in self.as_dict()["people"].items():
            faces = ", ".join(f"{n:,} {what}" for what, n in said.items())
            if everywhere and int(person) in self.first:
                frame, x, y = self.first[int(person)]
                lines.append(f"person {person}: {faces}, first in frame {frame} at {x}, {y}")
            else:
                lines.append(f"person {person}: {faces}")
        return lines


class _Job(NamedTuple):
    """A face that is to be swapped."""

    frame: int
    face: Followed
    side: Side
    opacity: float


class _Made(NamedTuple):
    """What the network makes of a face."""

    seen: Tensor
    """(3, S, S): the face as it was."""
    face: Tensor
    """(3, S, S)."""
    mask: Tensor
    """(1, S, S)."""
    rebuilt: Tensor
    """(3, S, S): the face as it was, as the network knows it, if that is asked for."""


@dataclass
class Swapping:
    """Swaps faces by a network and counts them; asks nobody, so see `permitted` first."""

    network: Swapper
    settings: Swap = Swap()  # noqa: RUF009  frozen
    to: Side = "b"
    people: dict[int, Side] = field(default_factory=dict[int, Side])
    """Who is swapped (`olhar.faceswap.cast.wanted`); empty to find out."""
    tally: Tally = field(default_factory=Tally)
    faces: Faces = field(default_factory=load)

    def picture(self, image: Tensor) -> Tensor:
        """Swap the faces in an image (3, H, W) in [0, 1].

        Raises:
            OlharError: if it has another shape.
            LeftOut: if nobody in it is swapped.
        """
        shown = pictured(image.detach().float().cpu(), self.faces, self._find)
        work = _Film(self, fading=False)
        (made,) = work.swapped(deque([shown]), 1)
        if made is shown.image:
            raise LeftOut(work.nobody())
        return made

    def film(
        self, frames: Iterable[Tensor], rate: float = 25.0, cast: Cast | None = None
    ) -> Iterator[Tensor]:
        """Swap the faces in the frames of a film; `cast` may know people from before.

        Raises:
            OlharError: if a frame has another shape.
            LeftOut: after the last frame, if nobody in it was swapped.
        """
        source = followed(frames, self.faces, self._find, self.settings, rate)
        work = _Film(self, fading=True, cast=cast)
        window, before = deque["Shown"](), self.tally.touched
        most = _TOGETHER
        while True:
            window.extend(islice(source, most + _AHEAD - len(window)))
            if not window:
                break
            most = together(window[0].image, _TOGETHER, _TOGETHER // 2)
            yield from work.swapped(window, min(most, len(window)))
        if self.tally.touched == before:
            raise LeftOut(work.nobody())

    @property
    def _find(self) -> Find:
        return Find(smallest=min(self.settings.smallest, 64))


class _Film:
    """What is remembered from frame to frame."""

    def __init__(self, work: Swapping, *, fading: bool, cast: Cast | None = None) -> None:
        self._work, self._fading = work, fading
        self._cast = cast or Cast(work.network, work.to, work.people)
        self._whole = not self._cast.met()  # and no film that goes on somewhere
        self._steady: dict[int, color.Steady] = defaultdict(color.Steady)
        self._number = 0
        self._seen = Tally()  # of this film alone

    def nobody(self) -> str:
        """That no face was swapped, and whose were seen, where."""
        people = "; ".join(self._seen.people(everywhere=True))
        if self._seen.became[_LEFT]:
            return (
                f"shows no face that is swapped ({people}), so it is left as it is; --person N "
                "swaps person N, if it is one of those who agreed"
            )
        if people:
            return f"shows no face that is swapped ({people}), so it is left as it is"
        return "shows no face that is swapped, so it is left as it is"

    @torch.no_grad()
    def swapped(self, window: deque[Shown], ready: int) -> Iterator[Tensor]:
        """Take the first frames from a window and swap them; those without a swap stay as they are.

        One at a time, and none is held for longer than it is needed.
        """
        self._cast.meet([*window], ready)
        frames = deque(window.popleft() for _ in range(ready))
        jobs = [job for n, shown in enumerate(frames) for job in self._jobs(n, shown)]
        made = deque(zip(jobs, self._through(frames, jobs), strict=True))
        for number in range(ready):
            image = frames.popleft().image
            if made and made[0][0].frame == number:
                image = torch.from_numpy(apart(tuple(image.shape))).copy_(image)
                self._work.tally.touched += 1
            while made and made[0][0].frame == number:
                self._put(image, *made.popleft())
            self._work.tally.frames += 1
            yield image
        self._number += ready
        for track in list(self._steady)[:-64]:
            del self._steady[track]

    def _jobs(self, number: int, shown: Shown) -> list[_Job]:
        """The faces of a frame that are swapped, the smallest first."""
        jobs: list[_Job] = []
        settings = self._work.settings
        for face in reversed(shown.faces):
            side = self._cast.side(face.track)
            width = FACE / float(scale(aligned(face.points, 1)))
            turned = max(map(abs, pose(face.points)[:2]))
            large = _ramp(width, settings.smallest, 1.25 * settings.smallest)
            ahead = _ramp(settings.turn - turned, 0, _FADE)
            opacity = min(large, ahead) if self._fading else float(min(large, ahead) > 0)
            if side is None:
                what = _LEFT
            elif not large:
                what = "too small"
            elif not ahead:
                what = "turned away"
            else:
                what = SWAPPED
                jobs.append(_Job(number, face, side, opacity))
            person = self._cast.person(face.track)
            for tally in (self._work.tally, self._seen):
                tally.faces[person, what] += 1
                if self._whole:
                    x, y = (int(each) for each in face.points[:, :2].mean(0))
                    tally.first.setdefault(person, (self._number + number, x, y))
        return jobs

    def _through(self, frames: Sequence[Shown], jobs: Sequence[_Job]) -> list[_Made]:
        """All faces through the network, many at once."""
        network = self._work.network
        device = next(network.parameters()).device
        result: dict[int, _Made] = {}
        for side in SIDES:
            mine = [n for n, job in enumerate(jobs) if job.side == side]
            for start in range(0, len(mine), _AT_ONCE):
                part = mine[start : start + _AT_ONCE]
                crops = torch.stack([self._crop(frames[jobs[n].frame], jobs[n]) for n in part])
                faces, masks = (each.cpu() for each in network(crops.to(device), side))
                rebuilt = faces
                if self._work.settings.occlusion:
                    rebuilt = network(crops.to(device), _OTHER[side])[0].cpu()
                for n, *made in zip(part, crops, faces, masks, rebuilt, strict=True):
                    result[n] = _Made(*made)
        return [result[n] for n in range(len(jobs))]

    def _crop(self, shown: Shown, job: _Job) -> Tensor:
        size = self._work.network.size
        return cut(shown.image, aligned(job.face.points, size), size)

    def _put(self, image: Tensor, job: _Job, made: _Made) -> None:
        """Put a face into an image (3, H, W), in place."""
        settings, size, points = self._work.settings, self._work.network.size, job.face.points
        where = around(points, *image.shape[1:])
        mask = covered(points, made.mask, settings)
        steady = self._steady[job.face.track]
        if settings.occlusion:
            small = F.adaptive_avg_pool2d(mask, size)
            hidden = occluded(made.seen, made.rebuilt, small, settings.occlusion)
            mask = mask * (1 - F.interpolate(hidden[None], mask.shape[1:], mode="bilinear")[0])
        small = F.adaptive_avg_pool2d(mask, size)
        if where is None or float(small.sum()) < 1:
            return
        way = settings.color
        own = steady.colors("own", color.statistics(made.face, small, way), way)
        theirs = steady.colors("wanted", color.statistics(made.seen, small, way), way)
        face = color.recolored(made.face, own, theirs, way)
        if settings.blend == "poisson":
            face = seamless(face, made.seen, small)
        top, bottom, left, right = where
        patch = image[:, top:bottom, left:right]
        face = returned(face, aligned(points, size), where)
        cover = returned(mask, aligned(points, mask.shape[1]), where)
        if settings.detail:
            face = self._as_sharp(face, patch, cover, steady, job)
        patch.copy_(joined(patch, face, cover * job.opacity, settings.blend))

    def _as_sharp(
        self, face: Tensor, patch: Tensor, cover: Tensor, steady: color.Steady, job: _Job
    ) -> Tensor:
        """A face as sharp and as grainy as the part of the picture that it goes into."""
        much = self._work.settings.detail
        own, theirs = detail.detail(face, cover), detail.detail(patch, cover)
        enlarged = 1 / float(scale(aligned(job.face.points, self._work.network.size)))
        gain = steady("gain", detail.gains(own, theirs, enlarged))
        lacks = (theirs.noise**2 - own.noise**2).clamp_min(0).sqrt()
        noise = float(steady("noise", lacks))
        seed = self._work.settings.seed + 1_000_003 * (self._number + job.frame) + job.face.track
        return detail.matched(face, 1 + much * (gain - 1), much * noise, seed)


def _ramp(value: float, low: float, high: float) -> float:
    """0 up to `low`, 1 from `high` on, smooth between.

    >>> _ramp(1, 2, 4), _ramp(3, 2, 4), _ramp(9, 2, 4)
    (0.0, 0.5, 1.0)
    """
    t = min(1.0, max(0.0, (value - low) / (high - low)))
    return t * t * (3 - 2 * t)
