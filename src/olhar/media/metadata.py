"""What a picture file knows beside its pixels: EXIF, XMP and resolution, kept as far as it is true.

A picture that was read stands upright and is sRGB, and it may come out restyled or resized. So the
orientation, the thumbnail of the old picture, its colour space and the layout of its file are taken
out; who made it, when, where and with what stay as they are.
"""

import contextlib
import math
import re
import struct
from typing import Any

from PIL import ExifTags, Image
from PIL.TiffImagePlugin import TiffImageFile

BROKEN = (OSError, SyntaxError, ValueError, TypeError, LookupError, ArithmeticError, struct.error)
"""What broken EXIF raises."""

_EXIF = ExifTags.IFD.Exif
_WIDTH, _HEIGHT = ExifTags.Base.ExifImageWidth, ExifTags.Base.ExifImageHeight

# Tags that say how a file is laid out, not what it shows (TIFF 6.0 and its supplements): sizes and
# samples, orientation, strips and tiles, colour maps, JPEG tables, XMP, IPTC, Photoshop, ICC, DNG.
_LAYOUT = frozenset(
    {*range(254, 267), *range(273, 282), *range(284, 296), *range(297, 302), *range(317, 348)}
    | {*range(512, 533), 433, 434, 559, 700, 33723, 34377, 34675, 37724, *range(50706, 51200)}
)


def orientation(image: Image.Image) -> int:
    """The EXIF orientation of a picture, 1 to 8; 1 if there is none or it makes no sense.

    Args:
        image: is loaded, since in a PNG the EXIF data may come after the pixels. Of a TIFF the
            answer is 1, since Pillow turns it on loading.
    """
    image.load()
    value: Any = None
    if not isinstance(image, TiffImageFile):
        with contextlib.suppress(*BROKEN):
            value = image.getexif().get(ExifTags.Base.Orientation)
    return value if value in range(1, 9) else 1


def cleaned_exif(exif: Image.Exif) -> bytes | None:
    r"""EXIF without what is no longer true of an upright sRGB picture.

    Args:
        exif: as Pillow read it; it is changed.

    Returns:
        The bytes, beginning with `Exif\0\0`; None if nothing is left.

    Raises:
        BROKEN: it cannot be read or said again.
    """
    for tag in _LAYOUT.intersection(exif):
        del exif[tag]
    if not exif or set(exif) <= {ExifTags.Base.XResolution, ExifTags.Base.YResolution, 296}:
        return None
    if _EXIF in exif:
        details = exif.get_ifd(_EXIF)
        details.pop(ExifTags.IFD.Interop, None)
        if ExifTags.Base.ColorSpace in details:
            details[ExifTags.Base.ColorSpace] = 1  # sRGB
    return exif.tobytes()  # leaves out the thumbnail's directory


def sized_exif(data: bytes, width: int, height: int) -> Image.Exif:
    """EXIF that tells the size of the picture it goes with, if it tells any.

    Args:
        data: as `cleaned_exif` returns it.
        width: of the picture.
        height: of the picture.

    Returns:
        EXIF for Pillow to write; empty if `data` cannot be understood.
    """
    exif = Image.Exif()
    with contextlib.suppress(*BROKEN):
        exif.load(data)
        if _EXIF in exif:
            details = exif.get_ifd(_EXIF)
            for tag, side in ((_WIDTH, width), (_HEIGHT, height)):
                if tag in details:
                    details[tag] = side
    return exif


def cleaned_xmp(info: dict[str | tuple[int, int], Any]) -> bytes | None:
    """The XMP packet without thumbnails, with upright orientation and sRGB.

    Args:
        info: what Pillow says about an opened picture.

    Returns:
        The packet, or None.
    """
    packet = info.get("xmp")
    if isinstance(packet, str):
        packet = packet.encode()
    if not isinstance(packet, bytes) or not packet.strip(b"\0 \n"):
        return None
    packet = re.sub(
        rb"""((?:tiff:Orientation|exif:ColorSpace)(?:=["']|>))\d+""", rb"\g<1>1", packet
    )
    return re.sub(rb"<(xmp|xap):Thumbnails\b.*?</\1:Thumbnails>", b"", packet, flags=re.DOTALL)


def resolution(info: dict[str | tuple[int, int], Any]) -> tuple[float, float] | None:
    """Dots per inch across and down, if the file names any that make sense."""
    try:
        across, down = (float(value) for value in info["dpi"])
    except (*BROKEN,):
        return None
    # Pillow says 1 for a TIFF that names none.
    plausible = all(math.isfinite(value) and 1 < value < 1e5 for value in (across, down))
    return (across, down) if plausible else None
