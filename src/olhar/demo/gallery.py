"""The gallery that is being filled: its pictures, its page, and what could not be made."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

from olhar.errors import OlharError
from olhar.look import page as look
from olhar.look.machine import processor
from olhar.look.messages import Phrase, say
from olhar.look.page import Html, Picture
from olhar.media.files import atomic, shown
from olhar.media.image import write
from olhar.media.mark import Mark
from olhar.media.provenance import NotSigned
from olhar.samples import painting

PAINTING_SIZE = 512


class Painting(NamedTuple):
    """A drawn painting."""

    image: Tensor
    picture: Picture
    seconds: float
    """That drawing it took."""


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
    _paintings: dict[str, Painting] = field(default_factory=dict[str, Painting], repr=False)

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

    def picture(self, name: str, image: Tensor, alt: Phrase, *, mark: Mark | None) -> Picture:
        """Write an image (3, H, W) under a name such as "restyle/cat.jpg"."""
        try:
            write(self.folder / name, image, mark=mark)
        except NotSigned as error:  # the page shows it all the same
            self.failed[f"{alt.english}, the signature"] = str(error)
        return Picture(name, alt, width=image.shape[2], height=image.shape[1])

    def photograph(self, name: str, image: Tensor, *, kind: str = "") -> Picture:
        """A sample photograph as it is shown, which is credited at the end of the page."""
        if name not in self.photos:
            self.photos.append(name)
        alt = say("restyle.photo", photo=say(f"photo.{name}"))
        return self.picture(f"photos/{name}{kind}.jpg", image, alt, mark=None)

    def painting(self, name: str) -> Painting:
        """A painting, drawn at most once."""
        if name not in self._paintings:
            started = time.perf_counter()
            image = painting(name, PAINTING_SIZE)
            seconds = time.perf_counter() - started
            alt = say("restyle.style", painting=say(f"about.{name}"))
            picture = self.picture(f"paintings/{name}.jpg", image, alt, mark=None)
            self._paintings[name] = Painting(image, picture, seconds)
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


def refuse_foreign(index: Path) -> None:
    """Replace no page that someone else has made."""
    if index.is_file() and look.GENERATOR not in index.read_text("utf-8", errors="replace"):
        raise OlharError(
            f"{shown(index)} was not made by olhar and is not replaced; choose another folder, "
            "or move it away"
        )


def attempt(gallery: Gallery, name: Phrase, make: Callable[[Gallery], Html]) -> Html:
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


def publish(
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
            "olhar stylize photo.jpg --style samples/night.png -o picture.jpg\n"
            "olhar colorize old.jpg -o coloured.jpg"
        ),
    ]
    if gallery.photos:
        credits_ = zip(*(say(f"credit.{name}") for name in gallery.photos), strict=True)
        photos = Phrase(*("; ".join(said) for said in credits_))
        foot.append(look.paragraph(say("gallery.credits", photos=photos)))
    with atomic(gallery.index) as temporary:
        temporary.write_text(look.page(say("gallery.title"), body, foot), "utf-8")
