"""What the jobs of the swap page do: cut faces out, choose among them, preview, swap.

As in `bodies`, by the same functions that the commands call. A training of a face swap is the job
`train`; here is where its sets and its record are (`places`).
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import os
import re
import shutil
from itertools import islice
from typing import TYPE_CHECKING, Any

from olhar import hub
from olhar.errors import OlharError
from olhar.fields import from_dict
from olhar.media.image import write
from olhar.media.progress import heard
from olhar.media.video import Reader, probe
from olhar.studio import consents, face_sets
from olhar.studio.results import before_after, carry_on, chosen_run, is_film, named
from olhar.studio.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from olhar.faceswap.records import Face
    from olhar.studio.work import Asked, Tell

_DIGITS = 6  # of the hash of a clip, in its name
_HASH = re.compile(rf"-[0-9a-f]{{{_DIGITS}}}(?=\.\w)")


def faces(asked: Asked, tell: Tell) -> dict[str, Any]:
    """`olhar faces`: cut faces out of films and photographs, into one of the studio's sets.

    A clip is known by its contents, so one that is given again is not done again, and one that was
    stopped goes on.
    """
    from olhar.faceswap.extract import Extract, Extraction, told
    from olhar.faceswap.faces import load
    from olhar.faceswap.faceset import Keep, finish

    folder = _set(asked)
    clips = asked.files.get("clips", [])
    if not clips:
        raise OlharError("there is no clip; choose films or photographs of one person")
    before = {shot.file for shot in face_sets.shots(Workspace(asked.space), folder.name)}
    most = int(asked.settings.get("most") or 1000)
    named_clips = asked.out.parent / "clips"
    failed, found = dict[str, str](), list[dict[str, Any]]()
    networks = load()
    with face_sets.alone(folder), _gone(named_clips):
        person = face_sets.person_of(face_sets.shots(Workspace(asked.space), folder.name))
        for number, clip in enumerate(clips):
            path = _known(clip, named_clips)
            extract = Extract(size=face_sets.SIZE, every=_every(path, most))

            def share(of: float, number: int = number) -> None:
                tell((number + of) / len(clips), "studio.faces.cutting")

            with heard(share):
                work = Extraction(folder, extract, networks)
                work.run(path)
            failed |= {name: _as_sent(why, named_clips) for name, why in work.failed.items()}
            found = told(work.states)
        tell(None, "studio.faces.people")
        tell.flush()
        finish(folder, Keep(person=person), "time", face_sets.SIZE)
        made = face_sets.shots(Workspace(asked.space), folder.name)
        if not made:
            shutil.rmtree(folder)
            raise OlharError(
                next(iter(failed.values()), "")
                or "no face was found; take a film or a photograph in which it fills more"
            )
    without = [_as_sent(each["source"], named_clips) for each in found if not each["with_faces"]]
    notes = [*failed.values(), *(f"no face was found in {name}" for name in without)]
    return {
        "set": folder.name,
        "made": len({shot.file for shot in made} - before),
        "notes": notes,
        **said_of(made),
    }


def choose(asked: Asked, _: Tell) -> dict[str, Any]:
    """Take faces out of a set, back into it, or say whose stay: what `faces.jsonl` remembers."""
    from olhar.faceswap import records
    from olhar.faceswap.faceset import Keep, finish

    folder, said = _set(asked), asked.settings
    out, back = ({*said.get(key, [])} for key in ("out", "back"))

    def change(face: Face) -> Face:
        if face.file in out:
            return dataclasses.replace(face, keep=False, why="")
        if face.file in back:  # whoever says that a face belongs here says whose it is
            return dataclasses.replace(face, keep=True, why="", person=person or face.person)
        return face

    with face_sets.alone(folder):
        before = face_sets.shots(Workspace(asked.space), folder.name)
        if not before:
            raise OlharError(f"there is no face set {folder.name}; choose one of the list")
        person = int(said.get("person", face_sets.person_of(before)))
        records.rewrite(folder, change)
        finish(folder, Keep(person=person), "time", face_sets.SIZE)
    made = face_sets.shots(Workspace(asked.space), folder.name)
    return {"set": folder.name, **said_of(made)}


def said_of(made: Any) -> dict[str, Any]:
    """What a program is told of a set."""
    counted = face_sets.tally(made)
    return {
        "faces": counted.faces,
        "left_out": sum(counted.left_out.values()),
        "people": {f"{person}": count for person, count in sorted(counted.people.items())},
        "sides": dict(counted.sides),
        "advice": counted.advice(),
    }


def places(asked: Asked) -> dict[str, str]:
    """The sets and the record that a face swap is trained with.

    Raises:
        OlharError: if one is missing.
    """
    space, said = Workspace(asked.space), asked.settings
    found = {}
    for side in ("a", "b"):
        name = face_sets.called(said[side])
        if not face_sets.shots(space, name):
            raise OlharError(f"there is no face set {name}; cut faces out in step 1")
        found[side] = str(space.faces / name)
    if found["a"] == found["b"]:
        raise OlharError("a and b are the same face set; a swap needs two people")
    return {**found, "consent": str(consents.find(space, said["consent"]).path)}


def preview(asked: Asked, tell: Tell) -> dict[str, Any]:
    """A swap of one frame of a film, or of a photograph, before the long run."""
    photo = asked.file("photo")
    tell(None, "studio.swap.trying")
    if is_film(photo):
        photo = _frame(photo, float(asked.settings["position"]), asked.out)
    return _swapped(asked, photo, "preview")


def swap(asked: Asked, tell: Tell) -> dict[str, Any]:
    """`olhar swap`: a photograph or a film, which goes on where an earlier job has stopped."""
    photo = asked.file("photo")
    if is_film(photo) and asked.settings.get("after"):
        carry_on(asked.space / "jobs" / asked.settings["after"], photo, asked.out)
    tell(None, "studio.swap.swapping")
    return _swapped(asked, photo, "swapped")


def _swapped(asked: Asked, photo: Path, what: str) -> dict[str, Any]:
    from olhar.commands.swap import swap as swap_command
    from olhar.faceswap.permission import permitted
    from olhar.faceswap.settings import Swap
    from olhar.media.label import needed

    said, run, film = asked.settings, chosen_run(asked), is_film(photo)
    trained = hub.read_card(hub.find(run)).consent.get("sha256", "")
    records = consents.permitting(Workspace(asked.space), trained, said.get("consent"))
    record = permitted(run, records)
    if not said["label"] and needed("swapped", record):
        raise OlharError(
            "the visible label may only be left out where the consent says why the work is "
            "evidently artistic, and this one does not; leave the label on"
        )
    target = asked.out / named(photo, what, film)
    made = swap_command(
        photo,
        output=target,
        model=str(run),
        consent=tuple(records),
        to="a" if said["to"] == "a" else "b",
        label=bool(said["label"]),
        settings=from_dict(Swap, said["form"]),
    )
    told = {"frames": made.tally.frames, "touched": made.tally.touched, "consent": record.sha256}
    notes = [note for notes in made.report.notes.values() for note in notes]
    if film:
        return {"film": target.name, "notes": notes, **told}
    mark = record.on(hub.mark("swapped", str(run)))
    return {**before_after(asked, photo, [target], mark), "notes": notes, **told}


def _set(asked: Asked) -> Path:
    return asked.space / "faces" / face_sets.called(asked.settings["set"])


def _known(clip: Path, home: Path) -> Path:
    """A clip by a name that says what is in it, whenever it was sent."""
    with clip.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    home.mkdir(exist_ok=True)
    path = home / f"{clip.stem.split('-', 2)[-1]}-{digest[:_DIGITS]}{clip.suffix}"
    if not path.exists():
        shutil.copyfile(clip, path)
    os.utime(path, (0, int(digest[:7], 16)))
    return path


def _as_sent(said: str, home: Path) -> str:
    """The names of clips in a sentence as they were sent."""
    return _HASH.sub("", said.replace(f"{home}{os.sep}", ""))


@contextlib.contextmanager
def _gone(folder: Path) -> Generator[None]:
    """Leave nothing of a folder behind."""
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _every(clip: Path, most: int) -> int:
    """Every how many frames of a film are taken, so that they are about so many."""
    if not is_film(clip):
        return 1
    with contextlib.suppress(OlharError):
        return max(1, round((probe(clip).frames or 0) / max(1, most)))
    return 1  # it cannot be read, which is told when it is


def _frame(film: Path, position: float, out: Path) -> Path:
    """One frame of a film as a picture: at 0 the first, at 1 the last."""
    with Reader(film) as reader:
        last = max(0, (reader.info.frames or 1) - 1)
        number = round(min(1.0, max(0.0, position)) * last)
        reader.skip = max(0, number - 1)
        image = None
        for frame in islice(reader, min(number, 1) + 1):
            image = frame.image
    if image is None:  # the header promised more frames than there are
        return _frame(film, position / 2, out)
    path = out / f"frame-0-{film.stem.split('-', 2)[-1]}-{number}.png"
    write(path, image, mark=None)  # taken out of the film, made up by nobody
    return path
