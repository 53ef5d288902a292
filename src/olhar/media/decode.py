"""From an opened file to a `Picture`: one mode, one colour space, one direction, one range."""

from dataclasses import replace
from typing import BinaryIO, cast

import numpy as np
import torch
from PIL import Image, ImageFile
from PIL.TiffImagePlugin import TiffImageFile

from olhar.media import icc, metadata
from olhar.media.depth import Again, Samples, deep, eight
from olhar.media.picture import Picture

_BAND = 1 << 18  # pixels converted at a time
_BITS = 258
_NO_PROFILE = "its colour profile is broken or not for such a picture: taken for sRGB"


def decode(image: ImageFile.ImageFile, again: Again) -> Picture:
    """Decode a picture that Pillow has opened.

    Args:
        image: opened, not yet loaded.
        again: opens the same file once more.

    Returns:
        The picture, as `olhar.media.image.read` describes it.
    """
    notes: list[str] = []
    samples = deep(image, again)
    space: icc.Space | None = None
    if samples is not None:
        try:
            space = _space(image, samples)
        except icc.BROKEN:
            if not samples.grey and icc.usable(image.info["icc_profile"], "RGB"):
                samples, image = None, again()  # a profile of tables, for which 8 bits must do
            else:
                notes.append(_NO_PROFILE)
    orientation = metadata.orientation(image)  # loads the picture
    tiff = again().fp if isinstance(image, TiffImageFile) else None
    exif = metadata.cleaned_exif(image.info, cast("BinaryIO | None", tiff))
    xmp, dpi = metadata.cleaned_xmp(image.info), metadata.resolution(image.info)
    if samples is None:
        if isinstance(image, TiffImageFile) and max(image.tag_v2.get(_BITS, (1,))) > 8:
            notes.append("only the upper 8 bits of its values were used")
        gamma = _gamma(image)
        plain = _plain(image, notes)
        samples = eight(plain, orientation)
        if gamma:
            space = icc.gamma_space(gamma, 1 if samples.grey else 3, 256)
    picture = to_picture(samples, space)
    return replace(picture, exif=exif, xmp=xmp, dpi=dpi, notes=(*notes, *picture.notes))


def to_picture(samples: Samples, space: icc.Space | None = None) -> Picture:
    """Samples as tensors.

    Args:
        samples: the pixels.
        space: what their colours mean; sRGB if left out.

    Returns:
        The picture, without metadata.
    """
    width, height = samples.size
    image = torch.empty(3, height, width)
    alpha = torch.empty(1, height, width) if samples.alpha else None
    step = max(1, _BAND // width)
    for y in range(0, height, step):
        band = np.ascontiguousarray(samples.rows(y, min(y + step, height)))
        values = torch.from_numpy(band).permute(2, 0, 1)  # (C, h, W)
        colors = values[:-1] if samples.alpha else values
        part = image[:, y : y + step]  # (3, h, W)
        if samples.premultiplied:
            share = values[-1:].float().clamp_min(1) / samples.top
            colors = (colors.float() / share).round_().clamp_max_(samples.top)
        if space:
            part.copy_(space.to_srgb(colors))
        else:
            part.copy_(colors).div_(samples.top)
        if alpha is not None:
            cover = alpha[:, y : y + step].copy_(values[-1:]).div_(samples.top)  # (1, h, W)
            part.mul_(cover).add_(1 - cover)
    if alpha is not None and alpha.min() == 1:
        alpha = None
    notes = (samples.note,) if samples.note else ()
    return Picture(image=image, alpha=alpha, bits=samples.bits, grey=samples.grey, notes=notes)


def _space(image: Image.Image, samples: Samples) -> icc.Space | None:
    channels, codes = (1 if samples.grey else 3), int(samples.top) + 1
    if codes == 2:  # floating point
        return None
    if profile := image.info.get("icc_profile"):
        return icc.space(profile, channels, codes)
    gamma = _gamma(image)
    return icc.gamma_space(gamma, channels, codes) if gamma else None


def _gamma(image: Image.Image) -> float | None:
    """The gamma of a PNG that is not sRGB (PNG, third edition, section 11.3.2.2)."""
    gamma: float | None = image.info.get("gamma")
    if image.format != "PNG" or not gamma or image.info.keys() & {"srgb", "icc_profile"}:
        return None
    return gamma if 0.1 < gamma < 10 and abs(gamma * 2.2 - 1) > 0.05 else None


def _plain(image: Image.Image, notes: list[str]) -> Image.Image:
    """An 8-bit picture of any mode as L, LA, RGB or RGBA in sRGB."""
    profile: bytes | None = image.info.get("icc_profile")
    if image.mode == "LAB":
        return icc.lab_to_srgb(image)
    if image.mode == "CMYK" and not profile:
        notes.append("CMYK without a colour profile: its colours are a guess")
        return image.convert("RGB")
    if image.mode != "CMYK":
        grey = image.mode in {"1", "L", "LA", "La"}
        mode = ("L" if grey else "RGB") + ("A" if image.has_transparency_data else "")
        image = image if image.mode == mode else image.convert(mode)
    if profile:
        try:
            if image.mode == "LA":
                grey_only = icc.to_srgb(image.getchannel("L"), profile)
                return Image.merge("LA", (grey_only, image.getchannel("A")))
            return icc.to_srgb(image, profile)
        except icc.BROKEN:
            notes.append(_NO_PROFILE)
    return image.convert("RGB") if image.mode == "CMYK" else image
