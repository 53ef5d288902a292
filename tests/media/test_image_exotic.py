"""Files nobody expects: each ends in the right picture or in one sentence that helps.

Every file is made here, most of them byte by byte (`picture_files`).
"""

import errno
import os
import struct
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from picture_files import (
    DISPLAY_P3,
    SRGB,
    SRGB_CURVE,
    chunk,
    png,
    profile,
    saved,
    tiff,
)
from PIL import Image

from olhar.errors import OlharError
from olhar.media.image import read

NOISE = np.random.default_rng(0)
RGB8 = NOISE.integers(0, 256, (5, 7, 3), dtype=np.uint8)
RGB16 = NOISE.integers(0, 65536, (5, 7, 3), dtype=np.uint16)
RGBA16 = NOISE.integers(0, 65536, (5, 7, 4), dtype=np.uint16)
GREY16 = RGB16[..., :1]
FLOAT = NOISE.random((5, 7, 3), dtype=np.float32)

OK = {}  # name: (file, expected (H, W, C) in [0, 1], what else the picture is)
BAD = {}  # name: (file, words of the sentence)


def planes(values):
    """(H, W, C) values in [0, 1] as the (3, H, W) that is to be read."""
    return torch.from_numpy(np.broadcast_to(values, (*values.shape[:2], 3)).copy()).permute(2, 0, 1)


def over_white(values):
    """What straight (H, W, C + 1) colours and alpha in [0, 1] look like."""
    return values[..., :-1] * values[..., -1:] + 1 - values[..., -1:]


def image(values):
    return Image.fromarray(values[..., 0] if values.shape[-1] == 1 else values)


def is16(expected):
    return expected / 65535


# Depths and modes of PNG.
for bits in (1, 2, 4):
    levels = np.arange(8, dtype=np.uint8).reshape(1, 8, 1) % (1 << bits)
    packed = np.packbits(np.unpackbits(levels[..., 0][..., None], axis=2)[..., 8 - bits :].ravel())
    OK[f"PNG grey {bits}"] = (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 1, bits, 0, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(b"\0" + packed.tobytes()))
        + chunk(b"IEND", b""),
        levels / (2**bits - 1),
        {"grey": True, "bits": 8},
    )
OK |= {
    "PNG grey 8": (png(RGB8[..., :1]), RGB8[..., :1] / 255, {"grey": True}),
    "PNG grey 16": (png(GREY16), is16(GREY16), {"grey": True, "bits": 16}),
    "PNG grey 16, interlaced": (png(GREY16, interlaced=True), is16(GREY16), {"bits": 16}),
    "PNG grey alpha 16": (
        png(RGBA16[..., 2:]),
        over_white(is16(RGBA16[..., 2:])),
        {"grey": True, "bits": 16, "alpha": is16(RGBA16[..., 3:])},
    ),
    "PNG colour 16": (png(RGB16), is16(RGB16), {"bits": 16, "grey": False}),
    "PNG colour 16, interlaced": (png(RGB16, interlaced=True), is16(RGB16), {"bits": 16}),
    "PNG colour alpha 16": (
        png(RGBA16),
        over_white(is16(RGBA16)),
        {"bits": 16, "alpha": is16(RGBA16[..., 3:])},
    ),
    "PNG colour alpha 16, interlaced": (
        png(RGBA16, interlaced=True),
        over_white(is16(RGBA16)),
        {"alpha": is16(RGBA16[..., 3:])},
    ),
    "PNG opaque": (
        png(np.dstack([RGB8, np.full((5, 7), 255, np.uint8)])),
        RGB8 / 255,
        {"alpha": None},
    ),
}

# One value, or one colour, is transparent (tRNS).
key = np.ones((5, 7, 1))
key[2, 3] = 0
for values, top in ((RGB8, 255), (RGB16, 65535), (RGB8[..., :1], 255), (GREY16, 65535)):
    packed = struct.pack(f">{values.shape[2]}H", *(int(value) for value in values[2, 3]))
    name = f"PNG with a transparent {'colour' if values.shape[2] == 3 else 'grey'} of {top}"
    expected = over_white(np.dstack([values / top, key]))
    OK[name] = (png(values, chunk(b"tRNS", packed)), expected, {"alpha": key})

