"""`olhar swap`."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

import tyro
from torch import Tensor

from olhar import hub
from olhar.commands.shared import Output
from olhar.errors import OlharError
from olhar.faceswap.apply import load
from olhar.faceswap.cast import Cast, wanted
from olhar.faceswap.permission import permitted
from olhar.faceswap.settings import Swap
from olhar.faceswap.swapping import Swapping, Tally
from olhar.look.phrase import preferred
from olhar.media.image import MAX_PIXELS
from olhar.media.label import label_, needed
from olhar.media.process import LeftOut, process
from olhar.media.report import Report
from olhar.media.video import VIDEO_SUFFIXES, probe


@dataclass(frozen=True)
class Swapped:
    """What was made, and what became of the faces in it."""

    report: Report
    tally: Tally

    @property
    def exit_code(self) -> int:
        """That of the report."""
        return self.report.exit_code

    def as_dict(self) -> dict[str, Any]:
        """The same as plain JSON values."""
        return {**self.report.as_dict(), **self.tally.as_dict()}

    def __str__(self) -> str:
        return "\n".join(filter(None, [str(self.report), str(self.tally)]))


def swap(
    source: Path,
    /,
    *,
    output: Output,
    model: Annotated[str, tyro.conf.arg(metavar="RUN")],
    consent: Annotated[tuple[Path, ...], tyro.conf.arg(metavar="RECORD")] = (),
    to: Literal["a", "b"] = "b",
    person: Annotated[tuple[str, ...], tyro.conf.arg(metavar="N")] = (),
    label: bool = True,
    max_pixels: int = MAX_PIXELS,
    settings: Swap = Swap(),  # noqa: B008  frozen
) -> Swapped:
    """Swap the faces of two people who agreed to it.

    Whoever the model was trained on is found and swapped, others stay as
    they are; so do faces that are too small or turned away. Sound and timing
    of films are kept. Every result is signed as made by a machine, names the
    consent by its hash, and carries a label that people see.

    Args:
        source: a film, a photograph, or a folder of them
        output: a file, or a folder: one that is there, or a name that ends in /
        model: the run folder, or a .safetensors file
        consent: the record it was trained with; behind a newer one, if there is
        to: whose face takes the place of the other
        person: who is swapped: 1 comes first or is the largest, 0 is everybody,
            2:a goes to a; left out, it is whom the model knows
        label: leave the visible label out, if the consent calls it artistic
        max_pixels: refuse larger images
        settings: how it is done
    """
    if max_pixels < 1:
        raise OlharError(f"--max-pixels must be 1 or more, and is {max_pixels}")
    record = permitted(model, consent)
    if not label and needed("swapped", record):
        raise OlharError(
            "the label may only be left out where the consent says why the work is evidently "
            "artistic (olhar consent --artistic), and this one does not; leave out --no-label"
        )
    work = Swapping(load(model), settings, to, wanted(person, to))
    language = preferred() if label else None
    film = source.is_file() and source.suffix.lower() in VIDEO_SUFFIXES
    rate = float(probe(source).rate or 25) if film else 25.0
    report = process(
        source,
        output,
        partial(_picture, work, language),
        mark=record.on(hub.mark("swapped", model)),
        frames=_Film(work, language, rate),
        settings=_fingerprint(model, settings, record.sha256, to, person, language),
        keep=consent,
        max_pixels=max_pixels,
    )
    if source.is_dir():
        work.tally.first.clear()  # each picture and film has people of its own
    return Swapped(report, work.tally)


def _picture(work: Swapping, language: Literal["en", "pt-BR"] | None, image: Tensor) -> Tensor:
    made = work.picture(image)
    return label_(made, language=language) if language else made


class _Film:
    """Swaps faces in films; of a film that goes on it knows whom it has met before."""

    warm_up = 50
    """Frames in which faces are found again, and their places and colours settle."""
    slow = False

    def __init__(
        self, work: Swapping, language: Literal["en", "pt-BR"] | None, rate: float
    ) -> None:
        self._work, self._rate = work, rate
        self._language: Literal["en", "pt-BR"] | None = language
        self._cast: Cast | None = None
        self._before = self._start = 0

    def __call__(self, frames: Iterator[Tensor], state: Any = None) -> Iterator[Tensor]:
        work, language = self._work, self._language
        self._before, people = state or (0, ())
        self._start = work.tally.touched
        self._cast = Cast(work.network, work.to, work.people, people)
        made = work.film(frames, self._rate, self._cast)
        if language:
            made = map(partial(label_, language=language), made)
        try:
            yield from made
        except LeftOut:
            if not self._before:
                raise

    def state(self) -> Any:
        """How many frames have a swapped face, and who was met."""
        touched = self._before + self._work.tally.touched - self._start
        return touched, self._cast.met() if self._cast else []


def _fingerprint(model: str, *what: Any) -> str:
    """What a result depends on beside its source."""
    with Path(hub.find(model)).open("rb") as file:
        return f"{hashlib.file_digest(file, 'sha256').hexdigest()} {what!r}"
