"""The gallery's section on faces: the whole road of a swap, with two people who do not exist.

Drawn pictures of both become face sets, a small network learns them by a record that says so, and
two new pictures are swapped. Cost: a minute or two, most of it the training.
"""

from __future__ import annotations

import datetime as dt
import tempfile
import time
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from olhar import hub
from olhar.demo.gallery import Entry, Gallery, Section
from olhar.faceswap.apply import swap
from olhar.faceswap.faceset import face_set
from olhar.faceswap.recipe import FaceSwap
from olhar.look import page as look
from olhar.look.messages import say
from olhar.media import consent
from olhar.media.image import write
from olhar.media.progress import bar
from olhar.samples.face import face
from olhar.training.events import Stepped
from olhar.training.fit import fit

if TYPE_CHECKING:
    from olhar.faceswap.network import Side
    from olhar.look.page import Html
    from olhar.media.mark import Mark

PEOPLE: dict[Side, int] = {"a": 0, "b": 2}
"""Which of the drawn people are Ana and Bia."""
PICTURES = 48
STEPS = 1500
_BATCH = 8
_SIZE = 256
_FOLDER = tempfile.TemporaryDirectory(prefix="olhar-demo-")  # goes with the process


class Taught(NamedTuple):
    """What the swaps are made with."""

    model: Path
    record: Path
    minutes: float
    """That it took."""


def swaps() -> Section:
    """Each of two drawn people with the face of the other."""
    entries = [Entry(say(f"swap.{side}"), partial(_swap, side)) for side in PEOPLE]
    return Section(say("swap.title"), say("swap.intro"), entries)


def _swap(side: Side, gallery: Gallery) -> Html:
    learned = taught()
    to: Side = "b" if side == "a" else "a"
    turn = 12.0 if side == "a" else -14.0
    before, other = (face(PEOPLE[who], _SIZE, yaw=turn, mouth=0.5, smile=0.6) for who in (side, to))
    started = time.perf_counter()
    after = swap(before, learned.model, learned.record, to=to)
    seconds = time.perf_counter() - started
    name = say(f"swap.{side}")
    return look.comparison(
        gallery.picture(f"swap/{side}.jpg", before, say(f"swap.is.{side}"), mark=None),
        gallery.picture(f"swap/{side}-{to}.jpg", after, name, mark=_mark(learned)),
        name,
        say("swap.note", seconds=seconds, minutes=learned.minutes),
        look.made_by_a_machine(),
        beside=[gallery.picture(f"swap/{to}.jpg", other, say(f"swap.is.{to}"), mark=None)],
    )


def _mark(learned: Taught) -> Mark:
    return consent.read(learned.record).on(hub.mark("swapped", learned.model))


@cache
def taught() -> Taught:
    """Draw, cut out, record, learn; once."""
    started = time.perf_counter()
    root = Path(_FOLDER.name)
    for side, who in PEOPLE.items():
        _drawn(who, root / f"{side}-drawn")
        face_set(root / f"{side}-drawn", root / side)
    model, record = root / "run", _agreed(root)
    recipe = FaceSwap(
        a=root / "a",
        b=root / "b",
        consent=record,
        preset="light",
        size=80,
        down=(32, 64, 128),
        up=(96, 48),
        code=96,
        bend=0.02,
        epochs=max(1, STEPS * _BATCH // PICTURES),
        batch_size=_BATCH,
        learning_rate=2e-3,
        ema=0.99,
        evaluate_every=STEPS,
    )
    with bar("learning two faces", total=STEPS) as update:
        for event in fit(recipe, model):
            if isinstance(event, Stepped):
                update(event.step)
    return Taught(model, record, (time.perf_counter() - started) / 60)


def _drawn(who: int, folder: Path) -> None:
    """Pictures of somebody in all poses and moods."""
    folder.mkdir()
    chance = np.random.default_rng(who)
    for number in range(PICTURES):
        image = face(
            who,
            160,
            yaw=chance.uniform(-25, 25),
            pitch=chance.uniform(-8, 8),
            mouth=chance.uniform(0, 1),
            smile=chance.uniform(-1, 1),
            blink=float(chance.uniform() > 0.85),
        )
        write(folder / f"{number:03}.png", image, mark=None)


def _agreed(folder: Path) -> Path:
    """The record, without which nothing is learned, of people who cannot be asked."""
    evidence = folder / "evidence.txt"
    evidence.write_text("Ana and Bia are drawn by code and do not exist.", encoding="utf-8")
    people = [
        consent.Person(name=each, given_by="nobody: drawn by code") for each in ("Ana", "Bia")
    ]
    tomorrow = dt.datetime.now(dt.UTC).astimezone().date() + dt.timedelta(1)
    consent.make(folder / "consent.json", people, ("train", "swap"), tomorrow, evidence)
    return folder / "consent.json"
