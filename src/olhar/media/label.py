"""The label that people see: an amber pill that says "made by a machine".

Drawn on the image itself, so it survives where signatures do not (a screenshot, a print). Ink on
amber has a contrast of 7.6 to 1, and a rim of ink and one of paper keep the pill apart from any
ground. Its size follows the picture: a 24th of the shorter side, but never letters too small to
read; where the words do not fit, "AI" stands for them, in letters of five pixels if need be.

When it may be absent (EU AI Act, Article 50(4)): see `needed`.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont

from olhar.errors import OlharError

if TYPE_CHECKING:
    from torch import Tensor

    from olhar.media.consent import Consent
    from olhar.media.mark import Deed

Place: TypeAlias = Literal["bottom right", "bottom left", "top right", "top left"]
"""The corner."""
PLACES: tuple[Place, ...] = get_args(Place)

WORDS = {"en": ("made by a machine", "AI"), "pt-BR": ("feito por IA", "IA")}
"""Language to what the label says, and what it says where there is no room; no letter of them has
an accent, since the letters that come with Pillow have none."""

_AMBER, _INK, _PAPER = "#E0A100", "#1E1B18", "#FAF8F4"
_SHARE = 24  # of the shorter side: the height of the letters
_LEAST = 10  # pixels: letters smaller than that are not read
_WIDEST = 0.8  # of the width that the words may take
_FINER = 4  # drawn so much larger, then averaged
_TINY = {
    "A": ("010", "101", "111", "101", "101"),
    "I": ("111", "010", "010", "010", "111"),
}


def needed(deed: Deed, consent: Consent | None = None) -> bool:
    """Whether a picture has to carry the label.

    It does if it shows somebody doing or being what they did not or were not, and could be taken
    for true: a swapped face. It may be absent there only if the consent says that the work is
    evidently artistic, satirical or fictional, and why. What olhar does otherwise shows nobody
    anew, so the signed mark is enough.

    >>> needed("swapped"), needed("colorized")
    (True, False)
    """
    return deed == "swapped" and not (consent is not None and consent.artistic)


def label(
    image: Tensor, *, place: Place = "bottom right", language: Literal["en", "pt-BR"] = "en"
) -> Tensor:
    """Draw the label on an image.

    Args:
        image: (3, H, W) float in [0, 1], at least 16 pixels a side.
        place: the corner.
        language: of the words.

    Returns:
        A new image of the same shape; outside the pill nothing changes.

    Raises:
        OlharError: if the image is smaller, or there is no such place.
    """
    return label_(image.clone(), place=place, language=language)


def label_(
    image: Tensor, *, place: Place = "bottom right", language: Literal["en", "pt-BR"] = "en"
) -> Tensor:
    """The same on the image itself, which is returned."""
    height, width = image.shape[-2:]
    if image.ndim != 3 or image.shape[0] != 3 or min(height, width) < 16:
        raise OlharError(
            f"an image of shape {tuple(image.shape)} has no room for a label; "
            "it must be (3, H, W), with at least 16 pixels a side"
        )
    if place not in PLACES:
        raise OlharError(f"there is no place {place!r} for a label; take one of {PLACES}")
    pixels, cover = _fitting(height, width, language)
    h, w = cover.shape
    gap = min(max(1, min(height, width) // 40), height - h, width - w)
    y = gap if place.startswith("top") else height - h - gap
    x = gap if place.endswith("left") else width - w - gap
    part = image[:, y : y + h, x : x + w]
    drawn = torch.from_numpy(pixels).to(image).permute(2, 0, 1)  # (3, h, w)
    part.copy_(torch.lerp(part, drawn, torch.from_numpy(cover).to(image)))
    return image


@cache
def _fitting(height: int, width: int, language: str) -> tuple[np.ndarray, np.ndarray]:
    """The pill as (h, w, 3) and how much it covers, (h, w), both in [0, 1]."""
    size = max(_LEAST, round(min(height, width) / _SHARE))
    long, short = WORDS[language]
    for words in (long, short):
        pill = _pill(words, size)
        if pill.width <= _WIDEST * width and pill.height <= height / 2:
            break
    else:
        pill = _tiny(short)
    values = np.asarray(pill, np.float32) / 255
    return np.ascontiguousarray(values[..., :3]), np.ascontiguousarray(values[..., 3])


def _pill(words: str, size: int) -> Image.Image:
    """Letters of a height in an amber pill with two rims, RGBA."""
    big = size * _FINER
    font = ImageFont.load_default(big * 1.3)  # whose capitals are 0.75 of its size
    left, top, right, bottom = font.getbbox(words)
    side, above, rim = 0.7 * big, 0.45 * big, max(_FINER, big // 10)
    width = round(right - left + 2 * (side + rim) + 2 * rim)
    height = round(1.3 * big + 2 * above)
    width += -width % _FINER
    height += -height % _FINER
    canvas = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    pen = ImageDraw.Draw(canvas)
    for inset, color in ((0, _PAPER), (rim, _INK), (2 * rim, _AMBER)):
        box = (inset, inset, width - 1 - inset, height - 1 - inset)
        pen.rounded_rectangle(box, (height - 2 * inset) / 2, color)
    middle = (width - right - left) / 2, (height - bottom - top) / 2
    pen.text(middle, words, _INK, font)
    return canvas.reduce(_FINER)


def _tiny(word: str) -> Image.Image:
    """Two letters of 3 x 5 pixels on amber, 11 x 9 with its rim."""
    canvas = Image.new("RGBA", (4 * len(word) + 3, 9), _INK)
    pen = ImageDraw.Draw(canvas)
    pen.rectangle((1, 1, canvas.width - 2, 7), _AMBER)
    for n, letter in enumerate(word):
        for y, row in enumerate(_TINY[letter]):
            for x, dot in enumerate(row):
                if dot == "1":
                    pen.point((2 + 4 * n + x, 2 + y), _INK)
    return canvas
