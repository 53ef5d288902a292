"""A long film in segments, so that one that is stopped or killed goes on where it was.

While a film is made, its pictures are kept beside it in a hidden folder, some hundred frames to a
file, or some ten where each takes seconds. Each segment comes from an encoder of its own, so it
starts with a key frame and needs no other; it ends before a key frame of the source where there is
one in time, so that a seam stands where the film itself starts anew. Once all are there they are
put one behind another by copying packets, with the sound of the source, as if one encoder had made
them.

`00007.packets` holds what the encoder gave, packet by packet; `00007.json`, which is written after
it, says of what film it is, which frames they are, and of each packet its time, size, duration and
whether it is a key frame. What does not fit in every respect is dropped with all that comes later.
When a packet is to be decoded follows from when all are shown: with B-frames, that many frames
earlier. So these times are made anew across the seams.

Cost: some key frames, and the disk holds the pictures twice while they are put together. To go on,
the frames before are decoded again but not changed again.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, runtime_checkable

import av
from av.packet import Packet

from olhar import __version__
from olhar.errors import OlharError
from olhar.media.files import atomic, parsed, shown
from olhar.media.memory import give_back
from olhar.media.video_codecs import encoder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import Tensor

    from olhar.media.video_change import Timed
    from olhar.media.video_encode import Pictures
    from olhar.media.video_read import Reader

_LIMITS = (500, 1000)  # frames after which a segment ends: at a key frame, anyway
_SLOW = (10, 20)  # the same where each takes seconds
_JOINED = {"libx264", "libvpx-vp9"}  # encoders that say the same in each header
_TIDY = 100  # frames after which what was freed goes back to the system


@runtime_checkable
class Film(Protocol):
    """A function of the frames of a film that can begin in the middle."""

    warm_up: int
    """How many frames before that it is given first; what it makes of them is thrown away."""
    slow: bool
    """Whether a frame takes seconds, so that less may be lost."""

    def __call__(self, frames: Iterator[Tensor], state: Any = None) -> Iterator[Tensor]:
        """Change frames; `state` is for those that go on, what it was when a segment ended."""
        ...

    def state(self) -> Any:
        """What is to be known of the film so far, beside the frames of the warm-up, for JSON."""
        ...


class End(NamedTuple):
    """What is to be told of a source that has been read to its end."""

    truncated: bool
    """Whether it ended too early."""
    notes: tuple[str, ...]
    """What was found wrong with it."""


class _Segment(NamedTuple):
    """What is known of a finished segment."""

    size: tuple[int, int]
    """Height and width of the images."""
    state: Any
    """That of the function when it ended."""
    end: End | None
    """If it is the last one."""


class Segments:
    """The finished segments of one film."""

    def __init__(self, target: Path, made_by: str, film: Film | None = None) -> None:
        """Describe them; nothing is looked at yet.

        Args:
            target: the film to be made.
            made_by: what it depends on: source and settings (`olhar.media.journal.key`).
            film: the function, unless it takes frames one by one.
        """
        target = Path(os.path.realpath(target))
        name = hashlib.sha256(os.fsencode(target.name)).hexdigest()[:16]
        self.folder = target.with_name(f".olhar-{name}")
        self.frames = 0
        """How many are in finished segments."""
        self.found = 0
        """How many of those were left by an earlier run."""
        self.last: _Segment | None = None
        """The last of those, if there is any."""
        self._film, self._made_by = film, made_by
        self._limits = _SLOW if film and film.slow else _LIMITS
        self._key = ""
        self._count = 0
        self._delay = 0

    def suit(self, codec: str, frames: int | None) -> bool:
        """Whether a film of so many frames, if that is known, is made in segments."""
        return encoder(codec)[0] in _JOINED and (frames is None or frames > self._limits[0])

    @property
    def warm_up(self) -> int:
        """How many frames before the missing ones the function is to see."""
        return min(self.frames, self._film.warm_up) if self._film else 0

    @property
    def state(self) -> Any:
        """That of the function when the last segment ended, None if there is none."""
        return self.last.state if self.last else None

    def find(self, codec: str) -> None:
        """Look what an earlier run has left, and drop what does not belong to this film."""
        key = (self._made_by, __version__, av.__version__, codec, encoder(codec), self._limits)
        self._key = hashlib.sha256(repr(key).encode("utf-8", "surrogateescape")).hexdigest()[:32]
        mine: set[Path] = set()
        while (found := self._read(self._count)) is not None:
            mine.update(self._paths(self._count))
            self._add(found)
        self.found = self.frames
        if self.folder.is_dir():
            for path in set(self.folder.iterdir()) - mine:
                with suppress(OSError):
                    path.unlink()

    def fill(self, images: Iterator[Timed], pictures: Pictures, reader: Reader) -> None:
        """Encode the images that come after the segments that are there.

        Args:
            images: in order.
            pictures: how to encode them.
            reader: of their source, which is at its end when they are.

        Raises:
            OlharError: if an image is unfit or cannot be written.
        """
        with ThreadPoolExecutor(1) as aside:
            upcoming = next(images, None)
            while upcoming is not None:
                upcoming = self._fill_one(upcoming, images, pictures, reader, aside)
                give_back()

    def _fill_one(
        self,
        upcoming: Timed | None,
        images: Iterator[Timed],
        pictures: Pictures,
        reader: Reader,
        aside: ThreadPoolExecutor,
    ) -> Timed | None:
        """Make a segment of an image and those after it; returns the first that it leaves.

        Whatever encodes is `aside`, in a thread of its own, to which the C library gives memory of
        its own: what an encoder leaves behind in the middle of other things stays there as gaps.
        """
        data, description = self._paths(self._count)
        packets: list[Any] = []
        with atomic(data) as temporary, temporary.open("wb") as file:
            context: Any = None
            times: list[tuple[int, int]] = []
            while upcoming is not None and not self._is_full(len(times), upcoming.key):
                array = pictures.checked(upcoming.image)
                context = context or aside.submit(pictures.encoder).result()
                times.append((upcoming.pts, upcoming.duration))
                frame = pictures.frame(array, *times[-1])
                packets += _written(aside.submit(pictures.encoded, context, frame).result(), file)
                if len(times) % _TIDY == 0:
                    give_back()
                upcoming = next(images, None)
            packets += _written(aside.submit(pictures.encoded, context, None).result(), file)
        found = {
            "key": self._key,
            "frames": [self.frames, self.frames + len(times)],
            "ticks": [times[0][0], sum(times[-1])],
            "size": pictures.size,
            "state": self._film.state() if self._film else None,
            "end": [reader.truncated, reader.notes] if upcoming is None else None,
            "packets": packets,
        }
        with atomic(description) as temporary:
            temporary.write_text(json.dumps(found), "utf-8")
        self._add(found)
        return upcoming

    def packets(self) -> Iterator[Packet[Any]]:
        """All pictures in order of decoding, as if one encoder had made them.

        Raises:
            OlharError: if a segment is no longer there.
        """
        times: list[int] = []  # of decoding
        start = first = 0  # of showing, of decoding
        for number in range(self._count):
            found = self._read(number)
            if found is None:
                raise OlharError(
                    f"{shown(self.folder)} was changed while the film was made; run it again"
                )
            count, stop = len(found["packets"]), found["ticks"][-1]
            shown_at = sorted(pts for pts, *_ in found["packets"])
            if not number:
                delay = min(self._delay, len(shown_at) - 1)
                early = shown_at[delay] - shown_at[0]
                times = [pts - early for pts in shown_at[:delay]]
                start, first = shown_at[0], [*times, *shown_at][0]
            times += shown_at
            with self._paths(number)[0].open("rb") as file:
                for left, (pts, size, duration, key) in enumerate(found["packets"], 1 - count):
                    packet = Packet(file.read(size))
                    packet.pts, packet.dts, packet.duration = pts, times.pop(0), duration
                    packet.is_keyframe = key
                    if not left and number + 1 == self._count:
                        # An MP4 lasts until the packet ends that is decoded last.
                        packet.duration = max(1, stop - start - (packet.dts - first))
                    yield packet

    def make_room(self, film: Path) -> None:
        """Drop all segments of a film that is whole if the disk has no room for it once more."""
        with suppress(OSError):  # signing it makes a copy
            if shutil.disk_usage(film.parent).free < film.stat().st_size:
                self.remove()

    def remove(self) -> None:
        """Drop all segments."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _is_full(self, count: int, key: bool) -> bool:
        least, most = self._limits
        return count >= most or (key and count >= least)

    def _paths(self, number: int) -> tuple[Path, Path]:
        return self.folder / f"{number:05}.packets", self.folder / f"{number:05}.json"

    def _add(self, found: dict[str, Any]) -> None:
        self._count += 1
        self.frames = found["frames"][1]
        end = found["end"] and End(found["end"][0], tuple(found["end"][1]))
        self.last = _Segment(tuple(found["size"]), found["state"], end)
        order = [pts for pts, *_ in found["packets"]]
        rank = {pts: n for n, pts in enumerate(sorted(order))}
        self._delay = max(self._delay, *(n - rank[pts] for n, pts in enumerate(order)))

    def _read(self, number: int) -> dict[str, Any] | None:
        """The description of a segment, if it is whole and belongs to this film."""
        data, description = self._paths(number)
        try:
            found: Any = parsed(description.read_bytes())
            whole = data.stat().st_size == sum(size for _, size, *_ in found["packets"])
            return found if whole and found["key"] == self._key else None
        except (OSError, ValueError, TypeError, LookupError):
            return None


def _written(packets: list[Any], file: Any) -> list[Any]:
    """Write what packets hold; returns what is to be known of each."""
    for packet in packets:
        file.write(bytes(packet))
    return [[each.pts, each.size, each.duration, each.is_keyframe] for each in packets]
