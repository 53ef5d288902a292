"""What a face set remembers of each face: `faces.jsonl`, one JSON object a line, to be edited.

    {"file": "clip.mp4/000012-1.png", "source": "clip.mp4", "frame": 12, "seconds": 0.4, "track": 0,
     "person": 1, "keep": true, "why": "", "presence": 0.999, "sharpness": 141.2, "yaw": -12.1,
     "pitch": 3.0, "roll": 1.2, "width": 96.4, "matrix": [[...], [...]], "points": [[x, y], ...]}

Whoever sets "keep" to false leaves a face out; one whose crop is deleted is left out too. "person"
may be corrected, and stays so. `why` says which filter of the command left a face out; what a
person has left out has none, and no command takes it in again.
"""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any, cast

import torch

from olhar.errors import OlharError
from olhar.media.files import atomic, parsed, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from torch import Tensor

NAME = "faces.jsonl"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Face:
    """One face in one frame."""

    file: str
    """The crop, below the folder of the set."""
    source: str
    """The picture or film that it is from, below what the set was made of."""
    frame: int
    """Which frame of the film, from 0; 0 for a picture."""
    seconds: float
    """When the frame is shown."""
    track: int
    """The same for a face that was followed from frame to frame."""
    person: int = 0
    """The same for faces that look alike, 1 being seen most; 0 before that is known."""
    keep: bool = True
    """Whether it is part of the set."""
    why: str = ""
    """Which filter left it out; empty if none did."""
    presence: float
    """How sure the network is that it is a face, 0 to 1."""
    sharpness: float
    """As `olhar.faceswap.measure.sharpness`."""
    yaw: float
    """Degrees; positive if it looks to the right of the picture."""
    pitch: float
    """Degrees; positive if it looks up."""
    roll: float
    """Degrees; positive if it leans clockwise."""
    width: float
    """Of the face in the frame, in pixels."""
    matrix: list[Any]
    """(2, 3) from the frame to the crop, in pixels."""
    points: list[Any]
    """(468, 2) x and y in the frame, in pixels."""

    @property
    def transform(self) -> Tensor:
        """`matrix` as a tensor (2, 3)."""
        return torch.tensor(self.matrix, dtype=torch.float32)

    @property
    def landmarks(self) -> Tensor:
        """`points` as a tensor (468, 2)."""
        return torch.tensor(self.points, dtype=torch.float32)

    def to_json(self) -> str:
        """One line."""
        return json.dumps(vars(self), ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str, where: str) -> Face:
        """Read a line.

        Args:
            text: the line.
            where: what the sentence calls it.

        Raises:
            OlharError: if it is no such object.
        """
        try:
            values: Any = parsed(text)
        except ValueError as error:
            raise OlharError(f"{where} is no JSON: {error}; correct or delete the line") from error
        return cls._checked(values, where)

    @classmethod
    def _checked(cls, values: Any, where: str) -> Face:
        if not isinstance(values, dict):
            raise OlharError(f"{where} is no JSON object; correct or delete the line")
        given = cast("dict[str, Any]", values)
        kinds = {"str": str, "int": int, "float": (int, float), "bool": bool, "list[Any]": list}
        found: dict[str, Any] = {}
        for field in dataclasses.fields(cls):
            if field.name in given:
                wanted = kinds[str(field.type)]
                if not isinstance(given[field.name], wanted):
                    raise OlharError(
                        f"{where}: {field.name!r} must be {field.type}; correct or delete the line"
                    )
                found[field.name] = given[field.name]
            elif field.default is dataclasses.MISSING:
                raise OlharError(f"{where} lacks {field.name!r}; correct or delete the line")
        return cls(**found)


def read(folder: Path, *, everything: bool = False) -> Iterator[Face]:
    """The faces of a set, in order of source and frame, one by one.

    Args:
        folder: of the set.
        everything: also those that are left out.

    Yields:
        Those whose crops are there.

    Raises:
        OlharError: if it is no face set, or a line is damaged.
    """
    path = folder / NAME
    if not path.is_file():
        raise OlharError(f"{shown(folder)} is no face set; olhar faces makes one of a film")
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                face = Face.from_json(line, f"line {number} of {shown(path)}")
                if everything or (face.keep and (folder / face.file).is_file()):
                    yield face


def rewrite(folder: Path, change: Callable[[Face], Face | None]) -> None:
    """Change every record of a set, or drop it; one is held at a time.

    Args:
        folder: of the set; without records nothing happens.
        change: gives back a record, or None to drop it.
    """
    path = folder / NAME
    if not path.is_file():
        return
    with atomic(path) as temporary, temporary.open("w", encoding="utf-8") as file:
        for face in read(folder, everything=True):
            changed = change(face)
            if changed is not None:
                file.write(changed.to_json() + "\n")


def mend(folder: Path) -> None:
    """Cut off a last line that a kill has left half-written."""
    path = folder / NAME
    if path.is_file() and path.stat().st_size:
        with path.open("r+b") as file:
            file.seek(-1, 2)
            if file.read(1) != b"\n":
                size = file.tell()
                file.seek(0)
                end = 0
                while chunk := file.read(1 << 20):
                    place = chunk.rfind(b"\n")
                    end = file.tell() - len(chunk) + place + 1 if place >= 0 else end
                assert end < size
                file.truncate(end)
