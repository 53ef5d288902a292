"""`olhar demo`: what olhar does, as a gallery of pictures made on the spot.

A section of the gallery is a function in `SECTIONS`: it returns a title and its entries, and an
entry is a name and a function that writes its pictures into the gallery and returns a figure. A new
capability adds a function there and nothing else. An entry that fails is told on the page and does
not stop the others; the page is written anew after each, so it can be looked at meanwhile.

Cost: a second for each painting and what `olhar.stylize` costs for each restyling.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

from olhar.errors import OlharError
from olhar.look import page as look
from olhar.look.machine import processor
from olhar.look.messages import Phrase, listed, say
from olhar.look.page import Html, Picture
from olhar.media.files import atomic, shown
from olhar.media.image import resize, write
from olhar.media.progress import bar
from olhar.samples import PAINTINGS, painting, photo
from olhar.stylize import Stylize, steps


class Restyling(NamedTuple):
    """One photograph after one painting, or several."""

    photo: str
    styles: tuple[str, ...]
    settings: Stylize


RESTYLINGS = (
    Restyling("rocket", ("night",), Stylize(size=384, iterations=16)),
    Restyling("chelsea", ("glass",), Stylize(size=384, iterations=16)),
    Restyling("coffee", ("mosaic",), Stylize(size=384, iterations=16)),
    Restyling("chelsea", ("points",), Stylize(size=384, iterations=16)),
    Restyling("coffee", ("wave",), Stylize(size=384, iterations=16)),
    Restyling("astronaut", ("ink",), Stylize(size=320, iterations=16)),
)
PAINTING_SIZE = 512


class _Painting(NamedTuple):
    image: Tensor
    picture: Picture
    seconds: float


@dataclass
class Gallery:
    """The folder that is being filled, and what came of it; prints itself."""

    folder: Path
    made: list[str] = field(default_factory=list[str])
    """Names of the entries that are there."""
    failed: dict[str, str] = field(default_factory=dict[str, str])
    """Names of the others, with the sentence that says why."""
    seconds: float = 0.0
    photos: list[str] = field(default_factory=list[str])
    """Names of the photographs that the page shows, each once."""
    _paintings: dict[str, _Painting] = field(default_factory=dict[str, _Painting], repr=False)

    @property
    def index(self) -> Path:
        """The page to open."""
        return self.folder / "index.html"

    @property
    def exit_code(self) -> int:
        """1 if anything failed."""
        return 1 if self.failed else 0

    def as_dict(self) -> dict[str, Any]:
        """The outcome as plain JSON values."""
        return {
            "index": str(self.index),
            "made": self.made,
            "failed": self.failed,
            "seconds": round(self.seconds, 2),
        }

    def __str__(self) -> str:
        lines = [f"{len(self.made)} made in {self.seconds:.0f} s"]
        lines += [f"failed: {name}: {why}" for name, why in self.failed.items()]
        return "\n".join([*lines, f"Look at them: {shown(self.index)}"])

    def picture(self, name: str, image: Tensor, alt: Phrase) -> Picture:
        """Write an image (3, H, W) under a name such as "restyle/cat.jpg"."""
        write(self.folder / name, image)
        return Picture(name, alt, width=image.shape[2], height=image.shape[1])

    def painting(self, name: str) -> _Painting:
        """A painting, its picture, and the seconds it took; drawn at most once."""
        if name not in self._paintings:
            started = time.perf_counter()
            image = painting(name, PAINTING_SIZE)
            seconds = time.perf_counter() - started
            alt = say("restyle.style", painting=say(f"about.{name}"))
            picture = self.picture(f"paintings/{name}.jpg", image, alt)
            self._paintings[name] = _Painting(image, picture, seconds)
        return self._paintings[name]


class Entry(NamedTuple):
    """One figure of the gallery."""

    name: Phrase
    make: Callable[[Gallery], Html]


class Section(NamedTuple):
    """A heading and what stands under it."""

    title: Phrase
    intro: Phrase
    entries: list[Entry]
    small: bool = False


def restylings() -> Section:
    """Sample photographs in the styles of the paintings."""
    entries = [Entry(_name(job), partial(_restyle, job)) for job in RESTYLINGS]
    return Section(say("restyle.title"), say("restyle.intro"), entries)


def paintings() -> Section:
    """The paintings that code draws."""
    entries = [Entry(say(f"painting.{name}"), partial(_hang, name)) for name in PAINTINGS]
    return Section(say("paintings.title"), say("paintings.intro"), entries, small=True)


SECTIONS: list[Callable[[], Section]] = [restylings, paintings]


def demo(out: Path = Path("demo")) -> Gallery:
    """Make the gallery: pictures and an `index.html` that shows them.

    Args:
        out: the folder; made if missing, and what an earlier run left there is replaced. A page
            that is not by olhar is left alone.

    Returns:
        What was made and what failed; `print` says where to look.

    Raises:
        OlharError: if the folder cannot be written to, or its `index.html` is not by olhar.
    """
    started = time.perf_counter()
    gallery = Gallery(Path(out))
    _refuse_foreign(gallery.index)
    sections = [section() for section in SECTIONS]
    total = sum(len(section.entries) for section in sections)
    figures: list[list[Html]] = [[] for _ in sections]
    _publish(gallery, sections, figures, total)
    with bar("gallery", total=total) as update:
        for section, shelf in zip(sections, figures, strict=True):
            for name, make in section.entries:
                shelf.append(_attempt(gallery, name, make))
                gallery.seconds = time.perf_counter() - started
                update(sum(map(len, figures)))
                _publish(gallery, sections, figures, total)
    return gallery


def _refuse_foreign(index: Path) -> None:
    """Replace no page that someone else has made."""
    if index.is_file() and look.GENERATOR not in index.read_text("utf-8", errors="replace"):
        raise OlharError(
            f"{shown(index)} was not made by olhar and is not replaced; choose another folder, "
            "or move it away"
        )


def _attempt(gallery: Gallery, name: Phrase, make: Callable[[Gallery], Html]) -> Html:
    """The figure, or in its place the reason why there is none."""
    try:
        figure = make(gallery)
    except OlharError as error:
        why = str(error)
    except Exception as error:  # a defect in one entry must not cost the others
        logging.getLogger(__name__).exception("%s", name.english)
        why = " ".join(f"{type(error).__name__}: {error}".split())
    else:
        gallery.made.append(name.english)
        return figure
    gallery.failed[name.english] = why
    return look.failure(name, why)


def _name(job: Restyling) -> Phrase:
    styles = listed([say(f"painting.{style}") for style in job.styles])
    return say("restyle.entry", photo=say(f"photo.{job.photo}"), styles=styles)


def _restyle(job: Restyling, gallery: Gallery) -> Html:
    photograph, step = photo(job.photo), None
    styles = [gallery.painting(name) for name in job.styles]
    name = _name(job)
    started = time.perf_counter()
    with bar(name.english, total=1) as update:
        for step in steps(photograph, [style.image for style in styles], job.settings):
            update(step.work)
    assert step is not None
    result = step.picture()
    seconds = time.perf_counter() - started
    height, width = result.shape[1:]
    alt = say("restyle.photo", photo=say(f"photo.{job.photo}"))
    before = gallery.picture(f"photos/{job.photo}.jpg", resize(photograph, (height, width)), alt)
    if job.photo not in gallery.photos:
        gallery.photos.append(job.photo)
    after = gallery.picture(f"restyle/{'-'.join((job.photo, *job.styles))}.jpg", result, name)
    return look.comparison(
        before,
        after,
        name,
        say("restyle.note", seconds=seconds, width=width, height=height),
        look.made_by_a_machine(),
        beside=[style.picture for style in styles],
    )


def _hang(name: str, gallery: Gallery) -> Html:
    drawn = gallery.painting(name)
    notes = say(f"about.{name}"), say("unit.seconds", seconds=drawn.seconds)
    return look.figure(drawn.picture, say(f"painting.{name}"), *notes)


def _publish(
    gallery: Gallery, sections: list[Section], figures: list[list[Html]], total: int
) -> None:
    """Write the page as far as it is."""
    done = sum(map(len, figures))
    state = (
        say("gallery.unfinished", done=done, total=total)
        if done < total
        else say(
            "machine.line",
            processor=processor(),
            threads=torch.get_num_threads(),
            torch=torch.__version__,
            seconds=gallery.seconds,
        )
    )
    body = [
        look.paragraph(say("gallery.intro"), "intro"),
        look.paragraph(state, "machine"),
        *(
            look.section(section.title, section.intro, shelf, small=section.small)
            for section, shelf in zip(sections, figures, strict=True)
            if shelf
        ),
    ]
    foot = [
        look.paragraph(say("gallery.yours")),
        look.code(
            "olhar samples -o samples\n"
            "olhar stylize photo.jpg --style samples/night.png -o picture.jpg"
        ),
    ]
    if gallery.photos:
        credits_ = zip(*(say(f"credit.{name}") for name in gallery.photos), strict=True)
        photos = Phrase(*("; ".join(said) for said in credits_))
        foot.append(look.paragraph(say("gallery.credits", photos=photos)))
    with atomic(gallery.index) as temporary:
        temporary.write_text(look.page(say("gallery.title"), body, foot), "utf-8")
