"""What a file knows beside its pixels (EXIF, XMP, resolution), as far as it stays true."""

import contextlib
import math
import re
import struct
from typing import Any, BinaryIO

from PIL import ExifTags, Image
from PIL.TiffImagePlugin import TiffImageFile

from olhar.media import exif

Info = dict[str | tuple[int, int], Any]
"""What Pillow says about an opened picture."""

BROKEN = (OSError, SyntaxError, ValueError, TypeError, LookupError, ArithmeticError, struct.error)
"""What Pillow raises on broken metadata."""


def orientation(image: Image.Image) -> int:
    """The EXIF orientation of a picture, 1 to 8; 1 if there is none or it makes no sense.

    Args:
        image: is loaded, since in a PNG the EXIF data may come after the pixels. Of a TIFF the
            answer is 1, since Pillow turns it on loading.
    """
    value: Any = None
    if image.format != "PPM":  # which has no metadata, and may be slow to load
        image.load()
    if not isinstance(image, TiffImageFile):
        with contextlib.suppress(*BROKEN):
            value = image.getexif().get(ExifTags.Base.Orientation)
    return value if value in range(1, 9) else 1


def cleaned_exif(info: Info, tiff: BinaryIO | None) -> bytes | None:
    r"""EXIF without what is no longer true of an upright sRGB picture.

    Args:
        info: what Pillow says about the picture.
        tiff: the file, if it is a TIFF, where EXIF is the file's own directory.

    Returns:
        The bytes, beginning with `Exif\0\0`; None if there is nothing to say.
    """
    found = exif.parse(tiff or info.get("exif") or _hexadecimal(info))
    found.clean()
    return exif.PREFIX + found.tobytes() if found else None


def _hexadecimal(info: Info) -> bytes:
    """EXIF as ImageMagick put it into a PNG before PNG had a place for it."""
    text = info.get("Raw profile type exif")
    with contextlib.suppress(ValueError):
        return bytes.fromhex("".join(text.split("\n")[3:])) if isinstance(text, str) else b""
    return b""


def cleaned_xmp(info: Info) -> bytes | None:
    """The XMP packet without thumbnails, with upright orientation and sRGB; None without one."""
    packet = info.get("xmp")
    if isinstance(packet, str):
        packet = packet.encode()
    if not isinstance(packet, bytes) or not packet.strip(b"\0 \n"):
        return None
    packet = re.sub(
        rb"""((?:tiff:Orientation|exif:ColorSpace)(?:=["']|>))\d+""", rb"\g<1>1", packet
    )
    for name in (b"xmp:Thumbnails", b"xap:Thumbnails"):
        head, end, rest = packet.rpartition(b"</" + name + b">")  # or a search for it has no end
        packet = re.sub(b"<" + name + rb"\b.*?</" + name + b">", b"", head + end, flags=re.DOTALL)
        packet += rest
    return packet


def resolution(info: Info) -> tuple[float, float] | None:
    """Dots per inch across and down, if the file names any that make sense."""
    try:
        across, down = (float(value) for value in info["dpi"])
    except (*BROKEN,):
        return None
    # Pillow says 1 for a TIFF that names none.
    plausible = all(math.isfinite(value) and 1 < value < 1e5 for value in (across, down))
    return (across, down) if plausible else None
