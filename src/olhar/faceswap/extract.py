"""From films and photographs to a face set: crops that lie alike, and what is known of each.

A film is streamed. What is done is written down every few seconds, after the crops and records that
it speaks of, so that after a kill the same command goes on there and loses at most those seconds.
"""

from __future__ import annotations

import json
import shutil
from collections import deque
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any, cast

from olhar.errors import OlharError
from olhar.faceswap import records
from olhar.faceswap.align import aligned, cut
from olhar.faceswap.detect import Find
from olhar.faceswap.finder import TOGETHER, see, see_frames
from olhar.faceswap.landmarks import boxes_of
from olhar.faceswap.measure import pose, sharpness
from olhar.faceswap.records import Face
from olhar.faceswap.track import Smooth, Tracker
from olhar.media.files import parsed, reason, shown
from olhar.media.image import READABLE, read, write
from olhar.media.journal import NAME as JOURNAL
from olhar.media.journal import key
from olhar.media.progress import bar
from olhar.media.shots import shots
from olhar.media.video import VIDEO_SUFFIXES, Reader
from olhar.media.walk import walk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from torch import Tensor

    from olhar.faceswap.faces import Faces
    from olhar.faceswap.finder import Seen
    from olhar.media.video import Frame

_TOLD = 200
_STRETCH = 4 * TOGETHER  # frames from one note of how far it is to the next


@dataclass(frozen=True, kw_only=True)
class Extract:
    """How faces are cut out."""

    size: int = 256
    """Side of the crops, in pixels."""
    every: int = 1
    """Take every so many frames of a film."""
    find: Find = Find()  # noqa: RUF009  frozen
    """What counts as a face."""
    smooth: Smooth = Smooth()  # noqa: RUF009  frozen
    """How steady the points are held."""

    def __post_init__(self) -> None:
        if not 32 <= self.size <= 1024:
            raise OlharError(f"size is {self.size}; crops are 32 to 1024 pixels wide")
        if self.every < 1:
            raise OlharError(f"every is {self.every}; it must be 1 or more")


@dataclass
class Progress:
    """How far it is with one source."""

    source: str
    key: str
    frames: int = 0
    """How many have been looked at."""
    next: int = 0
    """The first frame that has not."""
    missed: list[list[int]] = field(default_factory=list[list[int]])
    """Stretches without a face: first and last frame. The first 200 are told."""
    empty: int = 0
    """Frames without a face."""
    done: bool = False

    def miss(self, frame: int, every: int) -> None:
        """Take a frame without a face."""
        self.empty += 1
        if self.missed and self.missed[-1][1] == frame - every:
            self.missed[-1][1] = frame
        elif len(self.missed) < _TOLD:
            self.missed.append([frame, frame])


