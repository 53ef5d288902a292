"""Pixels as a decoder leaves them, of any depth and kind, handed out in bands of upright rows.

Pillow keeps 8 bits of the 16 that a colour PNG or TIFF has, and clips 16-bit grey where it is asked
for 8. Here nothing is lost: grey is taken as it is; of colour Pillow keeps the upper byte of every
value, so the file is decoded a second time with the byte order turned round, which yields the lower
one. That costs a second decoding and no second decoder. Colour as floating point, which Pillow does
not know, is OpenCV's. Bands keep the memory at the decoded picture plus the result.
"""

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile
from PIL.TiffImagePlugin import ImageFileDirectory_v2, TiffImageFile

from olhar.media import metadata
from olhar.media.foreign import Refused

Block = NDArray[Any]
Rows = Callable[[int, int], Block]
Again = Callable[[], ImageFile.ImageFile]

# TIFF tags, and one value of the last.
_WIDTH, _HEIGHT, _BITS, _INK, _PLANES, _SAMPLE_FORMAT = 256, 257, 258, 262, 284, 339
_FLOAT = 3

_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True, kw_only=True)
class Samples:
    """A decoded picture that hands out its rows."""

    size: tuple[int, int]
    """Width and height, upright."""
    rows: Rows
    """(first, end) to (h, W, C): one or three colour channels, then alpha if there is one."""
    top: float
    """The value of white and of opaque; integers run from 0 to it."""
    grey: bool = False
    alpha: bool = False
    premultiplied: bool = False
    """Whether the colours are multiplied by alpha."""
    bits: int = 16
    note: str | None = None


def eight(image: Image.Image, orientation: int) -> Samples:
    """Samples of a picture of mode L, LA, RGB or RGBA with an EXIF orientation from 1 to 8."""
    grey, alpha = image.mode in {"L", "LA"}, image.mode in {"LA", "RGBA"}
    size, rows = _upright(image, orientation)
    return Samples(size=size, rows=rows, top=255, grey=grey, alpha=alpha, bits=8)


def deep(image: ImageFile.ImageFile, again: Again) -> Samples | None:
    """Samples of a picture with more than 8 bits per channel, or a white that is not 255.

    Args:
        image: opened, not yet loaded.
        again: opens the same file once more.

    Returns:
        None for all others, and where Pillow gets at no more than the upper 8 bits.

    Raises:
        Refused: its values are laid out as no decoder here reads them.
    """
    tags = image.tag_v2 if isinstance(image, TiffImageFile) else None
    bits: set[int] = set(tags.get(_BITS, ())) if tags else {16}
    if image.tile and image.tile[0].codec_name == "ppm":
        return _ppm(image)
    if image.mode in {"I;16", "I;16B", "I;16L"}:
        return _grey16(image, (1 << max(bits)) - 1, tags is not None and tags.get(_INK) == 0)
    if image.mode == "I" and tags is None:  # PGM
        size, rows = _upright(image)
        return Samples(size=size, rows=rows, top=65535, grey=True)
    if image.mode in {"I", "F"}:
        values = np.asarray(image)
        if tags and bits == {32} and tags.get(_SAMPLE_FORMAT, (1,)) == (1,):
            values = values.view(np.uint32)
        return _spread(values[..., None])
    if image.mode not in {"RGB", "RGBA"} or not image.tile or bits != {16}:
        return None
    if isinstance(image, TiffImageFile):
        return _tiff16(image, again)
    raw: Any = image.tile[0].args
    if raw in {"RGB;16B", "RGBA;16B"}:
        return _color16(image, again, "B", "L")
    if raw == "LA;16B":
        return _grey_alpha16(image)
    return None


def float_tiff(file: BinaryIO, check: Callable[[int, int], None]) -> Samples | None:
    """Samples of a TIFF with floating-point colour.

    Args:
        file: any file, open for reading.
        check: takes width and height before anything is decoded, and may raise.

    Returns:
        None if it is no such TIFF. Metadata and profile are left aside.
    """
    file.seek(0)
    head = file.read(16)
    try:
        tags = ImageFileDirectory_v2(head if 43 in head[2:4] else head[:8])
        file.seek(tags.next)
        tags.load(file)
        size, kind = (tags[_WIDTH], tags[_HEIGHT]), tags[_SAMPLE_FORMAT][0]
    except metadata.BROKEN:
        return None
    check(*size)
    if kind != _FLOAT or tags.get(_PLANES, 1) != 1:
        return None
    import cv2

    file.seek(0)
    try:
        values: Block | None = cv2.imdecode(np.frombuffer(file.read(), np.uint8), -1)
    except cv2.error:
        return None
    if values is None or values.dtype.kind != "f":
        return None
    if values.ndim == 2:
        return _spread(values[..., None])
    return _spread(values[..., [2, 1, 0, 3][: values.shape[2]]])  # from BGR or BGRA


def _upright(image: Image.Image, orientation: int = 1) -> tuple[tuple[int, int], Rows]:
    # A band is cut out and then turned, which needs no second picture.
    width, height = image.size
    turned, from_end = orientation >= 5, orientation in {3, 4, 7, 8}
    length = width if turned else height

    def rows(first: int, end: int) -> Block:
        if from_end:
            first, end = length - end, length - first
        box = (first, 0, end, height) if turned else (0, first, width, end)
        band = image.crop(box)
        if orientation in _UPRIGHT:
            band = band.transpose(_UPRIGHT[orientation])
        values = np.asarray(band)
        return values if values.ndim == 3 else values[..., None]

    return ((height, width) if turned else (width, height)), rows


