"""Writing TIFF, which Pillow does for 8 bits only (TIFF 6.0; deflate: Adobe Technical Note, 2002).

One picture in strips, each deflated after taking differences along the row (predictor 2), which is
what makes photographs small; strips are compressed side by side on all cores. EXIF and GPS are
directories of the file itself, as the standards want it, and the byte order is that of the EXIF.
"""

import os
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import accumulate, repeat
from typing import Any

from numpy.typing import NDArray

from olhar.media.exif import BYTE, LONG, RATIONAL, SHORT, Exif, Order

_STRIP = 1 << 19  # bytes before compression


def encode(
    pixels: NDArray[Any], exif: Exif, xmp: bytes | None, dpi: tuple[float, float] | None
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
    if pixels.shape[2] == 2 and pixels.itemsize == 2:
        pixels = pixels[..., [0, 0, 0, 1]]  # few programs know 16 bits of grey with alpha
    height, width, channels = pixels.shape
    rows = max(1, _STRIP // (width * channels * pixels.itemsize))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        parts = (pixels[y : y + rows] for y in range(0, height, rows))
        strips = list(pool.map(_deflated, parts, repeat(exif.order)))
    sizes = [len(strip) for strip in strips]
    if sum(sizes) > 4_000_000_000:
        raise ValueError("it would be larger than the 4 GB of TIFF")
    layout: dict[int, tuple[int, ...]] = {
        256: (LONG, width),
        257: (LONG, height),
        258: (SHORT, *[pixels.itemsize * 8] * channels),
        259: (SHORT, 8),  # deflate
        262: (SHORT, 1 if channels <= 2 else 2),  # black is zero, or RGB
        273: (LONG, *[0] * len(sizes)),
        277: (SHORT, channels),
        278: (LONG, rows),
        279: (LONG, *sizes),
        284: (SHORT, 1),  # interleaved
        317: (SHORT, 2),  # differences along the row
    }
    if channels in {2, 4}:
        layout[338] = SHORT, 2  # alpha, not multiplied into the colours
    if dpi:
        across, down = (round(value * 1000) for value in dpi)
        layout |= {282: (RATIONAL, across, 1000), 283: (RATIONAL, down, 1000), 296: (SHORT, 2)}
    directory = replace(exif, main=dict(exif.main))
    for tag, (kind, *values) in layout.items():
        directory.put(directory.main, tag, kind, *values)
    if xmp:
        directory.main[700] = BYTE, xmp
    start = len(directory.tobytes())
    directory.put(directory.main, 273, LONG, *accumulate(sizes[:-1], initial=start))
    return [directory.tobytes(), *strips]


def _deflated(strip: NDArray[Any], order: Order) -> bytes:
    differences = strip.copy()
    differences[:, 1:] -= strip[:, :-1]  # wraps around, as it should
    differences = differences.astype(strip.dtype.newbyteorder(order))
    deflate = zlib.compressobj(1, strategy=zlib.Z_RLE)  # see png.py
    return deflate.compress(differences.tobytes()) + deflate.flush()
