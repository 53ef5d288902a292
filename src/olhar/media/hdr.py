"""HDR and wide-gamut pictures brought to sRGB, which is what an image is here.

Phones record HLG and cameras PQ (ITU-R BT.2100) in the primaries of BT.2020. Read as if they were
sRGB they look pale and grey. Decoded to light, taken to the primaries of sRGB (BT.2087) and with
highlights rolled off (the EETF of BT.2390, section 5.4.1, on the largest channel so that hues
stay) they look as on an ordinary screen. Reference white is 203 cd/m2 (BT.2408); the brightest
light is taken to be 1000 cd/m2, for which nearly all of it is graded.

Cost: about eleven powers per pixel, 0.15 s for 1280x720 on one core; nothing for ordinary video.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from olhar.media.color import linear_to_srgb, srgb_to_linear

if TYPE_CHECKING:
    from torch import Tensor

    from olhar.media.yuv import Coding

PQ, HLG = 16, 18  # H.273 TransferCharacteristics
WHITE = 203.0  # cd/m2, BT.2408 table 1
PEAK = 1000.0  # cd/m2
_BT2020 = 9  # H.273 ColourPrimaries
_TO_SRGB = (  # linear BT.2020 -> linear sRGB, BT.2087 annex 2
    (1.6605, -0.5876, -0.0728),
    (-0.1246, 1.1329, -0.0083),
    (-0.0182, -0.1006, 1.1187),
)


def is_hdr(coding: Coding) -> bool:
    """Whether a picture's transfer is PQ or HLG."""
    return coding.transfer in {PQ, HLG}


def changes(coding: Coding) -> bool:
    """Whether `to_srgb` does anything: the picture is HDR or in the primaries of BT.2020."""
    return is_hdr(coding) or coding.primaries == _BT2020


def to_srgb(image: Tensor, coding: Coding) -> Tensor:
    """R'G'B' of any coding as sRGB; ordinary video is returned as it is.

    BT.709 and sRGB have slightly different curves on paper; both are made to be looked at on the
    same screens, so neither is converted to the other (as in every player).

    Args:
        image: (3, H, W) float32 R'G'B' in [0, 1].
        coding: its transfer and primaries.

    Returns:
        (3, H, W) float32 sRGB in [0, 1].
    """
    if not changes(coding):
        return image
    if coding.transfer == PQ:
        light = pq_to_light(image)
    elif coding.transfer == HLG:
        light = hlg_to_light(image)
    else:
        light = srgb_to_linear(image) * WHITE
    if coding.primaries == _BT2020:
        red, green, blue = light
        light = torch.stack([red * r + green * g + blue * b for r, g, b in _TO_SRGB])
    light = light.clamp_(min=0)
    if is_hdr(coding):
        light = roll_off(light)
    return linear_to_srgb((light / WHITE).clamp_(0, 1))


def pq_to_light(signal: Tensor) -> Tensor:
    """The EOTF of SMPTE ST 2084: signal in [0, 1] to cd/m2 in [0, 10000].

    >>> round(float(pq_to_light(torch.tensor(0.58))))
    202
    """
    root = signal.clamp(0, 1) ** (1 / 78.84375)
    return 10000 * ((root - 0.8359375).clamp(min=0) / (18.8515625 - 18.6875 * root)) ** (
        1 / 0.1593017578125
    )


def light_to_pq(light: Tensor) -> Tensor:
    """The inverse of `pq_to_light`: cd/m2 to signal."""
    root = (light / 10000) ** 0.1593017578125
    return ((0.8359375 + 18.8515625 * root) / (1 + 18.6875 * root)) ** 78.84375


def hlg_to_light(image: Tensor) -> Tensor:
    """The EOTF of BT.2100 HLG for a screen of 1000 cd/m2: (3, H, W) signal to (3, H, W) cd/m2.

    >>> grey = torch.full((3, 1, 1), 0.75)
    >>> round(float(hlg_to_light(grey)[0]))
    203
    """
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene = torch.where(image <= 0.5, image**2 / 3, (torch.exp((image - c) / a) + b) / 12)
    luminance = 0.2627 * scene[0] + 0.6780 * scene[1] + 0.0593 * scene[2]
    return PEAK * scene * luminance.clamp(min=1e-6) ** 0.2


def roll_off(light: Tensor) -> Tensor:
    """Highlights up to `PEAK` compressed below `WHITE`, hues kept (BT.2390, section 5.4.1).

    Args:
        light: (3, H, W), cd/m2, at least 0.

    Returns:
        (3, H, W), cd/m2; unchanged where no channel exceeds about 93.
    """
    peak, white = (float(light_to_pq(torch.tensor(level))) for level in (PEAK, WHITE))
    top = white / peak
    knee = 1.5 * top - 0.5
    brightest = light.amax(0).clamp(1e-4, PEAK)  # (H, W)
    level = light_to_pq(brightest) / peak
    t = ((level - knee) / (1 - knee)).clamp(min=0)
    spline = (
        (2 * t**3 - 3 * t**2 + 1) * knee
        + (t**3 - 2 * t**2 + t) * (1 - knee)
        + (3 * t**2 - 2 * t**3) * top
    )
    rolled = pq_to_light(torch.where(level > knee, spline, level) * peak)
    return light * (rolled / brightest)
