"""From a picture file to a square of 8-bit pixels, all that a network of that size will ever see.

JPEGs are decoded straight to a fraction of their size (Loeffler, Ligtenberg and Moschytz's DCT,
scaled, as libjpeg does it): the smallest that still has twice the pixels wanted, so the filter that
follows has something to average. Everything else is read like any picture of olhar's, in full.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

import numpy as np
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

from olhar.errors import OlharError
from olhar.media import icc, image, image_read, metadata
from olhar.media.depth import eight

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray
    from torch import Tensor

    from olhar.hub import Card

Fit: TypeAlias = Literal["crop", "pad", "stretch"]
"""How a picture becomes a square: its middle; all of it between grey bars; all of it, distorted."""

GREY = 128
"""The level of what `pad` adds."""
_LARGE = 4_000_000  # bytes
_one_at_a_time = threading.Lock()  # for large files that are no JPEGs: each may take gigabytes


def fit_of(card: Card) -> Fit:
    """What becomes of pictures that are no squares, as a model's card says it.

    Raises:
        OlharError: if it says what this olhar does not know.
    """
    fit = card.preprocessing.get("fit", "crop")
    if fit not in get_args(Fit):
        raise OlharError(f"{card.name} wants pictures to {fit!r}, which this olhar does not know")
    return fit


def square(path: Path, size: int, fit: Fit) -> NDArray[np.uint8]:
    """A picture as a square: upright, sRGB, resized with antialiasing (bicubic).

    Args:
        path: the file.
        size: side of the square, in pixels.
        fit: what happens to pictures that are no squares.

    Returns:
        (size, size, 3).

    Raises:
        OlharError: the file is missing, damaged or no picture, in one sentence.
    """
    found = _jpeg(path, size, fit)
    if found is None:
        if path.is_file() and path.stat().st_size > _LARGE:
            with _one_at_a_time:
                found = squared(image.read(path).image, size, fit)
        else:
            found = squared(image.read(path).image, size, fit)
    return found


def squared(picture: Tensor, size: int, fit: Fit) -> NDArray[np.uint8]:
    """An image as a square, by the same filter.

    Args:
        picture: (3, H, W) in [0, 1].
        size: side of the square, in pixels.
        fit: what happens to images that are no squares.

    Returns:
        (size, size, 3).
    """
    levels = picture.detach().cpu().float().clamp(0, 1).mul(255).round().byte()  # (3, H, W)
    whole = Image.fromarray(np.ascontiguousarray(levels.permute(1, 2, 0).numpy()))
    return np.asarray(_fitted(whole, whole.size, size, fit))


def _jpeg(path: Path, size: int, fit: Fit) -> NDArray[np.uint8] | None:
    """The fast path; None for all that is not an ordinary, whole JPEG."""
    if not path.is_file():  # opening a pipe would wait for ever
        return None
    try:
        with path.open("rb") as file:
            if file.read(2) != b"\xff\xd8":
                return None
            file.seek(0)
            picture = JpegImageFile(file)  # not Image.open, which warns of large pictures
            width, height = picture.size
            if picture.mode not in {"L", "RGB"} or width * height > image.MAX_PIXELS:
                return None
            if image_read.scanned_too_often(file):
                return None
            drafted = picture.draft(picture.mode, (2 * size, 2 * size))
            extent = drafted[1][2:] if drafted else picture.size
            orientation = metadata.orientation(picture)
            profile: bytes | None = picture.info.get("icc_profile")
            small = _fitted(picture, (extent[0], extent[1]), size, fit)
            if profile:
                small = icc.to_srgb(small, profile)
    except (*metadata.BROKEN, *icc.BROKEN):
        return None  # `image.read` knows what to say, or what to make of it
    pixels = eight(small.convert("RGB"), orientation).rows(0, size)  # (size, size, 3)
    return np.ascontiguousarray(pixels, np.uint8)


def _fitted(picture: Image.Image, extent: tuple[float, float], size: int, fit: Fit) -> Image.Image:
    """Resize the first `extent` (width, height) of a picture to a square."""
    width, height = extent
    if fit == "pad":
        scale = size / max(extent)
        to = max(1, round(width * scale)), max(1, round(height * scale))
        inner = picture.resize(to, Image.Resampling.BICUBIC, (0, 0, width, height))
        padded = Image.new(picture.mode, (size, size), (GREY,) * len(picture.getbands()))
        padded.paste(inner, ((size - to[0]) // 2, (size - to[1]) // 2))
        return padded
    side = min(extent)
    left, top = ((width - side) / 2, (height - side) / 2) if fit == "crop" else (0, 0)
    box = (left, top, width - left, height - top)
    return picture.resize((size, size), Image.Resampling.BICUBIC, box)
