"""Between RGB and the Y'CbCr that videos store (ITU-T H.273; BT.601, BT.709, BT.2020).

A video keeps brightness (Y') at every pixel and two colour differences (Cb, Cr), mostly at every
second pixel of every second row ("4:2:0"). Three facts decide the colours, and a mistake in any of
them shows: the *matrix* (how much red and blue weigh in Y'), the *range* (8-bit limited: Y' 16-235
and Cb, Cr 16-240; full: 0-255) and the *siting* (where between the pixels a colour sample lies).
Done here in float32 rather than with swscale, whose defaults assume BT.601 and round low.

Cost: 7 ms each way for 1280x720 on one core. NumPy, one thread, a band of rows that fits the cache
at a time: decoder and encoder keep the cores busy, and forty small tensor operations that each wait
for all threads took ten times as long beside them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from olhar.media.memory import apart

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]

# H.273 table 4, MatrixCoefficients: code -> (Kr, Kb), the weights of red and blue in Y'.
WEIGHTS: dict[int, tuple[float, float]] = {
    1: (0.2126, 0.0722),  # BT.709
    4: (0.30, 0.11),  # FCC, 1953
    5: (0.299, 0.114),  # BT.470 B/G, the numbers of BT.601
    6: (0.299, 0.114),  # BT.601, SMPTE 170M
    7: (0.212, 0.087),  # SMPTE 240M
    9: (0.2627, 0.0593),  # BT.2020
    10: (0.2627, 0.0593),  # BT.2020 constant luminance, read as if it were not
}
BT709, BT601, BT2020 = 1, 6, 9
_BAND = 32  # rows worked on at a time; even


@dataclass(frozen=True, kw_only=True)
class Coding:
    """What the numbers of a picture mean, in the code points of H.273 (which FFmpeg uses too)."""

    matrix: int = BT709
    """MatrixCoefficients, a key of `WEIGHTS`."""
    full: bool = False
    """Full range (0-255) rather than limited (16-235)."""
    bits: int = 8
    """Bits per sample, 8 to 16."""
    primaries: int = 2
    """ColourPrimaries; 2 is "not said"."""
    transfer: int = 2
    """TransferCharacteristics; 2 is "not said"; 16 (PQ) and 18 (HLG) are HDR."""

    def levels(self) -> tuple[int, int, int, int]:
        """Black, codes from black to white, grey of Cb and Cr, codes that these span.

        >>> Coding().levels()
        (16, 219, 128, 224)
        >>> Coding(full=True, bits=10).levels()
        (0, 1023, 512, 1023)
        """
        step, top = 1 << (self.bits - 8), (1 << self.bits) - 1
        if self.full:
            return 0, top, 128 * step, top
        return 16 * step, 219 * step, 128 * step, 224 * step


def yuv_to_rgb(y: Array, cb: Array, cr: Array, coding: Coding, *, centred: bool = False) -> Array:
    """Planes of Y'CbCr as an image.

    Args:
        y: (H, W), code values, any real dtype.
        cb: (h, w), code values; h is H or a half or quarter of it, rounded up, and w of W.
        cr: as `cb`.
        coding: what the code values mean.
        centred: colour samples lie amid their pixels (JPEG), not on the left column (MPEG).

    Returns:
        (3, H, W) float32 in [0, 1]; what lies outside (illegal Y'CbCr) is clipped.

    >>> red = [np.full((2, 2), code) for code in (63, 102, 240)]
    >>> yuv_to_rgb(*red, Coding())[:, 0, 0].round(2).tolist()
    [1.0, 0.0, 0.0]
    """
    kr, kb = WEIGHTS[coding.matrix]
    kg = 1 - kr - kb
    black, white, grey, chroma = coding.levels()
    height, width = y.shape
    difference = np.stack((cb, cr)).astype(np.float32)  # (2, h, w)
    difference -= grey
    difference *= np.float32(1 / chroma)
    while difference.shape[1] < height:
        difference = _double(difference, axis=1, centred=True)
    image = apart((3, height, width))
    for top in range(0, height, _BAND):
        rows = slice(top, top + _BAND)
        band = difference[:, rows]
        while band.shape[2] < width:
            band = _double(band, axis=2, centred=centred)
        blue, red = band[:, : height - top, :width]  # (rows, W) each
        luma = y[rows].astype(np.float32)
        luma -= black
        luma *= np.float32(1 / white)
        r, g, b = image[:, rows]
        np.multiply(red, np.float32(2 * (1 - kr)), out=r)
        r += luma
        np.multiply(blue, np.float32(2 * (1 - kb)), out=b)
        b += luma
        np.multiply(red, np.float32(-2 * kr * (1 - kr) / kg), out=g)
        g += luma
        g += blue * np.float32(-2 * kb * (1 - kb) / kg)
        np.clip(image[:, rows], 0, 1, out=image[:, rows])
    return image


def rgb_to_yuv(
    image: Array, coding: Coding, *, subsampled: bool = True
) -> tuple[Array, Array, Array]:
    """An image as planes of Y'CbCr, 8 bits per sample.

    Args:
        image: (3, H, W) float32, finite; clipped to [0, 1].
        coding: what the code values shall mean; `bits` must be 8.
        subsampled: 4:2:0 with the colour samples on the left column; else 4:4:4.

    Returns:
        Y' (H, W), Cb and Cr (ceil(H / 2), ceil(W / 2)) or (H, W), all uint8, rounded to nearest.

    >>> white = np.ones((3, 2, 2), np.float32)
    >>> [int(plane[0, 0]) for plane in rgb_to_yuv(white, Coding())]
    [235, 128, 128]
    """
    kr, kb = WEIGHTS[coding.matrix]
    weights = np.array([kr, 1 - kr - kb, kb], np.float32)
    black, white, grey, chroma = coding.levels()
    to_cb, to_cr = (np.float32(chroma / (2 * (1 - k))) for k in (kb, kr))
    height, width = image.shape[1:]
    step = 2 if subsampled else 1
    small_size = (-(-height // step), -(-width // step))
    y = np.empty((height, width), np.uint8)
    cb, cr = np.empty(small_size, np.uint8), np.empty(small_size, np.uint8)
    for top in range(0, height, _BAND):
        band = np.clip(image[:, top : top + _BAND], 0, 1)
        y[top : top + _BAND] = _codes(_luma(band, weights), np.float32(white), black)
        small = _halve(band) if subsampled else band
        rows = slice(top // step, (top + _BAND) // step)
        luma = _luma(small, weights)
        cb[rows] = _codes(small[2] - luma, to_cb, grey)
        cr[rows] = _codes(small[0] - luma, to_cr, grey)
    return y, cb, cr


def _luma(image: Array, weights: Array) -> Array:
    """(3, H, W) -> (H, W)."""
    luma = image[0] * weights[0]
    luma += image[1] * weights[1]
    luma += image[2] * weights[2]
    return luma


def _codes(values: Array, scale: np.float32, offset: int) -> Array:
    """Scaled, shifted and ready to be cut off to the nearest of 0..255; consumes `values`."""
    values *= scale
    values += np.float32(offset + 0.5)
    return np.clip(values, 0, 255, out=values)


def _double(planes: Array, *, axis: int, centred: bool) -> Array:
    """Twice the samples along an axis, linearly: at 0 and 1/2 (left) or -1/4 and 1/4 (centred)."""
    shape = list(planes.shape)
    shape[axis] *= 2
    doubled = np.empty(shape, np.float32)
    planes, line = planes.swapaxes(axis, 2), doubled.swapaxes(axis, 2)  # views, samples last
    even, odd = line[..., 0::2], line[..., 1::2]
    if centred:
        even[...] = odd[...] = planes * np.float32(0.75)
        quarter = planes * np.float32(0.25)
        even[..., 1:] += quarter[..., :-1]
        even[..., 0] += quarter[..., 0]
    else:
        even[...] = planes
        odd[...] = quarter = planes * np.float32(0.5)
    odd[..., :-1] += quarter[..., 1:]
    odd[..., -1] += quarter[..., -1]
    return doubled


def _halve(image: Array) -> Array:
    """(3, H, W) -> (3, ceil(H/2), ceil(W/2)): rows in pairs, columns by (1, 2, 1) / 4."""
    height, width = image.shape[1:]
    if height % 2 or width % 2:
        image = np.pad(image, ((0, 0), (0, height % 2), (0, width % 2)), mode="edge")
    rows = image[:, 0::2] + image[:, 1::2]
    even, odd = rows[..., 0::2], rows[..., 1::2]
    small = even * np.float32(2)
    small += odd
    small[..., 1:] += odd[..., :-1]
    small[..., 0] += even[..., 0]
    small *= np.float32(1 / 8)
    return small
