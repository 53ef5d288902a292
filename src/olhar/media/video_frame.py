"""One decoded picture of a video as an image, and an image as a picture to encode.

PyAV hands out a picture as planes of numbers plus tags that say what they mean. The planes are read
directly (8 to 16 bits, any subsampling); only layouts that interleave their planes (NV12, P010,
YUYV, packed RGB, palettes) first go through swscale, which then moves samples and computes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import av
import numpy as np
import torch
from torch import Tensor

from olhar.media import hdr
from olhar.media.memory import apart
from olhar.media.yuv import BT601, BT709, WEIGHTS, Array, Coding, rgb_to_yuv, yuv_to_rgb

_FULL_RANGE = 2  # AVCOL_RANGE_JPEG
_UNSAID = 2  # "unspecified" in each table of H.273
_THREADS = 1  # for swscale: two of them write past the ends of their rows into each other's


def coding_of(frame: av.VideoFrame) -> Coding:
    """What the numbers of a decoded picture mean; what is not said is guessed as players do.

    An untagged matrix is BT.709 from 1280 columns or 577 rows on and BT.601 below (mpv's rule), an
    untagged range is limited. RGB pictures come out as BT.709, what they will be written as.

    Args:
        frame: a decoded picture, before it is turned upright.

    Returns:
        The coding with the depth of the samples in `bits`.
    """
    matrix = int(frame.colorspace)
    if frame.format.is_rgb or frame.format.has_palette:
        matrix = BT709
    elif matrix not in WEIGHTS:
        matrix = BT709 if frame.width >= 1280 or frame.height > 576 else BT601
    return Coding(
        matrix=matrix,
        full=int(frame.color_range) == _FULL_RANGE or frame.format.name.startswith("yuvj"),
        bits=max(component.bits for component in frame.format.components),
        primaries=int(frame.color_primaries) or _UNSAID,
        transfer=int(frame.color_trc) or _UNSAID,
    )


def image_of(frame: av.VideoFrame, *, centred: bool = False) -> Tensor:
    """A decoded picture as an image, not yet turned upright.

    HDR and BT.2020 pictures are brought to sRGB (see `olhar.media.hdr`). Alpha is left out.

    Args:
        frame: a decoded picture of any pixel format.
        centred: its colour samples lie amid their pixels, as in JPEG.

    Returns:
        (3, H, W) float32 sRGB in [0, 1].
    """
    coding = coding_of(frame)
    if frame.format.is_rgb or frame.format.has_palette or frame.format.name.startswith("xyz"):
        deep = coding.bits > 8 and not frame.format.has_palette
        packed = frame.reformat(format="rgb48le" if deep else "rgb24", threads=_THREADS)
        image = torch.from_numpy(packed.to_ndarray().astype(np.float32)).permute(2, 0, 1)
        image = (image / (65535 if deep else 255)).contiguous()
    else:
        y, *colour = _samples(frame)
        cb, cr = colour or [np.broadcast_to(y.dtype.type(coding.levels()[2]), y.shape)] * 2
        image = torch.from_numpy(yuv_to_rgb(y, cb, cr, coding, centred=centred))
    return hdr.to_srgb(image, coding)


def frame_of(image: Array, coding: Coding, *, even: bool) -> av.VideoFrame:
    """An image as a 4:2:0 picture of 8 bits, tagged with its coding.

    Args:
        image: (3, H, W) float32, finite; clipped to [0, 1].
        coding: how to store it; `bits` must be 8.
        even: repeat the last column or row where a side is odd (H.264 cannot store it).

    Returns:
        A picture of pixel format yuv420p.
    """
    height, width = image.shape[1:]
    if even and (height % 2 or width % 2):
        image = np.pad(image, ((0, 0), (0, height % 2), (0, width % 2)), mode="edge")
        height, width = image.shape[1:]
    frame = av.VideoFrame(width, height, "yuv420p")
    for plane, codes in zip(frame.planes, rgb_to_yuv(image, coding), strict=True):
        _rows(plane, np.uint8)[:, : codes.shape[1]] = codes
    frame.colorspace = coding.matrix
    frame.color_range = 2 if coding.full else 1
    frame.color_primaries = coding.primaries
    frame.color_trc = coding.transfer
    return frame


@dataclass(frozen=True)
class Orientation:
    """How a stored picture is turned to stand upright: transposed first, then mirrored."""

    transposed: bool = False
    mirrored_x: bool = False
    mirrored_y: bool = False

    @classmethod
    def of(cls, frame: av.VideoFrame) -> Orientation:
        """From the display matrix of a decoded picture; angles between right angles are rounded.

        The matrix sends a stored (x, y) to (a x + c y, b x + d y) (ISO 14496-12, 8.2.2.3).
        """
        side: Any = frame.side_data.get("DISPLAYMATRIX")
        if side is None:
            return cls()
        a, b, _, c, d = (int(value) for value in np.frombuffer(side, np.int32)[:5])
        if abs(b) + abs(c) > abs(a) + abs(d):
            return cls(transposed=True, mirrored_x=c < 0, mirrored_y=b < 0)
        return cls(mirrored_x=a < 0, mirrored_y=d < 0)

    @property
    def degrees(self) -> int:
        """Clockwise turn: 0, 90, 180 or 270; of a mirrored picture, the turn that is left."""
        if self.transposed:
            return 90 if self.mirrored_x else 270
        return 180 if self.mirrored_y else 0

    def apply(self, image: Tensor) -> Tensor:
        """(C, H, W) stored -> (C, H, W) or (C, W, H) upright."""
        if self == Orientation():
            return image.contiguous()
        turned: Array = (image.mT if self.transposed else image).numpy()
        across, down = (-1 if on else 1 for on in (self.mirrored_x, self.mirrored_y))
        upright = apart(turned.shape)
        upright[...] = turned[:, ::down, ::across]
        return torch.from_numpy(upright)


def _samples(frame: av.VideoFrame) -> list[Array]:
    """The planes Y', Cb, Cr (or Y' alone) as arrays of code values, alpha left out."""
    if not _planar(frame.format):
        frame = frame.reformat(format=_planar_twin(frame.format), threads=_THREADS)
    components = [part for part in frame.format.components if not part.is_alpha]
    wide = components[0].bits > 8
    planes: list[Array] = []
    for part in components:
        rows = _rows(frame.planes[part.plane], np.dtype("<u2") if wide else np.uint8)
        rows = rows[:, : part.width]
        planes.append(rows)
    return planes


def _rows(plane: Any, dtype: Any) -> Array:
    """The memory of a plane, (rows, samples per padded row)."""
    return np.frombuffer(plane, dtype).reshape(plane.height, -1)


def _planar(layout: av.VideoFormat) -> bool:
    """Whether each component lies in a plane of its own, in bytes or little-endian words."""
    parts = layout.components
    return (
        len({part.plane for part in parts}) == len(parts)
        and all(8 <= part.bits <= 16 for part in parts)
        and not layout.is_bit_stream
        and "msb" not in layout.name
        and not (layout.is_big_endian and parts[0].bits > 8)
    )


def _planar_twin(layout: av.VideoFormat) -> str:
    """The planar format that holds the same samples as an interleaved one."""
    parts = layout.components
    bits = parts[0].bits
    depth = "" if bits <= 8 else "10le" if bits <= 10 else "12le" if bits <= 12 else "16le"
    if len(parts) < 3:
        return f"gray{depth}"
    across = layout.chroma_width(64) < 64
    down = layout.chroma_height(64) < 64
    return f"yuv{'420' if down else '422' if across else '444'}p{depth}"
