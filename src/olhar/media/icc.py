"""Colour profiles (ICC.1:2022): what a file's numbers mean, said again in sRGB.

8-bit pictures of every kind (RGB, grey, CMYK, Lab) go through LittleCMS, relative colorimetric with
black point compensation. Pillow offers LittleCMS in 8 bits only, so deeper ones are converted here,
in float32, if their profile is three curves and a matrix (Display P3, Adobe RGB, ProPhoto: all that
cameras write) or one curve of grey.
"""

import functools
import itertools
import struct
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageCms
from torch import Tensor

from olhar.media.color import linear_to_srgb

CmsProfile = ImageCms.core.CmsProfile

BROKEN = (OSError, ImageCms.PyCMSError, struct.error, ValueError, TypeError, LookupError)
"""What a profile raises that is broken, or not made for such a picture."""

_LEVELS = [*range(0, 256, 32), 255]
_PROBE = np.array(list(itertools.product(_LEVELS, repeat=3)), np.uint8)[None]  # (1, 729, 3)


def to_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Convert an 8-bit picture to sRGB.

    A profile that moves no colour by more than one level is sRGB by another name; its picture is
    left as it is.

    Args:
        image: mode L, RGB, RGBA (whose alpha stays) or CMYK; may be changed in place.
        profile: the ICC profile.

    Returns:
        Mode RGB for CMYK, else the mode of `image`.

    Raises:
        BROKEN: the profile is broken or not made for such a picture.
    """
    source = ImageCms.core.profile_frombytes(profile)
    if image.mode == "CMYK":
        return _applied(_transform(source, "CMYK", "RGB"), image)
    if image.mode == "L":
        ramp = Image.frombytes("L", (256, 1), bytes(range(256)))
        if _kind(source) != "GRAY":  # a grey picture with the profile of a colour one
            ramp = ramp.convert("RGB")
        curve = _applied(_transform(source, ramp.mode, "RGB"), ramp).getchannel("G").tobytes()
        same = max(abs(a - b) for a, b in enumerate(curve)) <= 1
        return image if same else image.point(list(curve))
    transform = _transform(source, image.mode, image.mode)
    probe = Image.fromarray(_PROBE).convert(image.mode)
    moved = np.asarray(_applied(transform, probe).convert("RGB")).astype(int) - _PROBE
    if np.abs(moved).max() > 1:
        transform.apply_in_place(image)
    return image


def lab_to_srgb(image: Image.Image) -> Image.Image:
    """Convert an 8-bit picture in CIE L*a*b* (D50), as TIFF may hold one, to RGB."""
    return _applied(_transform(ImageCms.core.createProfile("LAB"), "LAB", "RGB"), image)


def usable(profile: bytes, mode: str) -> bool:
    """Whether LittleCMS can use a profile for pictures of a mode."""
    try:
        _transform(ImageCms.core.profile_frombytes(profile), mode, "RGB")
    except BROKEN:
        return False
    return True


@dataclass(frozen=True)
class Space:
    """A colour space that one curve per channel, and perhaps a matrix, describe."""

    curves: Tensor
    """(C, codes) float32: the light, in [0, 1], that each code stands for; C is 1 or 3."""
    matrix: tuple[tuple[float, ...], ...] | None = None
    """3 x 3, from its linear RGB to that of sRGB."""

    def to_srgb(self, codes: Tensor) -> Tensor:
        """Codes of this space as sRGB values.

        Args:
            codes: (C, H, W) integers.

        Returns:
            (C, H, W) float32 in [0, 1]; colours that sRGB has not are clipped.
        """
        light = [curve[code] for curve, code in zip(self.curves, codes.long(), strict=True)]
        if self.matrix is not None:
            r, g, b = light
            light = [row[0] * r + row[1] * g + row[2] * b for row in self.matrix]
        linear = torch.stack(light).clamp_(0, 1)  # (C, H, W)
        return linear_to_srgb(linear.expand(3, -1, -1))[: len(codes)]


def gamma_space(gamma: float, channels: int, codes: int) -> Space:
    """The space of values that are light to the power of `gamma`, with the primaries of sRGB."""
    curve = torch.linspace(0, 1, codes, dtype=torch.float64).pow(1 / gamma).float()
    return Space(curve.expand(channels, -1))


def space(profile: bytes, channels: int, codes: int) -> Space | None:
    """The curves and the matrix of a profile.

    Args:
        profile: the ICC profile.
        channels: 1 for grey, 3 for RGB.
        codes: how many values a channel can take: 65536 for 16 bits.

    Returns:
        None if the profile is sRGB by another name.

    Raises:
        BROKEN: the profile is broken, made of tables, or not made for such a picture.
    """
    source = ImageCms.core.profile_frombytes(profile)
    kind = _kind(source)
    if kind not in {"GRAY", "RGB"} or (kind == "GRAY" and channels == 3):
        raise ValueError(f"a profile for {kind}")
    tags = _tags(profile)
    if channels == 1:
        found = Space(_curve(tags["kTRC" if kind == "GRAY" else "gTRC"], codes)[None])
        probe = torch.linspace(0, codes - 1, 256).reshape(1, 1, 256)
    else:
        curves = torch.stack([_curve(tags[name], codes) for name in ("rTRC", "gTRC", "bTRC")])
        matrix = np.linalg.solve(_colorants(_srgb()), _colorants(source))
        matrix /= matrix.sum(axis=1, keepdims=True)  # white stays white, to the last digit
        found = Space(curves, tuple(map(tuple, matrix.tolist())))
        probe = torch.from_numpy(_PROBE).permute(2, 0, 1) * ((codes - 1) / 255)
    moved = found.to_srgb(probe) - probe / (codes - 1)
    return found if moved.abs().max() > 1 / 255 else None


@functools.cache
def _srgb() -> CmsProfile:
    return ImageCms.core.createProfile("sRGB")


def _kind(profile: CmsProfile) -> str:
    return profile.xcolor_space.strip()


def _transform(source: CmsProfile, mode: str, result: str) -> ImageCms.ImageCmsTransform:
    return ImageCms.buildTransform(
        source,
        _srgb(),
        mode,
        result,
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )


def _applied(transform: ImageCms.ImageCmsTransform, image: Image.Image) -> Image.Image:
    result = ImageCms.applyTransform(image, transform)
    assert result is not None
    return result


def _colorants(profile: CmsProfile) -> NDArray[np.float64]:
    found = (profile.red_colorant, profile.green_colorant, profile.blue_colorant)
    return np.array([colorant[0] for colorant in found if colorant]).T  # (XYZ, RGB), D50


def _tags(profile: bytes) -> dict[str, bytes]:
    (count,) = struct.unpack_from(">I", profile, 128)
    tags: dict[str, bytes] = {}
    for n in range(min(count, 100)):
        name, offset, size = struct.unpack_from(">4sII", profile, 132 + 12 * n)
        tags[name.decode("latin-1")] = profile[offset : offset + size]
    return tags


def _curve(tag: bytes, codes: int) -> Tensor:
    """A curve, `curv` or `para` (ICC.1:2022, sections 10.6 and 10.18), at every code."""
    x = np.linspace(0, 1, codes)
    kind, count = struct.unpack_from(">4s4xI", tag)
    if kind == b"para":
        y = _parametric(x, tag)
    elif kind != b"curv":
        raise ValueError(f"a curve of kind {kind!r}")
    elif count == 0:
        y = x
    elif count == 1:
        y = x ** (struct.unpack_from(">H", tag, 12)[0] / 256)
    else:
        points = np.frombuffer(tag, ">u2", count, 12)
        y = np.interp(x, np.linspace(0, 1, count), points / 65535)
    return torch.from_numpy(np.clip(y, 0, 1)).float()


def _parametric(x: NDArray[np.float64], tag: bytes) -> NDArray[np.float64]:
    kind: int = struct.unpack_from(">H", tag, 8)[0]
    count = (1, 3, 4, 5, 7)[kind]
    n = [value / 65536 for value in struct.unpack_from(f">{count}i", tag, 12)]
    g, a, b = n[:3] if kind else (n[0], 1.0, 0.0)
    c = d = e = f = 0.0
    if kind in {1, 2}:
        d = -b / a
        e = f = n[3] if kind == 2 else 0.0
    elif kind >= 3:
        c, d = n[3:5]
        e, f = n[5:] or (0.0, 0.0)
    return np.where(x >= d, np.maximum(a * x + b, 0) ** g + e, c * x + f)
