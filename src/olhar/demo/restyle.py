"""The gallery's sections on style: restyled photographs, and the paintings they are after.

Cost: a second for each painting and what `olhar.stylize` costs for each restyling.
"""

import time
from functools import partial
from typing import NamedTuple

from olhar import hub
from olhar.demo.gallery import Entry, Gallery, Section
from olhar.look import page as look
from olhar.look.messages import Phrase, listed, say
from olhar.look.page import Html
from olhar.media.image import resize
from olhar.media.progress import bar
from olhar.samples import PAINTINGS, photo
from olhar.stylize import Stylize, steps
from olhar.stylize.learned import restyle


class Restyling(NamedTuple):
    """One photograph after one painting, or several; at once if the style comes learned."""

    photo: str
    styles: tuple[str, ...]
    settings: Stylize
    learned: bool = False


RESTYLINGS = (
    Restyling("rocket", ("night",), Stylize(size=384, iterations=16)),
    Restyling("chelsea", ("glass",), Stylize(size=384, iterations=16)),
    Restyling("coffee", ("mosaic",), Stylize(size=384, iterations=16)),
    Restyling("chelsea", ("points",), Stylize(size=384, iterations=16)),
    Restyling("coffee", ("wave",), Stylize(size=384, iterations=16)),
    Restyling("astronaut", ("ink",), Stylize(size=320, iterations=16)),
    Restyling("coffee", ("night",), Stylize(size=384), learned=True),
)


def restylings() -> Section:
    """Sample photographs in the styles of the paintings."""
    entries = [Entry(_name(job), partial(_restyle, job)) for job in RESTYLINGS]
    return Section(say("restyle.title"), say("restyle.intro"), entries)


def paintings() -> Section:
    """The paintings that code draws."""
    entries = [Entry(say(f"painting.{name}"), partial(_hang, name)) for name in PAINTINGS]
    return Section(say("paintings.title"), say("paintings.intro"), entries, small=True)


def _name(job: Restyling) -> Phrase:
    styles = listed([say(f"painting.{style}") for style in job.styles])
    return say("restyle.entry", photo=say(f"photo.{job.photo}"), styles=styles)


def _restyle(job: Restyling, gallery: Gallery) -> Html:
    photograph, step = photo(job.photo), None
    styles = [gallery.painting(name) for name in job.styles]
    name = _name(job)
    started = time.perf_counter()
    if job.learned:
        result = restyle(photograph, job.styles[0], job.settings)
    else:
        with bar(name.english, total=1) as update:
            for step in steps(photograph, [style.image for style in styles], job.settings):
                update(step.work)
        assert step is not None
        result = step.picture()
    seconds = time.perf_counter() - started
    height, width = result.shape[1:]
    before = gallery.photograph(job.photo, resize(photograph, (height, width)))
    file = f"restyle/{'-'.join((job.photo, *job.styles))}.jpg"
    after = gallery.picture(
        file, result, name, mark=hub.mark("restyled", job.styles[0] if job.learned else "vgg16")
    )
    return look.comparison(
        before,
        after,
        name,
        say(
            "restyle.once" if job.learned else "restyle.note",
            seconds=seconds,
            width=width,
            height=height,
        ),
        look.made_by_a_machine(),
        beside=[style.picture for style in styles],
    )


def _hang(name: str, gallery: Gallery) -> Html:
    drawn = gallery.painting(name)
    notes = say(f"about.{name}"), say("unit.seconds", seconds=drawn.seconds)
    return look.figure(drawn.picture, say(f"painting.{name}"), *notes)