# Hidden colours, palettes, frames.
hidden = np.zeros((4, 4, 4), np.uint8)
hidden[..., 0] = 255  # red below
hidden[:2, :, 3] = 255  # seen in the upper half
palette = Image.new("P", (3, 1))
palette.putpalette([255, 0, 0, 0, 255, 0, 0, 0, 255])
palette.putdata([0, 1, 2])
colors = np.eye(3)[None]
two = [image(RGB8), image(255 - RGB8)]
lossless = {"save_all": True, "append_images": two[1:], "lossless": True}
OK |= {
    "PNG with a hidden colour": (
        png(hidden),
        over_white(hidden / 255),
        {"alpha": hidden[..., 3:] / 255},
    ),
    "PNG palette": (saved(palette, "PNG"), colors, {"grey": False, "bits": 8}),
    "PNG palette, one transparent": (
        saved(palette, "PNG", transparency=1),
        over_white(np.dstack([colors, [[1, 0, 1]]])),
        {"alpha": np.array([[[1.0], [0.0], [1.0]]])},
    ),
    "PNG palette, half transparent": (
        saved(palette, "PNG", transparency=bytes([255, 51, 0])),
        over_white(np.dstack([colors, [[1, 0.2, 0]]])),
        {"alpha": np.array([[[1.0], [0.2], [0.0]]])},
    ),
    "PNG animated": (
        saved(two[0], "PNG", save_all=True, append_images=two[1:]),
        RGB8 / 255,
        {"notes": ("animated: the first of 2 frames was used",)},
    ),
    "GIF animated": (
        saved(palette, "GIF", save_all=True, append_images=[palette.rotate(180)]),
        colors,
        {"notes": ("animated: the first of 2 frames was used",)},
    ),
    "GIF transparent": (
        saved(palette, "GIF", transparency=2),
        over_white(np.dstack([colors, [[1, 1, 0]]])),
        {"alpha": np.array([[[1.0], [1.0], [0.0]]])},
    ),
    "WebP animated": (
        saved(two[0], "WEBP", **lossless),
        RGB8 / 255,
        {"notes": ("animated: the first of 2 frames was used",)},
    ),
    "WebP transparent": (
        saved(image(hidden), "WEBP", lossless=True, exact=True),
        over_white(hidden / 255),
        {"alpha": hidden[..., 3:] / 255},
    ),
    "TIFF of two pages": (
        saved(two[0], "TIFF", save_all=True, append_images=two[1:]),
        RGB8 / 255,
        {"notes": ("2 pages: the first was used",)},
    ),
}

