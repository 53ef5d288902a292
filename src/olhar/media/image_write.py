"""Writing pictures: 8 or 16 bits, with what is known beside the pixels, whole or not at all."""

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from olhar.errors import OlharError
from olhar.media import png, tiff, xmp
from olhar.media.exif import PREFIX, Exif, parse
from olhar.media.files import reason, shown
from olhar.media.mark import Mark
from olhar.media.picture import Picture, resize
from olhar.media.provenance import signed

_FORMATS = {
    ".avif": "AVIF",
    ".jpeg": "JPEG",
    ".jpg": "JPEG",
    ".png": "PNG",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".webp": "WebP",
}
WRITABLE = frozenset(_FORMATS)
"""Suffixes of the formats that can be written."""

_DEEP = {"PNG", "TIFF"}  # what holds 16 bits
_LONGEST = {"AVIF": 65536, "JPEG": 65500, "WebP": 16383}  # pixels a side
_SEGMENT = 65533  # bytes that fit into a JPEG segment
_XMP_NAME = b"http://ns.adobe.com/xap/1.0/\0"
_BAND = 1 << 18  # pixels converted at a time


def write(
    path: str | os.PathLike[str],
    image: Tensor | Picture,
    *,
    like: Picture | None = None,
    bits: int | None = None,
    quality: int = 92,
    mark: Mark | None = None,
    on_note: Callable[[str], None] | None = None,
) -> Path:
    """Write an image whole or not at all; the suffix chooses the format.

    AVIF, JPEG and WebP are lossy; PNG and TIFF are lossless and hold 16 bits too. Values are
    clamped to [0, 1] and rounded to the nearest level. Alpha, resized if need be, is put back so
    that over white the file looks exactly like `image`; JPEG has none and shows that white. EXIF,
    XMP and resolution are kept. No profile is written: a picture without one is sRGB.

    Args:
        path: the file to make or to replace; its folder is made if missing.
        image: (3, H, W) float, sRGB in [0, 1], or a picture with its own metadata.
        like: the picture that metadata, alpha and depth are taken from, instead.
        bits: 8 or 16; if left out, those of the picture where the format has them.
        quality: 1 to 100, for the lossy formats; from 90 on colours keep their full resolution.
        mark: what a machine did to the image: the file is signed and says so. None is for what no
            machine has made.
        on_note: is told, in a sentence each, what the format cannot hold.

    Returns:
        The path that was written.

    Raises:
        NotSigned: the file is there, with its XMP field, but could not be signed.
        OlharError: the suffix, `bits` or `quality` is not allowed; the image has another shape,
            values that are no numbers, or too many pixels for the format; the file cannot be
            written.
    """
    name, suffix = shown(path), Path(path).suffix.lower()
    if suffix not in _FORMATS:
        raise OlharError(
            f"{name} cannot be written: {'its suffix ' + suffix if suffix else 'no suffix'} is not "
            f"among {', '.join(sorted(_FORMATS))}; choose one of these"
        )
    if not 1 <= quality <= 100:
        raise OlharError(f"quality is {quality}; it must be from 1 to 100, and 92 is a good value")
    own = image if isinstance(image, Picture) else Picture(image=image)
    source, kind, tell = like or own, _FORMATS[suffix], on_note or _ignore
    depth = _depth(bits, source.bits, kind, name)
    if depth < source.bits and bits is None:
        tell(f"{name} has 8 bits per channel instead of 16, since {kind} has no more")
    alpha = source.alpha
    if alpha is not None and kind == "JPEG":
        tell(f"{name} is white where it was transparent, since JPEG has no transparency")
        alpha = None
    pixels = _pixels(own.image, alpha, depth, source.grey, name)  # (H, W, C)
    height, width = pixels.shape[:2]
    if max(height, width) > _LONGEST.get(kind, 1 << 31):
        raise OlharError(
            f"{name} would be {width} x {height} pixels, and {kind} holds at most {_LONGEST[kind]} "
            "a side; choose .png or .tiff"
        )
    exif, packet = parse(source.exif or b""), source.xmp
    if mark is not None:
        packet = xmp.marked(packet, mark.way.kind)
    exif.clean()  # it may not come from `read`
    exif.resize(width, height)
    if kind == "JPEG" and len(exif.tobytes()) > _SEGMENT:
        tell(f"{name} has no EXIF data, since there are more than JPEG can hold")
        exif = Exif()
    if kind == "JPEG" and packet and len(_XMP_NAME + packet) > _SEGMENT:
        tell(f"{name} has no XMP data, since there are more than JPEG can hold")
        packet = xmp.marked(None, mark.way.kind) if mark is not None else None
    try:
        if kind == "TIFF":
            pieces = tiff.encode(pixels, exif, packet, source.dpi)
        elif kind == "PNG":
            pieces = png.encode(pixels, exif, packet, source.dpi)
        else:
            said = PREFIX + exif.tobytes() if exif else b""
            beside = {"exif": said, "xmp": packet or b""}
            dpi = {"dpi": source.dpi} if source.dpi else {}
            pieces = _lossy(pixels, kind, quality, {**beside, **dpi})
    except (OSError, ValueError, LookupError, RuntimeError) as error:
        raise OlharError(
            f"{name} cannot be written as {kind}: {reason(error)}; try another format, such as .png"
        ) from error
    with signed(path, mark) as temporary, temporary.open("wb") as file:
        file.writelines(pieces)
    return Path(path)