class Extraction:
    """Fills the folder of a set, source by source."""

    def __init__(self, folder: Path, settings: Extract, faces: Faces) -> None:
        """Find out how far it is.

        Args:
            folder: of the set; made if missing.
            settings: how faces are cut out.
            faces: the networks.

        Raises:
            OlharError: if the folder holds something else.
        """
        self.folder, self.settings, self.faces = folder, settings, faces
        self.failed: dict[str, str] = {}
        self.made = 0
        if folder.exists() and not folder.is_dir():
            raise OlharError(f"{shown(folder)} is a file; a face set is a folder")
        if folder.is_dir() and any(folder.iterdir()) and not (folder / JOURNAL).is_file():
            raise OlharError(f"{shown(folder)} holds other files; choose a new folder")
        folder.mkdir(parents=True, exist_ok=True)
        self.states = self._states()
        records.mend(folder)
        self._next_track = 0
        records.rewrite(folder, self._known)

    def run(self, source: Path) -> None:
        """Take a picture, a film, or all of a folder.

        Raises:
            OlharError: if there is no such file or nothing to read in it.
            KeyboardInterrupt: with how far it is.
        """
        sources = _sources(source, self.folder, self.failed)
        done = 0
        try:
            with bar(source.name or str(source), total=len(sources)) as update:
                for done, (path, name) in enumerate(sources.items()):
                    update(done)
                    self._one(path, name)
        except KeyboardInterrupt:
            raise KeyboardInterrupt(
                f"{done} of {len(sources)} are done, and the same command goes on from there"
            ) from None

    def _one(self, path: Path, name: str) -> None:
        made_by = key(repr(self.settings), path)
        state = self.states.get(name)
        if state is None or state.key != made_by:
            if state is not None:  # it has changed, or is wanted otherwise
                records.rewrite(self.folder, lambda face: face if face.source != name else None)
                shutil.rmtree(self.folder / name, ignore_errors=True)
            state = Progress(name, made_by)
        if state.done:
            return
        self.states[name] = state
        try:
            if path.suffix.lower() in VIDEO_SUFFIXES:
                self._film(path, state)
            else:
                image = read(path).image
                self._write(state, image, 0, 0.0, see(image, self.faces, self.settings.find), None)
            state.done = True
            self._note(state)
        except OlharError as error:
            self.failed[name] = str(error)

    def _film(self, path: Path, state: Progress) -> None:
        every = self.settings.every
        tracker = Tracker(self.settings.smooth, self._next_track)
        with Reader(path) as reader, bar(path.name) as update:
            waiting: deque[Frame] = deque()

            def images() -> Iterator[Tensor]:
                for frame in islice(reader, state.next, None, every):
                    waiting.append(frame)
                    yield frame.image

            number = state.next
            for image, first, seen in see_frames(shots(images()), self.faces, self.settings.find):
                seconds = waiting.popleft().seconds
                if first:
                    tracker.cut()
                self._write(state, image, number, seconds, seen, tracker)
                number += every
                update(number, reader.info.frames)
                if state.frames % _STRETCH == 0:
                    self._note(state)

    def _write(
        self,
        state: Progress,
        image: Tensor,
        number: int,
        seconds: float,
        seen: Seen,
        tracker: Tracker | None,
    ) -> None:
        """Write the crops and the records of a frame."""
        size = self.settings.size
        if tracker is None:
            points = seen.points
            tracks = [self._next_track + n for n in range(len(points))]
        else:
            tracks, points = tracker(seen.points, seconds)
        self._next_track = max([self._next_track, *(track + 1 for track in tracks)])
        lines: list[str] = []
        for n, (face, presence) in enumerate(zip(points, seen.presence, strict=True)):
            matrix = aligned(face, size)
            crop = cut(image, matrix, size)
            file = f"{state.source}/{number:06d}-{n + 1}.png"
            write(self.folder / file, crop, mark=None)  # cut out of a picture, made up by nobody
            turned, box = pose(face), boxes_of(face[None])[0]
            record = Face(
                file=file,
                source=state.source,
                frame=number,
                seconds=round(seconds, 4),
                track=tracks[n],
                presence=round(float(presence), 4),
                sharpness=round(sharpness(crop), 1),
                yaw=round(turned.yaw, 1),
                pitch=round(turned.pitch, 1),
                roll=round(turned.roll, 1),
                width=round(float(box[2] - box[0]), 1),
                matrix=_rounded(matrix, 5),
                points=_rounded(face[:, :2], 1),
            )
            lines.append(record.to_json() + "\n")
        self.made += len(lines)
        with (self.folder / records.NAME).open("a", encoding="utf-8") as file:
            file.writelines(lines)
        if not lines:
            state.miss(number, self.settings.every)
        state.frames += 1
        state.next = number + self.settings.every

    def _note(self, state: Progress) -> None:
        """Write down how far it is."""
        with (self.folder / JOURNAL).open("a", encoding="utf-8") as file:
            file.write(json.dumps({"progress": vars(state)}) + "\n")

    def _states(self) -> dict[str, Progress]:
        """What earlier runs wrote down; a line that a kill has torn is passed over."""
        path = self.folder / JOURNAL
        path.touch()
        found: dict[str, Progress] = {}
        text = path.read_text("utf-8", errors="replace")
        for line in text.splitlines():
            try:
                state = Progress(**parsed(line)["progress"])
            except (ValueError, TypeError, KeyError):
                continue
            found[state.source] = state
        if text and not text.endswith("\n"):
            with path.open("a", encoding="utf-8") as file:
                file.write("\n")
        return found

    def _known(self, face: Face) -> Face | None:
        """A record, unless it is of frames that count as not done yet."""
        state = self.states.get(face.source)
        if state is None or face.frame >= state.next:
            return None
        self._next_track = max(self._next_track, face.track + 1)
        return face


def _rounded(rows: Tensor, digits: int) -> list[list[float]]:
    values = cast("list[list[float]]", rows.tolist())
    return [[round(value, digits) for value in row] for row in values]


def _sources(source: Path, target: Path, failed: dict[str, str]) -> dict[Path, str]:
    """Every picture and film to its name in the set."""
    suffixes = READABLE | VIDEO_SUFFIXES
    if not source.is_dir():
        if not source.exists():
            raise OlharError(f"{shown(source)}: there is no such file or folder")
        if source.suffix.lower() not in suffixes:
            raise OlharError(f"{shown(source)} is neither a picture nor a film that olhar reads")
        return {source: source.name}
    found: dict[Path, str] = {}
    for path in walk(source, skip=target):
        if isinstance(path, OSError):
            failed[str(path.filename)] = f"{shown(str(path.filename))}: {reason(path)}"
        elif path.suffix.lower() in suffixes:
            found[source / path] = path.as_posix()
    if not found and not failed:
        raise OlharError(f"{shown(source)} holds no picture and no film that olhar reads")
    return found


def told(states: dict[str, Progress]) -> list[dict[str, Any]]:
    """What was found in each source, as plain JSON values."""
    return [
        {
            "source": state.source,
            "frames": state.frames,
            "with_faces": state.frames - state.empty,
            "missed": state.missed,
        }
        for state in states.values()
    ]