# TIFF, which can be almost anything.
OK |= {
    "TIFF 16": (tiff(RGB16), is16(RGB16), {"bits": 16}),
    "TIFF 16, Motorola": (tiff(RGB16, order=">"), is16(RGB16), {"bits": 16}),
    "TIFF 16, deflated": (tiff(RGB16, deflate=True), is16(RGB16), {"bits": 16}),
    "TIFF 16, Motorola, deflated": (tiff(RGB16, order=">", deflate=True), is16(RGB16), {}),
    "TIFF 16, planes": (tiff(RGB16, planar=True), is16(RGB16), {"bits": 16}),
    "TIFF 16, Motorola, planes": (tiff(RGB16, planar=True, order=">"), is16(RGB16), {}),
    "TIFF 16, planes, deflated": (
        tiff(RGB16, planar=True, deflate=True),
        (RGB16 >> 8) / 255,
        {"bits": 8, "notes": ("only the upper 8 bits of its values were used",)},
    ),
    "TIFF 8, planes": (tiff(RGB8, planar=True), RGB8 / 255, {"bits": 8}),
    "TIFF 16 with alpha": (
        tiff(RGBA16, tags={338: (3, (2,))}),
        over_white(is16(RGBA16)),
        {"alpha": is16(RGBA16[..., 3:])},
    ),
    "TIFF 16 with multiplied alpha": (
        tiff(np.minimum(RGBA16, RGBA16[..., 3:]), tags={338: (3, (1,))}),
        is16(np.minimum(RGBA16, RGBA16[..., 3:])[..., :3]) + 1 - is16(RGBA16[..., 3:]),
        {"alpha": is16(RGBA16[..., 3:]), "within": 1e-5},
    ),
    "TIFF 8 with multiplied alpha": (
        tiff(hidden // 255 * hidden[..., 3:], tags={338: (3, (1,))}),
        over_white(hidden / 255),
        {"alpha": hidden[..., 3:] / 255},
    ),
    "TIFF 16 with an unused channel": (
        tiff(RGBA16, tags={338: (3, (0,))}),
        is16(RGBA16[..., :3]),
        {"alpha": None, "bits": 16},
    ),
    "TIFF grey 16": (tiff(GREY16), is16(GREY16), {"grey": True, "bits": 16}),
    "TIFF grey 16, Motorola": (tiff(GREY16, order=">"), is16(GREY16), {"grey": True}),
    "TIFF grey 16, white is zero": (tiff(GREY16, ink=0), 1 - is16(GREY16), {"grey": True}),
    "TIFF grey 8, white is zero": (tiff(RGB8[..., :1], ink=0), 1 - RGB8[..., :1] / 255, {}),
    "TIFF grey, BigTIFF": (saved(image(RGB8), "TIFF", big_tiff=True), RGB8 / 255, {}),
    "TIFF float": (tiff(FLOAT[..., :1]), FLOAT[..., :1], {"grey": True, "notes": ()}),
    "TIFF float, wide": (
        tiff(FLOAT[..., :1] * 500 - 100),
        (FLOAT[..., :1] - FLOAT[..., 0].min()) / np.ptp(FLOAT[..., 0]),
        {"notes": "were spread from black to white"},
    ),
    "TIFF float, no numbers": (
        tiff(np.array([[[0.5], [np.nan], [np.inf], [0.25]]], np.float32)),
        np.array([[[0.5], [0.0], [1.0], [0.25]]]),
        {"notes": ("values that are no numbers became black or white",)},
    ),
    "TIFF float, constant": (
        tiff(np.full((2, 2, 1), 7, np.float32)),
        np.zeros((2, 2, 1)),
        {"notes": "were spread"},
    ),
    "TIFF float, colour": (tiff(FLOAT), FLOAT, {"grey": False, "bits": 16, "notes": ()}),
    "TIFF float, colour, turned": (
        tiff(FLOAT, tags={274: (3, (6,))}),
        np.rot90(FLOAT, -1),
        {},
    ),
    "TIFF double": (tiff(FLOAT[..., :1].astype(np.float64)), FLOAT[..., :1], {"grey": True}),
    "TIFF signed 16": (
        tiff(np.array([[[-300], [0], [300], [600]]], np.int16)),
        np.array([[[0], [1 / 3], [2 / 3], [1]]]),
        {"notes": ("values from -300 to 600 were spread from black to white",)},
    ),
    "TIFF unsigned 32": (
        tiff(np.array([[[0], [1 << 30], [1 << 31], [3 << 30]]], np.uint32)),
        np.array([[[0], [1 / 3], [2 / 3], [1]]]),
        {"notes": "were spread"},
    ),
    "TIFF CMYK": (
        tiff(np.array([[[0, 255, 255, 0], [0, 0, 0, 255]]], np.uint8), ink=5),
        np.array([[[1, 0, 0], [0, 0, 0]]]),
        {"notes": ("CMYK without a colour profile: its colours are a guess",)},
    ),
    "TIFF CMYK 16": (
        tiff(np.array([[[0, 65535, 65535, 0], [0, 0, 0, 65535]]], np.uint16), ink=5),
        np.array([[[1, 0, 0], [0, 0, 0]]]),
        {"notes": "only the upper 8 bits"},
    ),
    "TIFF Lab": (
        tiff(np.array([[[255, 0, 0], [138, 81, 70]]], np.uint8), ink=8),  # D50: white, red
        np.array([[[1, 1, 1], [1, 0, 0]]]),
        {"within": 5.5 / 255},
    ),
}
grey12 = np.array([0, 1365, 2730, 4095])  # two values in three bytes
bytes12 = bytes([0, 5, 0x55, 0xAA, 0xAF, 0xFF])
OK["TIFF grey 12"] = (
    tiff(
        np.frombuffer(bytes12, np.uint8).reshape(1, 6, 1),
        tags={256: (4, (4,)), 258: (3, (12,))},
    ),
    grey12.reshape(1, 4, 1) / 4095,
    {"grey": True, "bits": 16},
)

# Others.
cmyk = Image.new("CMYK", (32, 16), (0, 255, 255, 0))
cmyk.paste((0, 0, 0, 255), (16, 0, 32, 16))
red_and_black = np.repeat(np.repeat([[[1, 0, 0], [0, 0, 0]]], 16, 0), 16, 1)
alpha_bmp = struct.pack("<2sIHHI", b"BM", 122 + 12, 0, 0, 122) + struct.pack(
    "<IiiHHIIiiIIIIII", 108, 3, -1, 1, 32, 3, 12, 0, 0, 0, 0, 0xFF0000, 0xFF00, 0xFF, 0xFF000000
)
OK |= {
    "JPEG CMYK, inverted as Adobe does": (
        saved(cmyk, "JPEG", quality=100),
        red_and_black,
        {"within": 3 / 255, "notes": "CMYK without a colour profile"},
    ),
    "JPEG grey": (
        saved(Image.new("L", (16, 16), 100), "JPEG"),
        np.full((16, 16, 1), 100 / 255),
        {"grey": True, "within": 1.1 / 255},
    ),
    "JPEG of two pictures": (
        saved(Image.new("RGB", (16, 16), "red"), "MPO", save_all=True, append_images=[cmyk]),
        np.ones((16, 16, 1)) * [1, 0, 0],
        {"within": 2 / 255, "notes": ()},
    ),
    "BMP": (saved(image(RGB8), "BMP"), RGB8 / 255, {}),
    "BMP with alpha": (
        alpha_bmp.ljust(122, b"\0") + bytes([0, 0, 255, 255, 0, 255, 0, 51, 255, 0, 0, 0]),
        over_white(np.dstack([colors, [[1, 0.2, 0]]])),
        {"alpha": np.array([[[1.0], [0.2], [0.0]]])},
    ),
    "PPM": (b"P6 # a comment\n7 5\n255\n" + RGB8.tobytes(), RGB8 / 255, {}),
    "PPM plain": (b"P3 2 1 255 255 0 0 0 51 0", np.array([[[1, 0, 0], [0, 0.2, 0]]]), {}),
    "PPM 16": (b"P6 7 5 65535\n" + RGB16.astype(">u2").tobytes(), is16(RGB16), {"bits": 16}),
    "PPM 10": (
        b"P6 7 5 1023\n" + (RGB16 >> 6).astype(">u2").tobytes(),
        (RGB16 >> 6) / 1023,
        {"bits": 16},
    ),
    "PPM beyond its maximum": (
        b"P6 1 1 1000\n" + struct.pack(">3H", 500, 1000, 65535),
        np.array([[[0.5, 1, 1]]]),
        {},
    ),
    "PPM 4": (
        b"P6 7 5 15\n" + (RGB8 >> 4).tobytes(),
        (RGB8 >> 4) / 15,
        {"bits": 8, "grey": False},
    ),
    "PGM 10": (
        b"P5 7 5 1023\n" + (GREY16 >> 6).astype(">u2").tobytes(),
        (GREY16 >> 6) / 1023,
        {"bits": 16, "grey": True},
    ),
    "PGM 16": (b"P5 7 5 65535\n" + GREY16.astype(">u2").tobytes(), is16(GREY16), {"bits": 16}),
    "PBM": (b"P4 8 1\n\x0f", np.array([1, 1, 1, 1, 0, 0, 0, 0]).reshape(1, 8, 1), {"grey": True}),
    "JPEG 2000": (saved(image(RGB8), "JPEG2000"), RGB8 / 255, {}),
    "AVIF": (
        saved(Image.new("RGB", (16, 16), (200, 100, 50)), "AVIF", quality=100),
        np.ones((16, 16, 1)) * [200 / 255, 100 / 255, 50 / 255],
        {"within": 3 / 255},
    ),
}

# Colour profiles and gamma.
p3 = profile(DISPLAY_P3, *SRGB_CURVE)
linear_grey = profile(None, 1.0, space=b"GRAY")
half = np.full((2, 2, 3), 128, np.uint8)
half_linear = 1.055 * (128 / 255) ** (1 / 2.4) - 0.055
broken_note = "its colour profile is broken or not for such a picture: taken for sRGB"


def icc(data):
    return chunk(b"iCCP", b"test\0\0" + zlib.compress(data))


OK |= {
    "a broken profile": (png(RGB8, icc(b"no profile")), RGB8 / 255, {"notes": (broken_note,)}),
    "a broken profile, 16 bits": (
        png(RGB16, icc(p3[:200])),
        is16(RGB16),
        {"notes": (broken_note,), "bits": 16},
    ),
    "a profile for grey on colour": (
        png(RGB8, icc(linear_grey)),
        RGB8 / 255,
        {"notes": (broken_note,)},
    ),
    "a profile for CMYK on colour": (
        png(RGB16, icc(profile(DISPLAY_P3, 1.0, space=b"CMYK"))),
        is16(RGB16),
        {"notes": (broken_note,)},
    ),
    "a linear profile on grey": (
        png(half[..., :1], icc(linear_grey)),
        np.full((2, 2, 1), half_linear),
        {"within": 0.6 / 255, "grey": True},
    ),
    "a linear profile on grey 16": (
        png(half[..., :1] * np.uint16(257), icc(linear_grey)),
        np.full((2, 2, 1), half_linear),
        {"bits": 16, "grey": True},
    ),
    "a linear profile on grey with alpha": (
        png(np.dstack([half[..., 0], half[..., 0] * 0 + 51]), icc(linear_grey)),
        np.full((2, 2, 1), half_linear * 0.2 + 0.8),
        {"within": 0.6 / 255, "grey": True, "alpha": np.full((2, 2, 1), 0.2)},
    ),
    "a profile for colour on grey": (
        png(half[..., :1], icc(profile(DISPLAY_P3, 1.0))),
        np.full((2, 2, 1), half_linear),
        {"within": 0.6 / 255, "grey": True},
    ),
    "a profile for colour on grey 16": (
        png(half[..., :1] * np.uint16(257), icc(profile(DISPLAY_P3, 1.0))),
        np.full((2, 2, 1), half_linear),
        {"bits": 16, "grey": True},
    ),
    "linear gamma": (
        png(half, chunk(b"gAMA", struct.pack(">I", 100000))),
        np.full((2, 2, 3), half_linear),
        {"bits": 8},
    ),
    "linear gamma, 16 bits": (
        png(half * np.uint16(257), chunk(b"gAMA", struct.pack(">I", 100000))),
        np.full((2, 2, 3), half_linear),
        {"bits": 16},
    ),
    "linear gamma that sRGB overrules": (
        png(RGB8, chunk(b"gAMA", struct.pack(">I", 100000)), chunk(b"sRGB", b"\0")),
        RGB8 / 255,
        {},
    ),
    "a profile of two megabytes": (
        png(RGB8, icc(profile(SRGB, *SRGB_CURVE) + bytes(2 << 20))),
        RGB8 / 255,
        {},
    ),
    "absurd gamma": (png(RGB8, chunk(b"gAMA", bytes(4))), RGB8 / 255, {}),
}


@pytest.mark.parametrize("name", OK)
def test_the_right_picture(name, tmp_path, capfd):
    data, expected, more = OK[name]
    path = tmp_path / "picture.dat"  # the suffix says nothing
    path.write_bytes(data)
    picture = read(path)
    assert picture.image.dtype == torch.float32
    assert picture.image.is_contiguous()
    within = more.get("within", 1e-6)
    torch.testing.assert_close(
        picture.image.double(), planes(expected).double(), atol=within, rtol=0
    )
    if isinstance(alpha := more.get("alpha"), np.ndarray):
        seen = torch.from_numpy(alpha).permute(2, 0, 1).float()
        torch.testing.assert_close(picture.alpha, seen, atol=1e-6, rtol=0)
    else:
        assert picture.alpha is None
    for attribute in ("bits", "grey"):
        assert getattr(picture, attribute) == more.get(attribute, getattr(picture, attribute))
    if isinstance(notes := more.get("notes", ()), str):
        assert any(notes in note for note in picture.notes)
    else:
        assert picture.notes == notes
    assert capfd.readouterr() == ("", "")


photo = image(np.tile(RGB8, (8, 8, 1)))
header = png(RGB8)[:8]
raw_tags = {254: (4, (1,)), 330: (4, (8,))}
BAD |= {
    "empty": (b"", "is empty"),
    "one byte": (b"\xff", "is in no picture format"),
    "junk": (bytes(NOISE.integers(128, 256, 500, dtype=np.uint8)), "is in no picture format"),
    "zeros": (bytes(1000), "is in no picture format"),
    "text": (b"a shopping list:\n- eggs\n" * 9, "is a text, not a picture"),
    "text in Portuguese": ("uma lição de coração ".encode() * 300, "is a text, not a picture"),
    "a web page": (b"\n<!DOCTYPE html><html>", "is a web page.*save the picture itself"),
    "SVG": (b'<?xml version="1.0"?>\n<svg xmlns="x"/>', "is an SVG drawing.*export it as PNG"),
    "PDF": (b"%PDF-1.7\n%\xe2\xe3", "is a PDF document.*export it as PNG"),
    "EPS": (b"%!PS-Adobe-3.0 EPSF-3.0", "is an EPS or PostScript drawing"),
    "Photoshop": (b"8BPS\0\1" + bytes(40), "is a Photoshop document"),
    "JPEG XL": (b"\0\0\0\x0cJXL \r\n\x87\n", "is a JPEG XL picture"),
    "OpenEXR": (b"\x76\x2f\x31\x01" + bytes(40), "high dynamic range.*export it as TIFF"),
    "an icon": (b"\0\0\1\0\1\0" + bytes(40), "is a Windows icon"),
    "MP4": (b"\0\0\0\x18ftypisom\0\0\2\0isom", "is a video.*command that takes videos"),
    "Matroska": (b"\x1aE\xdf\xa3" + bytes(40), "is a video"),
    "ZIP": (b"PK\3\4" + bytes(40), "is an archive.*unpack"),
    "packed": (b"olhar\0pk\0\0", "is a packed folder.*olhar unpack"),
    "Git LFS": (b"version https://git-lfs.github.com/spec/v1\n", "git lfs pull"),
    "Canon raw": (b"II*\0\x10\0\0\0CR\2\0" + bytes(40), "is a camera raw file"),
    "Canon raw 3": (b"\0\0\0\x18ftypcrx \0\0\0\1crx isom", "is a camera raw file.*develop it"),
    "Fuji raw": (b"FUJIFILMCCD-RAW 0201" + bytes(40), "is a camera raw file"),
    "raw with a thumbnail": (tiff(RGB8, tags=raw_tags), "is a camera raw file.*develop it"),
    "DNG": (tiff(RGB8, tags={50706: (1, (1, 4, 0, 0))}), "is a camera raw file"),
    "JPEG, cut short": (saved(photo, "JPEG")[:-200], "damaged or cut short.*truncated"),
    "JPEG, only its start": (saved(photo, "JPEG")[:30], "damaged"),
    "PNG, cut short": (saved(photo, "PNG")[:-200], "damaged or cut short"),
    "PNG, only its start": (header, "is a PNG file whose header is damaged"),
    "PNG 16, cut short": (png(RGB16)[:-40], "damaged or cut short"),
    "PNG with a wrong checksum": (png(RGB8).replace(b"IDATx", b"IDATy"), "damaged"),
    "PNG without pixels": (png(RGB8, size=(0, 5)), "is a PNG file whose header is damaged"),
    "PPM without pixels": (b"P6 0 5 255\n", "has no pixels|is a PPM file whose header is damaged"),
    "GIF, cut short": (saved(photo.quantize(), "GIF")[:-300], "damaged or cut short"),
    "WebP, cut short": (saved(photo, "WEBP")[:-50], "damaged"),
    "AVIF, cut short": (saved(photo, "AVIF")[:-50], "damaged"),
    "TIFF, cut short": (tiff(RGB8)[:60], "damaged"),
    "TIFF, deflated, damaged": (
        tiff(RGB8, deflate=True).replace(b"x\x9c", b"\0\0", 1),
        "damaged or cut short",
    ),
    "PPM 16, cut short": (b"P6 7 5 65535\n" + bytes(100), "damaged or cut short.*truncated"),
    "TIFF 16, planes with alpha": (
        tiff(RGBA16, planar=True, tags={338: (3, (2,))}),
        "interleaved channels",
    ),
    "TIFF half float": (tiff(FLOAT.astype(np.float16)), "TIFF file whose header is.*a rare kind"),
    "a bomb": (png(RGB8, size=(60000, 60000)), r"60000 x 60000 pixels.*--max-pixels 3600000000"),
    "a GIF bomb": (
        saved(palette, "GIF").replace(b"\x03\0\x01\0", b"\xff" * 4, 1),
        "65535 x 65535 pixels",
    ),
    "a float bomb": (
        tiff(FLOAT, tags={256: (4, (1 << 20,)), 257: (4, (1 << 20,))}),
        "1048576 x 1048576 pixels",
    ),
}


def sentence(error):
    text = str(error.value)
    assert text == " ".join(text.split())
    assert text.isprintable()
    return text


@pytest.mark.parametrize("name", BAD)
def test_the_right_sentence(name, tmp_path, capfd):
    data, words = BAD[name]
    path = tmp_path / "picture.jpg"
    path.write_bytes(data)
    with pytest.raises(OlharError, match=f"(?i){words}") as error:
        read(path)
    assert sentence(error).startswith(str(path))
    assert capfd.readouterr() == ("", "")


def test_a_raw_file_is_told_by_its_suffix_where_its_content_does_not(tmp_path):
    (tmp_path / "photo.NEF").write_bytes(tiff(RGB8))
    with pytest.raises(OlharError, match="camera raw file"):
        read(tmp_path / "photo.NEF")


def test_missing_folders_links_pipes_and_addresses(tmp_path):
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe")
    for path, words in (
        (tmp_path / "missing.jpg", "there is no file .*missing.jpg; check the name"),
        (tmp_path / "dangling", "there is no file"),
        (tmp_path, "is a folder, where a file is needed"),
        (tmp_path / "loop", "cannot be opened: too many levels of symbolic links"),
        (tmp_path / "pipe", "is a device or a pipe"),
        (Path(os.devnull), "is a device or a pipe"),
        (tmp_path / ("x" * 300), "cannot be opened: file name too long"),
        (tmp_path / "two\nlines.jpg", r"there is no file .*two\\nlines.jpg"),
        ("nul\0.jpg", "cannot be opened"),
        ("https://example.org/photo.jpg", "is an address, not a file; download it"),
    ):
        with pytest.raises(OlharError, match=words) as error:
            read(path)
        sentence(error)


def test_permission_denied(tmp_path, monkeypatch):
    (tmp_path / "photo.jpg").write_bytes(saved(photo, "JPEG"))

    def refuse(*_):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)  # root may open anything
    with pytest.raises(OlharError, match=r"photo\.jpg cannot be opened: permission denied"):
        read(tmp_path / "photo.jpg")