def _ignore(_: str) -> None:
    pass


def _depth(wanted: int | None, known: int, kind: str, name: str) -> int:
    if wanted not in {None, 8, 16}:
        raise OlharError(f"bits is {wanted}; pictures are written with 8 or 16 bits per channel")
    if wanted == 16 and kind not in _DEEP:
        raise OlharError(f"{name} cannot have 16 bits: {kind} holds 8; choose .png or .tiff")
    return (wanted or known) if kind in _DEEP else 8


def _pixels(image: Tensor, alpha: Tensor | None, bits: int, grey: bool, name: str) -> NDArray[Any]:
    """The tensors as (H, W, C) integers, colours without the white that lay under them."""
    if image.ndim != 3 or image.shape[0] != 3 or not image.is_floating_point() or not image.numel():
        raise OlharError(
            f"an image of shape {tuple(image.shape)} and dtype {image.dtype} cannot be written; "
            "it must be (3, H, W), float, and not empty"
        )
    height, width = image.shape[1:]
    top = (1 << bits) - 1
    if alpha is not None:
        alpha = resize(alpha.detach().cpu(), (height, width))
    pixels = np.empty((height, width, 3 if alpha is None else 4), f"u{bits // 8}")
    levels = torch.from_numpy(pixels).permute(2, 0, 1)  # (C, H, W), the same memory
    step = max(1, _BAND // width)
    for y in range(0, height, step):
        band = image[:, y : y + step].detach().to("cpu", torch.float32)  # (3, h, W)
        if not torch.stack(torch.aminmax(band)).isfinite().all():
            raise OlharError(
                f"{name} was not written: the image holds values that are no numbers (NaN or "
                "infinite); look for what made them"
            )
        if alpha is not None:
            cover = alpha[:, y : y + step].mul(top).round()  # (1, h, W)
            levels[3:, y : y + step] = cover
            cover /= top
            over_white = (band - (1 - cover)) / cover.clamp_min(0.5 / top)
            band = torch.where(cover > 0, over_white, torch.ones(()))
        levels[:3, y : y + step] = band.clamp(0, 1).mul_(top).round_()
    if grey and all((pixels[..., 0] == pixels[..., c]).all() for c in (1, 2)):
        return np.ascontiguousarray(pixels[..., ::3])  # grey, and alpha if there is one
    return pixels


def _lossy(pixels: NDArray[Any], kind: str, quality: int, beside: dict[str, Any]) -> list[bytes]:
    full = quality >= 90
    options: dict[str, Any] = {"WebP": {}, "JPEG": {"subsampling": 0 if full else 2}}.get(
        kind, {"subsampling": "4:4:4" if full else "4:2:0", "speed": 8}
    )
    file = io.BytesIO()
    image = Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels)
    image.save(file, kind, quality=quality, **options, **beside)
    return [file.getvalue()]