def _grey16(image: Image.Image, top: int, negative: bool) -> Samples:
    key = image.info.get("transparency")  # the one value that is transparent
    size, values = _upright(image, metadata.orientation(image))

    def rows(first: int, end: int) -> Block:
        band = values(first, end).astype(np.uint16)  # Pillow hands out either byte order
        if isinstance(key, int):
            return np.concatenate([band, np.where(band == key, 0, top).astype(np.uint16)], axis=2)
        return top - band if negative else band

    return Samples(size=size, rows=rows, top=top, grey=True, alpha=isinstance(key, int))


def _grey_alpha16(image: ImageFile.ImageFile) -> Samples:
    image.tile = [tile._replace(args="RGBA") for tile in image.tile]  # two bytes and two bytes
    size, four = _upright(image, metadata.orientation(image))

    def rows(first: int, end: int) -> Block:
        return np.ascontiguousarray(four(first, end)).view(">u2").astype(np.uint16)

    return Samples(size=size, rows=rows, top=65535, grey=True, alpha=True)


def _color16(image: ImageFile.ImageFile, again: Again, order: str, reverse: str) -> Samples:
    key = image.info.get("transparency")  # the one colour that is transparent
    premultiplied = "RGBa" in str(image.tile[0].args)
    _keep_upper(image, order)
    orientation = metadata.orientation(image)
    size, upper = _upright(image, orientation)
    _, lower = _upright(_keep_upper(again(), reverse), orientation)

    def rows(first: int, end: int) -> Block:
        band = upper(first, end).astype(np.uint16) << 8 | lower(first, end)
        if key is None:
            return band
        opaque = np.where((band == key).all(axis=2, keepdims=True), 0, 65535)
        return np.concatenate([band, opaque.astype(np.uint16)], axis=2)

    alpha = image.mode == "RGBA" or key is not None
    return Samples(size=size, rows=rows, top=65535, alpha=alpha, premultiplied=premultiplied)


def _keep_upper(image: ImageFile.ImageFile, order: str) -> ImageFile.ImageFile:
    # Pillow keeps the upper byte of every value; which one that is depends on the byte order.
    tiles: list[Any] = []
    for tile in image.tile:
        args: Any = tile.args
        kind = args if isinstance(args, str) else args[0]
        raw = f"{kind.partition(';')[0].upper()};16{order}"
        tiles.append(tile._replace(args=raw if isinstance(args, str) else (raw, *args[1:])))
    image.tile = tiles
    image.load()
    return image


def _tiff16(image: TiffImageFile, again: Again) -> Samples | None:
    library, planes = image.tile[0].codec_name == "libtiff", image.tag_v2.get(_PLANES, 1) != 1
    if planes and library:
        return None
    if planes and image.mode == "RGBA":  # Pillow would take it for 8 bits
        raise Refused(
            "stores its 16-bit channels one after the other, which is not read with transparency; "
            "save it with interleaved channels"
        )
    order = "N" if library else "L" if image.tag_v2.prefix == b"II" else "B"
    little = order == "L" or (order == "N" and sys.byteorder == "little")
    return _color16(image, again, order, "B" if little else "L")


def _ppm(image: ImageFile.ImageFile) -> Samples:
    """PGM and PPM with any other maximum than 255, which Pillow would read value by value."""
    raw: Any = image.tile[0].args
    top: int = raw[1]
    width, height = image.size
    shape = (height, width, 3 if image.mode == "RGB" else 1)
    kind = np.dtype(">u2" if top > 255 else "u1")
    assert image.fp is not None
    image.fp.seek(image.tile[0].offset)
    data = image.fp.read(math.prod(shape) * kind.itemsize)
    if len(data) < math.prod(shape) * kind.itemsize:
        raise OSError("image file is truncated")
    values = np.frombuffer(data, kind).reshape(shape)

    def rows(first: int, end: int) -> Block:
        return np.minimum(values[first:end], top).astype(np.uint16)

    bits = 16 if top > 255 else 8
    return Samples(size=image.size, rows=rows, top=top, grey=shape[2] == 1, bits=bits)


def _spread(values: Block) -> Samples:
    """Values with no known white: kept if within 0 to 1, else from the darkest to the brightest."""
    height, width, channels = values.shape
    colors = values[..., :3]
    finite = np.isfinite(colors)
    if values.dtype.kind == "f":
        low = float(np.min(colors, where=finite, initial=np.inf))
        high = float(np.max(colors, where=finite, initial=-np.inf))
    else:
        low, high = float(colors.min()), float(colors.max())
    notes: list[str] = []
    if values.dtype.kind == "f" and (low > high or 0 <= low <= high <= 1):
        low, high = 0.0, 1.0
    else:
        notes.append(f"values from {low:g} to {high:g} were spread from black to white")
    if not finite.all():
        notes.append("values that are no numbers became black or white")

    def rows(first: int, end: int) -> Block:
        band = values[first:end].astype(np.float64)
        band[..., :3] = (band[..., :3] - low) / ((high - low) or 1.0)
        return np.nan_to_num(band).clip(0, 1).astype(np.float32)

    return Samples(
        size=(width, height),
        rows=rows,
        top=1,
        grey=channels == 1,
        alpha=channels == 4,
        note="; ".join(notes) or None,
    )