def test_heic(tmp_path):
    heif = pytest.importorskip("pillow_heif")
    heif.register_heif_opener()
    flat = Image.new("RGB", (64, 32), (200, 100, 50))
    path = tmp_path / "photo.jpg"
    path.write_bytes(saved(flat, "HEIF", quality=100))
    picture = read(path)
    expected = torch.tensor([200, 100, 50]).reshape(3, 1, 1).expand(3, 32, 64) / 255
    torch.testing.assert_close(picture.image, expected, atol=4 / 255, rtol=0)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(OlharError, match="damaged or cut short"):
        read(path)


def test_heic_without_its_package_says_what_to_install(tmp_path, monkeypatch):
    (tmp_path / "photo.heic").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(50))
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(OlharError, match="one more package: pip install pillow-heif"):
        read(tmp_path / "photo.heic")


def test_more_pixels_can_be_allowed(tmp_path, recwarn):
    limit = Image.MAX_IMAGE_PIXELS
    wide = Image.new("1", (20_000, 10_000), 1)  # more than Pillow itself would open
    wide.save(tmp_path / "wide.png")
    with pytest.raises(OlharError, match="20000 x 10000 pixels, more than the 100000000"):
        read(tmp_path / "wide.png")
    small = tmp_path / "small.png"
    small.write_bytes(png(RGB8))
    with pytest.raises(OlharError, match="7 x 5 pixels, more than the 34 that are allowed"):
        read(small, max_pixels=34)
    read(small, max_pixels=35)
    assert not recwarn.list
    assert limit == Image.MAX_IMAGE_PIXELS


