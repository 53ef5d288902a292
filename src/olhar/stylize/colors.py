"""Restyling that keeps the photograph's own colours (Gatys, Bethge, Hertzmann and Shechtman 2016).

Two halves make it whole: the painting is recoloured with the photograph's palette before its style
is measured, so that lights and darks fall where they can; afterwards the result's lightness is
combined with the photograph's chroma in CIE Lab, so that colours really are the photograph's.
"""

import torch
from torch import Tensor

from olhar.media.color import fit_gamut, lab_to_srgb, srgb_to_lab
from olhar.media.image import resize
from olhar.nets.linalg import power


def match_palette(image: Tensor, reference: Tensor) -> Tensor:
    """Move an image's colours so that their mean and covariance become the reference's.

    The linear Monge-Kantorovich map (Pitie and Kokaram 2007): of all linear maps that do it, the
    one that moves colours least.

    Args:
        image: (3, H, W) in [0, 1].
        reference: (3, h, w) in [0, 1].

    Returns:
        (3, H, W) in [0, 1].
    """
    pixels, wanted = image.flatten(1), reference.flatten(1)  # (3, HW)
    spread = torch.cov(pixels).cpu()
    root, inverse = power(spread, 0.5, floor=1e-6), power(spread, -0.5, floor=1e-6)
    transport = inverse @ power(root @ torch.cov(wanted).to(root) @ root, 0.5) @ inverse
    moved = transport.to(pixels) @ (pixels - pixels.mean(1, keepdim=True))
    return (moved + wanted.mean(1, keepdim=True)).view_as(image).clamp(0, 1)


def keep_colors(image: Tensor, photograph: Tensor) -> Tensor:
    """The lightness of an image with the hue and chroma of a photograph.

    Args:
        image: (3, H, W) in [0, 1].
        photograph: (3, h, w) in [0, 1]; resized to the image if it has another size.

    Returns:
        (3, H, W) in [0, 1]; chroma is reduced where sRGB cannot show it at that lightness.
    """
    size = (image.shape[-2], image.shape[-1])
    lightness = srgb_to_lab(image)[:1]
    chroma = srgb_to_lab(resize(photograph, size))[1:]
    return lab_to_srgb(fit_gamut(torch.cat([lightness, chroma]))).clamp(0, 1)
