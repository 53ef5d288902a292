"""The gallery's section on colour: photographs turned grey, and one that never had colours.

Cost: about a second each.
"""

import time
from functools import partial

from olhar import hub
from olhar.colorize import colorize
from olhar.demo.gallery import Entry, Gallery, Section
from olhar.look import page as look
from olhar.look.messages import say
from olhar.look.page import Html
from olhar.media.color import linear_to_srgb, luminance
from olhar.media.image import resize
from olhar.samples import photo

COLORED = ("coffee", "rocket", "astronaut", "chelsea", "camera")
_WIDTH = 512


def colorizations() -> Section:
    """Sample photographs without their colours, and what olhar makes of that."""
    entries = [Entry(say("color.entry", photo=say(f"photo.{name}")), partial(_color, name))
               for name in COLORED]  # fmt: skip
    return Section(say("color.title"), say("color.intro"), entries)


def _color(name: str, gallery: Gallery) -> Html:
    image = photo(name)
    height = max(1, round(_WIDTH * image.shape[1] / image.shape[2]))
    light = luminance(resize(image, (height, _WIDTH)))  # (1, H, W)
    grey = linear_to_srgb(light.expand(3, -1, -1)).clamp(0, 1)
    started = time.perf_counter()
    colored = colorize(grey)
    seconds = time.perf_counter() - started
    what = say("color.entry", photo=say(f"photo.{name}"))
    return look.comparison(
        gallery.photograph(name, grey, kind="-grey"),
        gallery.picture(
            f"color/{name}.jpg", colored, what, mark=hub.mark("colorized", "colorizer")
        ),
        what,
        say("restyle.note", seconds=seconds, width=_WIDTH, height=height),
        look.made_by_a_machine(),
    )
