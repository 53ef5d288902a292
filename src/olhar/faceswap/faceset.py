"""Making and keeping a face set: extract, say whose faces they are, filter, draw, advise.

    made = face_set("interview.mp4", "sets/ana")
    print(made)                                  # how many, what was missed, what is lacking

What filters leave out stays in the folder, and comes back when they are loosened.
"""

from __future__ import annotations

import dataclasses
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from olhar.errors import OlharError
from olhar.faceswap import records
from olhar.faceswap.advice import SIDES, Tally
from olhar.faceswap.contact import contact
from olhar.faceswap.extract import Extract, Extraction, told
from olhar.faceswap.faces import load
from olhar.faceswap.measure import appearance
from olhar.faceswap.people import Track, group
from olhar.media.files import shown
from olhar.media.image import read, write
from olhar.media.progress import bar, hidden

if TYPE_CHECKING:
    import os

    from torch import Tensor

    from olhar.faceswap.records import Face

Order: TypeAlias = Literal["time", "sharp", "yaw", "pitch", "person"]
SHEET = "sheet.png"
"""The name of the contact sheet."""
_ON_SHEET = 120
_SPELLED = 8  # stretches without a face that are spelled out


@dataclass(frozen=True, kw_only=True)
class Keep:
    """Which faces stay in the set."""

    sharp: float = 0.0
    """Leave out what is less sharp; about 20 is blurred, 100 is sharp."""
    turn: float = 90.0
    """Leave out what looks further to the side, in degrees."""
    nod: float = 90.0
    """Leave out what looks further up or down, in degrees."""
    person: int = 0
    """Keep this person only, by the number on the sheet; 0 is all."""

    def __post_init__(self) -> None:
        if self.sharp < 0 or self.person < 0:
            raise OlharError(f"sharp is {self.sharp}, person {self.person}; both must be 0 or more")
        if not (0 < self.turn <= 90 and 0 < self.nod <= 90):
            raise OlharError(f"turn is {self.turn}, nod {self.nod}; both must be 0 to 90 degrees")

    def why(self, face: Face) -> str:
        """Why a face is left out; empty if it is not."""
        if self.person and face.person != self.person:
            return "another person"
        if face.sharpness < self.sharp:
            return "blurred"
        if abs(face.yaw) > self.turn or abs(face.pitch) > self.nod:
            return "turned away"
        return ""


@dataclass(frozen=True, kw_only=True)
class FaceSet:
    """What a face set holds; prints itself."""

    folder: Path
    made: int
    """Crops that were made now."""
    sources: list[dict[str, Any]]
    """Of each source how many frames were looked at, how many had faces, and which had none."""
    tally: Tally
    failed: dict[str, str] = field(default_factory=dict[str, str])
    seconds: float = 0.0

    @property
    def exit_code(self) -> int:
        """1 if a source could not be read."""
        return 1 if self.failed else 0

    @property
    def rate(self) -> float:
        """The share of the frames that have a face."""
        frames = sum(source["frames"] for source in self.sources)
        return sum(source["with_faces"] for source in self.sources) / max(frames, 1)

    def as_dict(self) -> dict[str, Any]:
        """The same as plain JSON values."""
        return {
            "folder": str(self.folder),
            "faces": self.tally.faces,
            "made": self.made,
            "rate": round(self.rate, 4),
            "sources": self.sources,
            "people": {str(person): n for person, n in sorted(self.tally.people.items())},
            "sides": {name: self.tally.sides[name] for name in SIDES},
            "left_out": dict(self.tally.left_out),
            "advice": self.tally.advice(),
            "failed": self.failed,
            "seconds": round(self.seconds, 2),
        }

    def __str__(self) -> str:
        frames = sum(source["frames"] for source in self.sources)
        seen = sum(source["with_faces"] for source in self.sources)
        tally = self.tally
        head = (
            f"{shown(self.folder)}: {tally.faces:,} faces; {seen:,} of {frames:,} frames have one "
            f"({self.rate:.1%}); {self.made:,} made in {self.seconds:.1f} s"
        )
        lines = [
            head,
            *(_missed(source) for source in self.sources if source["with_faces"]),
            "people: " + ", ".join(f"{p} ({n:,})" for p, n in sorted(tally.people.items())),
            "sides: " + ", ".join(f"{tally.sides[name]:,} {name}" for name in SIDES),
            "left out: " + ", ".join(f"{n:,} {why}" for why, n in tally.left_out.items()),
            *(f"advice: {sentence}" for sentence in tally.advice()),
            *(f"failed: {sentence}" for sentence in self.failed.values()),
            f"look at {shown(self.folder / SHEET)}" if tally.faces else "",
        ]
        return "\n".join(line for line in lines if line and not line.endswith(": "))


