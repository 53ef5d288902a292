"""Opening picture files: what is there, whether it may be read, and what to say if not."""

import importlib
import logging
import os
import threading
import warnings
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from PIL import Image, ImageFile, PngImagePlugin, UnidentifiedImageError
from PIL.TiffImagePlugin import TiffImageFile

from olhar.errors import OlharError
from olhar.media import metadata
from olhar.media.decode import decode, to_picture
from olhar.media.depth import float_tiff
from olhar.media.files import opened, reason, shown
from olhar.media.foreign import RAW_SUFFIXES, Refused, camera_raw, describe
from olhar.media.picture import Picture

MAX_PIXELS = 100_000_000
"""How many pixels a picture may have, unless the caller allows more."""

READABLE = frozenset(
    {".apng", ".avif", ".bmp", ".dib", ".gif", ".heic", ".heif", ".hif", ".j2k", ".jfif", ".jp2"}
    | {".jpe", ".jpeg", ".jpf", ".jpg", ".jpx", ".mpo", ".pbm", ".pgm", ".png", ".pnm", ".ppm"}
    | {".tif", ".tiff", ".webp"}
)
"""Suffixes of pictures, for who looks through a folder; `read` itself goes by the content."""

_FORMATS = ("JPEG", "MPO", "PNG", "WEBP", "TIFF", "AVIF", "GIF", "BMP", "DIB", "PPM", "JPEG2000")
_HEIF = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"}
_AVIF = {b"avif", b"avis"}

_SCANS = 200  # of all pictures in a JPEG; a progressive one has some ten

# What decoders raise on broken bytes. Not Exception: a defect of ours keeps its traceback.
_BROKEN = (OSError, EOFError, MemoryError, RuntimeError, *metadata.BROKEN)

logging.getLogger("PIL").addHandler(logging.NullHandler())  # or its errors would go to stderr


def read(path: str | os.PathLike[str], *, max_pixels: int = MAX_PIXELS) -> Picture:
    """Read a picture: upright, in sRGB, at its full depth, with what its file knew beside it.

    JPEG, PNG, WebP, TIFF, AVIF, GIF, BMP, PPM, JPEG 2000 and, with the extra `heic`, HEIC; the
    content decides, not the suffix.

    - Of several frames or pages the first is taken, with a note.
    - The EXIF orientation is applied, once.
    - A colour profile is converted to sRGB, relative colorimetric; a broken one is left aside with
      a note. CMYK without a profile is taken for ideal inks.
    - 16-bit values are divided by 65535. Floating-point values that all lie within 0 to 1 are taken
      as they are; others, and 32-bit integers, are spread from the darkest to the brightest, with a
      note.
    - What is transparent lies over white, so that hidden colours stay hidden; `alpha` is kept
      beside it, and `write` parts the two again.

    Args:
        path: the file.
        max_pixels: pictures with more pixels are refused before anything is decoded.

    Returns:
        The picture; its `image` is (3, H, W) float32 in [0, 1].

    Raises:
        OlharError: the file is missing, damaged, too large or no picture, in one sentence.
    """
    name = shown(path)
    with opened(path) as file, _pillow:
        try:
            return _read(file, Path(path).suffix.lower(), max_pixels)
        except Refused as refusal:
            raise OlharError(f"{name} {refusal}") from None
        except _BROKEN as error:
            if isinstance(error, MemoryError) or "allocate" in str(error):
                raise OlharError(
                    f"{name} needs more memory than there is; make the picture smaller first"
                ) from error
            why = f" ({reason(error)})" if " " in reason(error) else ""  # a KeyError says little
            raise OlharError(
                f"{name} is damaged or cut short{why}; get it again from where it came from"
            ) from error