SEEDS = {
    "jpg": saved(photo, "JPEG", icc_profile=p3),
    "png": saved(photo.quantize(16), "PNG", transparency=3, icc_profile=p3),
    "png16": png(RGBA16),
    "webp": saved(photo, "WEBP"),
    "gif": saved(photo.quantize(16), "GIF", save_all=True, append_images=[photo.quantize(8)]),
    "tif": saved(photo, "TIFF", compression="tiff_lzw"),
    "tif16": tiff(RGB16),
    "float": tiff(FLOAT),
    "bmp": saved(photo, "BMP"),
    "ppm": b"P6 7 5 1023\n" + (RGB16 >> 6).astype(">u2").tobytes(),
    "jp2": saved(photo, "JPEG2000"),
    "cmyk": saved(cmyk, "JPEG", icc_profile=p3),
}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(st.sampled_from(sorted(SEEDS)), st.data())
def test_damage_ends_in_a_picture_or_a_sentence(tmp_path, kind, data):
    content = bytearray(SEEDS[kind])
    if data.draw(st.booleans()):
        del content[data.draw(st.integers(0, len(content) - 1)) :]
    if content:
        place = st.integers(0, min(len(content), 600) - 1)
        for at, value in data.draw(st.lists(st.tuples(place, st.integers(0, 255)), max_size=4)):
            content[at] = value
    path = tmp_path / "damaged"
    path.write_bytes(content)
    try:
        picture = read(path, max_pixels=100_000)
    except OlharError as error:
        assert str(error).isprintable()  # noqa: PT017
    else:
        assert picture.image.isfinite().all()
        assert 0 <= picture.image.min() <= picture.image.max() <= 1
