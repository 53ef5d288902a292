"""Between RGB and the Y'CbCr that videos store (ITU-T H.273; BT.601, BT.709, BT.2020).

A video keeps brightness (Y') at every pixel and two colour differences (Cb, Cr), mostly at every
second pixel of every second row ("4:2:0"). Three facts decide the colours, and a mistake in any of
them shows: the *matrix* (how much red and blue weigh in Y'), the *range* (8-bit limited: Y' 16-235
and Cb, Cr 16-240; full: 0-255) and the *siting* (where between the pixels a colour sample lies).
Done here in float32 rather than with swscale, whose defaults assume BT.601 and round low.

Cost: 6 ms each way for 1280x720 on one core. No matrix product is used, since `torch.autocast` and
`torch.set_float32_matmul_precision` may silently turn one into bfloat16.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

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
BT601, BT709, BT2020 = 6, 1, 9


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

    def levels(self) -> tuple[float, float, float, float]:
        """Where black and grey lie, and how many codes black to white and -0.5 to 0.5 span.

        >>> Coding().levels()
        (16, 219, 128, 224)
        >>> Coding(full=True, bits=10).levels()
        (0, 1023, 512, 1023)
        """
        step, top = 1 << (self.bits - 8), (1 << self.bits) - 1
        if self.full:
            return 0, top, 128 * step, top
        return 16 * step, 219 * step, 128 * step, 224 * step


def yuv_to_rgb(
    y: Tensor, cb: Tensor, cr: Tensor, coding: Coding, *, centred: bool = False
) -> Tensor:
    """Planes of Y'CbCr as an image.

    Args:
        y: (H, W), code values, any real dtype.
        cb: (h, w), code values; h is H or half of it, w is W, a half or a quarter (rounded up).
        cr: as `cb`.
        coding: what the code values mean.
        centred: colour samples lie amid their pixels (JPEG), not on the left column (MPEG).

    Returns:
        (3, H, W) float32 in [0, 1]; what lies outside (illegal Y'CbCr) is clipped.

    >>> red = [torch.full((2, 2), float(code)) for code in (63, 102, 240)]
    >>> [round(float(channel), 2) for channel in yuv_to_rgb(*red, Coding())[:, 0, 0]]
    [1.0, 0.0, 0.0]
    """
    kr, kb = WEIGHTS[coding.matrix]
    kg = 1 - kr - kb
    black, white, grey, chroma = coding.levels()
    height, width = y.shape
    luma = (y.float() - black).div_(white)  # (H, W)
    difference = (torch.stack((cb, cr)).float() - grey).div_(chroma)  # (2, h, w)
    while difference.shape[1] < height:
        difference = _double(difference, 1, centred=True)
    while difference.shape[2] < width:
        difference = _double(difference, 2, centred=centred)
    blue, red = difference[:, :height, :width]  # (H, W) each
    image = torch.empty(3, height, width)
    torch.add(luma, red, alpha=2 * (1 - kr), out=image[0])
    torch.add(luma, blue, alpha=-2 * kb * (1 - kb) / kg, out=image[1])
    image[1].add_(red, alpha=-2 * kr * (1 - kr) / kg)
    torch.add(luma, blue, alpha=2 * (1 - kb), out=image[2])
    return image.clamp_(0, 1)


def rgb_to_yuv(
    image: Tensor, coding: Coding, *, subsampled: bool = True
) -> tuple[Tensor, Tensor, Tensor]:
    """An image as planes of Y'CbCr, 8 bits per sample.

    Args:
        image: (3, H, W) float32 in [0, 1]; clipped to that.
        coding: what the code values shall mean; `bits` must be 8.
        subsampled: 4:2:0 with the colour samples on the left column; else 4:4:4.

    Returns:
        Y' (H, W), Cb and Cr (ceil(H / 2), ceil(W / 2)) or (H, W), all uint8, rounded to nearest.

    >>> white = torch.ones(3, 2, 2)
    >>> [int(plane[0, 0]) for plane in rgb_to_yuv(white, Coding())]
    [235, 128, 128]
    """
    kr, kb = WEIGHTS[coding.matrix]
    black, white, grey, chroma = coding.levels()
    image = image.clamp(0, 1)
    small = _halve(image) if subsampled else image

    def luma(rgb: Tensor) -> Tensor:
        return (rgb[0] * kr).add_(rgb[1], alpha=1 - kr - kb).add_(rgb[2], alpha=kb)

    y, y_small = luma(image), luma(small)  # (H, W), (h, w)
    cb = (small[2] - y_small).mul_(chroma / (2 * (1 - kb))).add_(grey)
    cr = (small[0] - y_small).mul_(chroma / (2 * (1 - kr))).add_(grey)
    return _byte(y.mul_(white).add_(black)), _byte(cb), _byte(cr)


def _byte(codes: Tensor) -> Tensor:
    """Rounded to the nearest of 0..255; consumes its argument."""
    return codes.add_(0.5).clamp_(0, 255).to(torch.uint8)


def _double(planes: Tensor, dim: int, *, centred: bool) -> Tensor:
    """Twice the samples along `dim`, linearly: at 0 and 1/2 (left) or -1/4 and 1/4 (centred)."""
    size = planes.shape[dim]
    after = torch.cat((planes.narrow(dim, 1, size - 1), planes.narrow(dim, size - 1, 1)), dim)
    if not centred:
        pair = (planes, torch.lerp(planes, after, 0.5))
    else:
        before = torch.cat((planes.narrow(dim, 0, 1), planes.narrow(dim, 0, size - 1)), dim)
        pair = (torch.lerp(planes, before, 0.25), torch.lerp(planes, after, 0.25))
    return torch.stack(pair, dim + 1).flatten(dim, dim + 1)


def _halve(image: Tensor) -> Tensor:
    """(3, H, W) -> (3, ceil(H/2), ceil(W/2)): rows in pairs, columns by (1, 2, 1) / 4."""
    height, width = image.shape[1:]
    if height % 2 or width % 2:
        image = F.pad(image, (0, width % 2, 0, height % 2), mode="replicate")
    rows = image[:, 0::2] + image[:, 1::2]
    even, odd = rows[..., 0::2], rows[..., 1::2]
    small = even * 2 + odd
    small[..., 1:] += odd[..., :-1]
    small[..., 0] += even[..., 0]
    return small.div_(8)