def _read(file: BinaryIO, suffix: str, max_pixels: int) -> Picture:
    def check(width: int, height: int) -> None:
        if min(width, height) < 1:
            raise Refused(f"has no pixels ({width} x {height}); get it again where it came from")
        if width * height > max_pixels:
            raise Refused(
                f"has {width} x {height} pixels, more than the {max_pixels} that are allowed; "
                f"make it smaller, or, where a command takes it, give --max-pixels {width * height}"
            )

    try:
        image = _open(file)
    except UnidentifiedImageError:
        file.seek(0)
        head = file.read(4096)
        with _silence:
            samples = float_tiff(file, check)
        if samples is None:
            raise Refused(describe(head)) from None
        return to_picture(samples)
    check(*image.size)
    if image.format in {"JPEG", "MPO"} and scanned_too_often(file):
        raise Refused(
            f"is painted over more than {_SCANS} times, which takes very long to decode; do not "
            "use it"
        )
    if isinstance(image, TiffImageFile) and _is_raw(image, suffix):
        raise camera_raw()
    note = _first_of_many(image)
    with _silence if image.format == "TIFF" else nullcontext():
        picture = decode(image, lambda: _open(file))
    return replace(picture, notes=(note, *picture.notes)) if note else picture


def scanned_too_often(file: BinaryIO) -> bool:
    """Whether a JPEG has many more scans than any needs, each of which may take a second.

    The file stays where it is. In scans the bytes of a marker cannot stand for anything else.
    """
    place = file.tell()
    file.seek(0)
    count = file.read().count(b"\xff\xda")
    file.seek(place)
    return count > _SCANS


def _open(file: BinaryIO) -> ImageFile.ImageFile:
    file.seek(0)
    head = file.read(64)
    ftyp = head[4:8] == b"ftyp"
    brands = {head[n : n + 4] for n in range(8, head[3], 4)} if ftyp else set[bytes]()
    Image.init()  # all formats
    formats = tuple(kind for kind in _FORMATS if kind in Image.OPEN)
    if brands & _HEIF and not brands & _AVIF:
        try:
            importlib.import_module("pillow_heif").register_heif_opener()
        except ImportError:
            raise Refused(
                "is a HEIC picture, which needs one more package: pip install pillow-heif"
            ) from None
        formats = ("HEIF",)
    file.seek(0)
    return Image.open(file, formats=formats)


def _is_raw(image: TiffImageFile, suffix: str) -> bool:
    preview = image.tag_v2.get(254) == 1 and 330 in image.tag_v2  # the rest lies in sub-files
    return preview or suffix in RAW_SUFFIXES or 50706 in image.tag_v2  # a DNG names its version


def _first_of_many(image: Image.Image) -> str | None:
    if image.format not in {"GIF", "PNG", "WEBP", "AVIF", "TIFF", "HEIF"}:
        return None  # in a JPEG (MPO) what follows are depth maps, or what the other eye saw
    try:
        count: int = getattr(image, "n_frames", 1)
    except _BROKEN:  # of a later frame; the first may be whole
        return None
    if count < 2:
        return None
    if image.format == "TIFF":
        return f"{count} pages: the first was used"
    if image.format == "HEIF":
        return f"{count} pictures in one file: the main one was used"
    return f"animated: the first of {count} frames was used"


class _Shared:
    """A global setting while anyone needs it: made by the first who comes, undone by the last.

    If every thread saved and restored it, one would in the end restore what another had set.
    """

    def __init__(self, setting: Callable[[], AbstractContextManager[None]]) -> None:
        self._setting = setting
        self._lock = threading.Lock()
        self._users = 0
        self._undo = ExitStack()

    def __enter__(self) -> None:
        with self._lock:
            if self._users == 0:
                self._undo.enter_context(self._setting())
            self._users += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._users -= 1
            if self._users == 0:
                self._undo.close()


@contextmanager
def _pillow_settings() -> Generator[None]:
    """Pillow's limits are ours (a profile may well have a megabyte), its warnings are silent."""
    limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
    text, PngImagePlugin.MAX_TEXT_CHUNK = PngImagePlugin.MAX_TEXT_CHUNK, 1 << 24
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        finally:
            Image.MAX_IMAGE_PIXELS, PngImagePlugin.MAX_TEXT_CHUNK = limit, text


@contextmanager
def _no_stderr() -> Generator[None]:
    """Nothing reaches stderr, where libtiff would say what an `OlharError` says better."""
    try:
        saved = os.dup(2)
    except OSError:  # there is no stderr
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(nowhere)


_pillow, _silence = _Shared(_pillow_settings), _Shared(_no_stderr)
