"""Two drawn people as face sets, and the record that both agreed; no detector has a part."""

import datetime as dt
import math
from pathlib import Path

import torch

from olhar.faceswap import masks, records
from olhar.faceswap.records import Face
from olhar.media import consent
from olhar.media.image import write
from olhar.samples.face import face

SIDE = 64


def points() -> list[list[float]]:
    """468 places: rings where the oval, the eyes and the mouth of a drawn face are."""
    found = [[SIDE / 2, SIDE / 2]] * 468
    rings = (
        (masks.OVAL, (0.5, 0.47), (0.26, 0.34)),
        (masks.RIGHT_EYE, (0.40, 0.43), (0.06, 0.03)),
        (masks.LEFT_EYE, (0.60, 0.43), (0.06, 0.03)),
        (masks.MOUTH, (0.5, 0.62), (0.10, 0.04)),
    )
    for ring, (x, y), (wide, high) in rings:
        for k, number in enumerate(ring):
            angle = 2 * math.pi * k / len(ring)
            place = (x + wide * math.sin(angle), y - high * math.cos(angle))
            found[number] = [round(SIDE * value, 2) for value in place]
    return found


def face_set(
    folder: Path, who: int, count: int, *, film: str = "film.mp4", turn: float = 20.0
) -> Path:
    """A set of one drawn person, who turns the head from left to right in a film."""
    (folder / film).mkdir(parents=True, exist_ok=True)
    lines: list[str] = []
    for number in range(count):
        yaw = turn * (2 * number / max(1, count - 1) - 1)
        file = f"{film}/{number:06}.png"
        crop = face(who, SIDE, yaw=yaw, mouth=number % 3 / 2, scale=1.25)
        write(folder / file, crop, mark=None)
        found = Face(
            file=file,
            source=film,
            frame=number,
            seconds=number / 25,
            track=0,
            person=1,
            presence=1.0,
            sharpness=100.0,
            yaw=yaw,
            pitch=0.0,
            roll=0.0,
            width=40.0,
            matrix=torch.eye(2, 3).tolist(),
            points=points(),
        )
        lines.append(found.to_json())
    with (folder / records.NAME).open("a", encoding="utf-8") as out:
        out.writelines(f"{line}\n" for line in lines)
    return folder


def agreed(path: Path, *names: str, scope: tuple[consent.Scope, ...] = ("train", "swap")) -> Path:
    """A record that these people agreed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    letter = path.with_suffix(".txt")
    letter.write_text("We agree.")
    people = [consent.Person(name=name, given_by=name) for name in names or ("Ana", "Rui")]
    until = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=365)
    consent.make(path, people, scope, until, letter)
    return path