def face_set(
    source: str | os.PathLike[str] | None,
    folder: str | os.PathLike[str],
    extract: Extract | None = None,
    keep: Keep | None = None,
    *,
    order: Order = "time",
    progress: bool = True,
) -> FaceSet:
    """Make a face set, add to it, go on with it or filter it anew.

    What is there already, made from the same source by the same settings, is not made again; what
    a person has changed in `faces.jsonl` stays.

    Args:
        source: a picture, a film or a folder of both; None if nothing is to be added.
        folder: of the set; made if missing.
        extract: how faces are cut out.
        keep: which stay.
        order: in which the sheet shows them.
        progress: whether to show bars; they need a terminal.

    Returns:
        What the set holds.

    Raises:
        OlharError: if there is nothing to read, the folder holds something else, or a record is
            damaged.
        KeyboardInterrupt: with how far it is.
    """
    started = time.monotonic()
    target = Path(folder)
    with hidden(not progress):
        work = Extraction(target, extract or Extract(), load())
        if source is not None:
            work.run(Path(source))
        tally = finish(target, keep or Keep(), order, work.settings.size)
    return FaceSet(
        folder=target,
        made=work.made,
        sources=told(work.states),
        tally=tally,
        failed=work.failed,
        seconds=time.monotonic() - started,
    )


def finish(folder: Path, keep: Keep, order: Order, size: int) -> Tally:
    """Say whose the faces of a set are, filter them, and draw the sheet.

    Args:
        folder: of the set.
        keep: which stay.
        order: in which the sheet shows them.
        size: side of the crops.

    Returns:
        Counts of what is left.
    """
    tally = Tally()
    people = _people(folder)
    listed: list[tuple[tuple[float, int], str, tuple[str, str]]] = []

    def change(face: Face) -> Face | None:
        if not (folder / face.file).is_file():
            return None
        person = face.person or people.get(face.track, 0)
        face = dataclasses.replace(face, person=person)
        if face.keep or face.why:
            why = keep.why(face)
            face = dataclasses.replace(face, keep=not why, why=why)
        tally.add(face, size)
        if face.keep:
            caption = (f"person {person}", f"{round(face.yaw):+d}° {face.sharpness:.0f} sharp")
            listed.append(((_rank(face, order), len(listed)), face.file, caption))
        return face

    records.rewrite(folder, change)
    _draw(folder, [(file, caption) for _, file, caption in sorted(listed)])
    return tally


def _people(folder: Path) -> dict[int, int]:
    """Whose each track is; nothing if that is known of all faces."""
    tracks: dict[int, Track] = {}
    here: tuple[str, int] | None = None
    beside: list[int] = []
    asked = False
    if not (folder / records.NAME).is_file():
        return {}
    for face in records.read(folder, everything=True):
        if not (folder / face.file).is_file():
            continue
        asked |= not face.person
        track = tracks.setdefault(face.track, Track())
        track.add(face.file, abs(face.yaw) + abs(face.pitch))
        track.person = face.person or track.person
        if here != (face.source, face.frame):
            here, beside = (face.source, face.frame), []
        for other in beside:
            tracks[other].beside.add(face.track)
            track.beside.add(other)
        beside.append(face.track)
    if not asked:
        return {}
    with bar("telling people apart", total=len(tracks)) as update:
        looked = 0

        def look(file: str) -> Tensor:
            nonlocal looked
            looked += 1
            update(min(len(tracks), looked))
            return appearance(read(folder / file).image)

        return group(tracks, look)


def _rank(face: Face, order: Order) -> float:
    """What the sheet is sorted by, beside time."""
    ranks = {
        "sharp": -face.sharpness,
        "yaw": face.yaw,
        "pitch": face.pitch,
        "person": float(face.person),
    }
    return ranks.get(order, 0.0)


def _draw(folder: Path, listed: list[tuple[str, tuple[str, str]]]) -> None:
    if not listed:
        (folder / SHEET).unlink(missing_ok=True)
        return
    step = max(1, -(-len(listed) // _ON_SHEET))
    some = listed[::step]
    crops = [read(folder / file).image for file, _ in some]
    write(folder / SHEET, contact(crops, [caption for _, caption in some]), mark=None)


def _missed(source: dict[str, Any]) -> str:
    """Which frames of a source have no face; empty if all have one."""
    stretches: list[list[int]] = source["missed"]
    if not stretches:
        return ""
    spelled = [f"{a}" if a == b else f"{a}-{b}" for a, b in stretches[:_SPELLED]]
    if len(stretches) > _SPELLED:
        spelled.append(f"and {len(stretches) - _SPELLED} more stretches")
    return f"no face in {shown(source['source'])}: frames {', '.join(spelled)}"
