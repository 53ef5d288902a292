"""Writing TIFF, which Pillow does for 8 bits only (TIFF 6.0; deflate: Adobe Technical Note, 2002).

One picture, in strips, each deflated after taking differences along the row (predictor 2), which is
what makes photographs small. EXIF and GPS are directories of the file itself, as the standards want
it. Strips are compressed side by side on all cores.
"""

import os
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import accumulate
from typing import Any

from numpy.typing import NDArray
from PIL import ExifTags, Image
from PIL.TiffImagePlugin import ImageFileDirectory_v2

_STRIP = 1 << 19  # bytes before compression


def encode(
    pixels: NDArray[Any], exif: Image.Exif, xmp: bytes | None, dpi: tuple[float, float] | None
) -> list[bytes]:
    """A TIFF file in pieces.

    Args:
        pixels: (H, W, C) uint8 or uint16: grey or RGB, then alpha if C is 2 or 4.
        exif: what to say about the picture; empty for nothing.
        xmp: the XMP packet.
        dpi: dots per inch across and down.

    Returns:
        The pieces, to be written one after the other.

    Raises:
        ValueError: the file would be larger than the 4 GB that TIFF can address.
    """
    height, width, channels = pixels.shape
    rows = max(1, _STRIP // (width * channels * pixels.itemsize))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        strips = list(pool.map(_deflated, (pixels[y : y + rows] for y in range(0, height, rows))))
    sizes = [len(strip) for strip in strips]
    if sum(sizes) > 4_000_000_000:
        raise ValueError("it would be larger than the 4 GB of TIFF")
    directory = ImageFileDirectory_v2(b"II*\0\x08\0\0\0")
    for tag, value in _described(exif, xmp):
        directory[tag] = value
    layout: dict[int, Any] = {
        256: width,
        257: height,
        258: (pixels.itemsize * 8,) * channels,
        259: 8,  # deflate
        262: 1 if channels <= 2 else 2,  # black is zero, or RGB
        273: tuple(accumulate(sizes[:-1], initial=0)),  # made absolute by Pillow
        277: channels,
        278: rows,
        279: tuple(sizes),
        284: 1,  # interleaved
        317: 2,  # differences along the row
    }
    if channels in {2, 4}:
        layout[338] = 2  # alpha, not multiplied into the colours
    if dpi:
        layout |= {282: dpi[0], 283: dpi[1], 296: 2}
    for tag, value in layout.items():
        directory[tag] = value
    head = b"II*\0\x08\0\0\0"
    return [head + directory.tobytes(len(head)), *strips]


def _described(exif: Image.Exif, xmp: bytes | None) -> Iterator[tuple[int, Any]]:
    for tag, value in exif.items():
        inner = tag in {ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo}
        yield tag, dict(exif.get_ifd(tag)) if inner else value
    if xmp:
        yield 700, xmp


def _deflated(strip: NDArray[Any]) -> bytes:
    differences = strip.astype(strip.dtype.newbyteorder("<"))  # a copy
    differences[:, 1:] -= strip[:, :-1]  # wraps around, as it should
    deflate = zlib.compressobj(1, strategy=zlib.Z_RLE)  # see png.py
    return deflate.compress(differences.data) + deflate.flush()
