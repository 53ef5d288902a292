"""Images there and back: direction, colour, depth, alpha and what a file knew beside its pixels."""

import os
import re
import struct
import subprocess
import sys
import threading
import time
import zlib
from dataclasses import replace
from functools import partial
from itertools import pairwise

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from picture_files import (
    ADOBE_RGB,
    DISPLAY_P3,
    SRGB,
    SRGB_CURVE,
    chunk,
    cmyk_profile,
    png,
    profile,
    saved,
    tiff,
)
from PIL import ExifTags, Image
from PIL.TiffImagePlugin import IFDRational

from olhar.data.squares import square
from olhar.errors import OlharError
from olhar.media import image_read
from olhar.media import tiff as tiff_writer
from olhar.media.color import lab_to_srgb, linear_to_srgb, srgb_to_linear
from olhar.media.image import MAX_PIXELS, READABLE, WRITABLE, Picture, read, resize, write
from olhar.media.mark import IPTC
from olhar.media.metadata import cleaned_xmp
from olhar.media.xmp import marked

EXIF, GPS, INTEROP = ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo, ExifTags.IFD.Interop
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><dc:title>S\xc3\xa9</dc:title></x:xmpmeta>'
NOISE = np.random.default_rng(1)


def some_exif(orientation=1):
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Câmera".encode()
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.Base.Copyright] = b"Ana"
    details = exif.get_ifd(EXIF)
    details[ExifTags.Base.DateTimeOriginal] = "2026:01:02 03:04:05"
    details[ExifTags.Base.ExposureTime] = IFDRational(1, 125)
    details[ExifTags.Base.ExifImageWidth] = 4000
    details[ExifTags.Base.ExifImageHeight] = 3000
    details[ExifTags.Base.ColorSpace] = 65535
    details[ExifTags.Base.MakerNote] = b"secret\0\1\2"
    details[INTEROP] = {1: "R03"}
    exif.get_ifd(GPS).update({1: "S", 2: (22.0, 57.0, 6.5), 3: "W", 4: (43.0, 12.0, 37.25)})
    return exif


def a_picture(height=20, width=30, **more):
    return Picture(image=torch.rand(3, height, width), **more)


def names(folder):
    return [path.name for path in folder.iterdir()]


def again(path):
    """The file as Pillow sees it."""
    with Image.open(path) as image:
        image.load()
        return image


# Direction.

STORED = np.zeros((16, 24, 3), np.uint8)
STORED[:8, :8] = 255, 0, 0
STORED[:8, 16:] = 0, 255, 0
STORED[8:, :8] = 0, 0, 255
UPRIGHT = {
    1: STORED,
    2: STORED[:, ::-1],
    3: STORED[::-1, ::-1],
    4: STORED[::-1],
    5: STORED.transpose(1, 0, 2),
    6: np.rot90(STORED, -1),
    7: np.rot90(STORED, 2).transpose(1, 0, 2),
    8: np.rot90(STORED),
}


def turned(kind, orientation):
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    image = Image.fromarray(STORED)
    if kind == "PNG 16":
        chunks = chunk(b"eXIf", exif.tobytes()[6:])
        return png(STORED * np.uint16(257), chunks)
    if kind == "PNG with EXIF at its end":
        data = saved(image, "PNG")
        return data[:-12] + chunk(b"eXIf", exif.tobytes()[6:]) + data[-12:]
    if kind == "TIFF 16":
        return tiff(STORED * np.uint16(257), tags={274: (3, (orientation,))})
    if kind == "XMP":
        packet = f'<rdf:Description tiff:Orientation="{orientation}"/>'.encode()
        return saved(image, "WEBP", lossless=True, xmp=packet)
    lossless = {
        "JPEG": {"quality": 100, "subsampling": 0},
        "AVIF": {"quality": 100, "subsampling": "4:4:4"},
    }
    return saved(image, kind, exif=exif, **lossless.get(kind, {"lossless": True}))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize(
    "kind",
    ["JPEG", "PNG", "PNG 16", "PNG with EXIF at its end", "WEBP", "TIFF", "TIFF 16", "AVIF", "XMP"],
)
def test_every_picture_stands_upright_and_stays_so(kind, orientation, tmp_path):
    (tmp_path / "stored").write_bytes(turned(kind, orientation))
    expected = torch.from_numpy(UPRIGHT[orientation].copy()).permute(2, 0, 1) / 255
    picture = read(tmp_path / "stored")
    within = 6 / 255 if kind in {"JPEG", "AVIF"} else 0
    torch.testing.assert_close(picture.image, expected, atol=within, rtol=0)
    written = write(tmp_path / "again.png", picture)
    assert again(written).getexif().get(ExifTags.Base.Orientation, 1) == 1
    assert torch.equal(read(written).image, picture.image.mul(255).round().div(255))


def test_a_heic_picture_is_turned_once(tmp_path):
    pytest.importorskip("pillow_heif").register_heif_opener()
    image = Image.new("RGB", (64, 32), "white")
    image.paste("black", (0, 0, 32, 32))
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    (tmp_path / "photo.heic").write_bytes(saved(image, "HEIF", exif=exif.tobytes(), quality=100))
    seen = read(tmp_path / "photo.heic").image
    assert seen.shape == (3, 64, 32)
    assert seen[:, :30].max() < 0.05
    assert seen[:, 34:].min() > 0.95


@pytest.mark.parametrize("orientation", [0, 9, 255, 65535])
def test_an_orientation_without_meaning_is_passed_over(orientation, tmp_path):
    (tmp_path / "photo.png").write_bytes(turned("PNG", orientation))
    assert read(tmp_path / "photo.png").image.shape == (3, 16, 24)


# Colour.

P3_TO_SRGB = torch.tensor(  # CSS Color 4, section 10, sample code, linear light
    [[1.2249402, -0.2249402, 0], [-0.0420569, 1.0420569, 0], [-0.0196376, -0.0786361, 1.0982735]]
)


def with_profile(values, data):
    return png(values, chunk(b"iCCP", b"test\0\0" + zlib.compress(data)))


P3 = profile(DISPLAY_P3, *SRGB_CURVE)
IN_GAMUT = 0.35 + 0.4 * NOISE.random((8, 8, 3))  # nothing of it leaves sRGB


@pytest.mark.parametrize(("dtype", "within"), [(np.uint8, 1.1 / 255), (np.uint16, 3e-5)])
def test_display_p3_becomes_srgb(dtype, within, tmp_path):
    top = np.iinfo(dtype).max
    values = (IN_GAMUT * top).round().astype(dtype)
    (tmp_path / "photo.png").write_bytes(with_profile(values, P3))
    linear = srgb_to_linear(torch.from_numpy(values / top).permute(2, 0, 1).float())
    expected = linear_to_srgb(torch.einsum("ij,jhw->ihw", P3_TO_SRGB, linear))
    assert expected.min() > 0
    assert expected.max() < 1
    picture = read(tmp_path / "photo.png")
    torch.testing.assert_close(picture.image, expected, atol=within, rtol=0)
    assert picture.notes == ()


CURVES = {
    "a gamma": (2.2,),
    "a straight line": (1.0,),
    "the parameters of sRGB": SRGB_CURVE,
    "a table": tuple((n / 1023) ** 1.8 for n in range(1024)),
}


@pytest.mark.parametrize("curve", CURVES)
@pytest.mark.parametrize("colorants", [ADOBE_RGB, DISPLAY_P3, SRGB])
def test_sixteen_bits_are_converted_as_littlecms_converts_eight(curve, colorants, tmp_path):
    values = NOISE.integers(0, 256, (16, 16, 3), dtype=np.uint8)
    data = profile(colorants, *CURVES[curve])
    (tmp_path / "8.png").write_bytes(with_profile(values, data))
    (tmp_path / "16.png").write_bytes(with_profile(values * np.uint16(257), data))
    eight, sixteen = read(tmp_path / "8.png"), read(tmp_path / "16.png")
    assert (eight.bits, sixteen.bits) == (8, 16)
    # lcms rounds a steep curve in the darkest levels.
    torch.testing.assert_close(eight.image, sixteen.image, atol=4 / 255, rtol=0)
    assert (eight.image - sixteen.image).abs().mean() < 0.4 / 255


def test_sixteen_bits_stay_fine_through_a_profile(tmp_path):
    ramp = np.arange(20000, 20512, dtype=np.uint16).reshape(1, -1, 1).repeat(3, axis=2)
    (tmp_path / "ramp.png").write_bytes(with_profile(ramp, profile(ADOBE_RGB, 2.2)))
    seen = read(tmp_path / "ramp.png").image
    assert len(seen[0].unique()) == 512
    assert (seen.amax(0) - seen.amin(0)).max() < 1e-5  # grey stays grey


def test_a_profile_that_is_srgb_moves_nothing(tmp_path):
    values = NOISE.integers(0, 256, (16, 16, 3), dtype=np.uint8)
    for n, top in (("8", 1), ("16", np.uint16(257))):
        path = tmp_path / f"{n}.png"
        path.write_bytes(with_profile(values * top, profile(SRGB, *SRGB_CURVE)))
        expected = torch.from_numpy(values).permute(2, 0, 1) / 255
        torch.testing.assert_close(read(path).image, expected, atol=1e-7, rtol=0)


def test_alpha_passes_a_profile_untouched(tmp_path):
    values = NOISE.integers(0, 256, (16, 16, 4), dtype=np.uint8)
    (tmp_path / "8.png").write_bytes(with_profile(values, P3))
    alpha = read(tmp_path / "8.png").alpha
    assert torch.equal(alpha, torch.from_numpy(values[..., 3])[None] / 255)


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_inks_look_as_their_profile_says(kind, tmp_path):
    image = Image.new("CMYK", (32, 16))  # paper
    image.paste((255, 0, 0, 0), (16, 0, 32, 16))  # cyan
    image.paste((0, 0, 0, 255), (0, 8, 16, 16))  # black
    data = saved(image, kind, icc_profile=cmyk_profile((60.0, 20.0, -10.0)), quality=100)
    (tmp_path / "inks").write_bytes(data)
    picture = read(tmp_path / "inks")
    assert picture.notes == ()
    seen = picture.image
    torch.testing.assert_close(seen[:, 3, 3], torch.ones(3), atol=4 / 255, rtol=0)
    torch.testing.assert_close(seen[:, 12, 3], torch.zeros(3), atol=4 / 255, rtol=0)
    cyan = lab_to_srgb(torch.tensor([60.0, 20.0, -10.0]).reshape(3, 1, 1)).flatten()
    torch.testing.assert_close(seen[:, 8, 24], cyan, atol=8 / 255, rtol=0)  # D50 is not D65


# There and back.

LOSSLESS = [".png", ".tif", ".tiff"]


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("alpha", [False, True])
@pytest.mark.parametrize("grey", [False, True])
@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_lossless_formats_give_back_every_level(suffix, grey, alpha, bits, tmp_path):
    top = (1 << bits) - 1
    levels = torch.from_numpy(NOISE.integers(0, top + 1, (3, 33, 17))).float()
    levels = levels[:1].expand(3, -1, -1) if grey else levels
    cover = torch.from_numpy(NOISE.integers(0, top + 1, (1, 33, 17))).float() / top
    image = levels / top * cover + 1 - cover if alpha else levels / top
    picture = Picture(image=image, alpha=cover if alpha else None, bits=bits, grey=grey)
    back = read(write(tmp_path / f"x{suffix}", picture))
    assert back.bits == bits
    assert back.grey == grey or (suffix, alpha, bits) == (".tif", True, 16)
    within = 0.51 / top if alpha else 1e-7
    torch.testing.assert_close(back.image, image, atol=within, rtol=0)
    if alpha:
        assert torch.equal(back.alpha, cover)
    else:
        assert back.alpha is None


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_other_programs_see_the_same_levels(suffix, bits, tmp_path):
    levels = NOISE.integers(0, 1 << bits, (40, 30, 3)).astype(f"u{bits // 8}")
    image = torch.from_numpy(levels / (2**bits - 1)).permute(2, 0, 1).float()
    path = write(tmp_path / f"x{suffix}", image, bits=bits)
    seen = cv2.imread(os.fspath(path), cv2.IMREAD_UNCHANGED)
    assert seen.dtype == levels.dtype
    assert (seen[..., ::-1] == levels).all()
    upper = np.asarray(again(path)).astype(int)
    assert (upper == levels.astype(int) >> (bits - 8)).all()


def test_an_alpha_picture_reads_back_bit_for_bit(tmp_path):
    values = NOISE.integers(0, 256, (40, 30, 4), dtype=np.uint8)
    values[:10, :, 3] = 0
    values[10:20, :, 3] = 255
    (tmp_path / "a.png").write_bytes(png(values))
    write(tmp_path / "b.png", read(tmp_path / "a.png"))
    seen = np.asarray(again(tmp_path / "b.png"))
    assert (seen[..., 3] == values[..., 3]).all()
    assert (seen[10:] == values[10:])[values[10:, :, 3] > 0].all()
    assert (seen[:10, :, :3] == 255).all()  # nothing hidden


@pytest.mark.parametrize("bits", [8, 16])
def test_levels_are_rounded_to_the_nearest(bits, tmp_path):
    top = (1 << bits) - 1
    values = torch.rand(3, 50, 50, dtype=torch.float64)
    path = write(tmp_path / "x.png", values, bits=bits)
    seen = cv2.imread(os.fspath(path), cv2.IMREAD_UNCHANGED)[..., ::-1].astype(np.float64)
    assert np.abs(seen - values.permute(1, 2, 0).numpy() * top).max() < 0.51


def test_values_outside_are_clamped(tmp_path):
    image = torch.tensor([-1.0, 0.5, 7.0]).reshape(3, 1, 1)
    assert np.asarray(again(write(tmp_path / "x.png", image))).tolist() == [[[0, 128, 255]]]


@pytest.mark.parametrize(
    ("suffix", "within"), [(".jpg", 5), (".jpeg", 5), (".webp", 8), (".avif", 8)]
)
@pytest.mark.parametrize("grey", [False, True])
def test_lossy_formats_come_close(suffix, within, grey, tmp_path):
    smooth = torch.linspace(0.2, 0.8, 64).expand(3, 48, 64).clone()
    if not grey:
        smooth[0] = smooth[0].flip(1)
    back = read(write(tmp_path / f"x{suffix}", Picture(image=smooth, grey=grey)))
    torch.testing.assert_close(back.image, smooth, atol=within / 255, rtol=0)


def test_alpha_survives_where_it_can_and_shows_white_where_it_cannot(tmp_path):
    image = torch.zeros(3, 32, 32)
    alpha = torch.zeros(1, 32, 32)
    image[:, :, 16:], alpha[..., :16] = 1, 1  # black, opaque | nothing
    picture = Picture(image=image, alpha=alpha)
    for suffix in (".webp", ".avif", ".tif", ".png"):
        told = []
        back = read(write(tmp_path / f"x{suffix}", picture, on_note=told.append))
        torch.testing.assert_close(back.alpha, alpha, atol=2 / 255, rtol=0)
        assert told == []
    told = []
    back = read(write(tmp_path / "x.jpg", picture, on_note=told.append))
    torch.testing.assert_close(back.image, image, atol=4 / 255, rtol=0)
    assert told == [
        f"{tmp_path}/x.jpg is white where it was transparent, since JPEG has no transparency"
    ]


def test_alpha_follows_the_size_of_the_image(tmp_path):
    alpha = torch.zeros(1, 20, 30)
    alpha[..., 15:] = 1
    path = write(tmp_path / "x.png", torch.full((3, 40, 60), 0.5), like=a_picture(alpha=alpha))
    seen = read(path).alpha
    assert seen.shape == (1, 40, 60)
    assert seen[..., :28].max() == 0
    assert seen[..., 32:].min() == 1


def test_grey_stays_grey_only_if_it_is(tmp_path):
    grey = Picture(image=torch.rand(1, 5, 5).expand(3, -1, -1), grey=True)
    assert again(write(tmp_path / "grey.png", grey)).mode == "L"
    assert again(write(tmp_path / "grey.jpg", grey)).mode == "L"
    coloured = write(tmp_path / "coloured.png", torch.rand(3, 5, 5), like=grey)
    assert again(coloured).mode == "RGB"


def test_depth_is_that_of_the_source_where_the_format_has_it(tmp_path):
    deep = a_picture(bits=16)
    assert read(write(tmp_path / "a.png", deep)).bits == 16
    assert read(write(tmp_path / "a.tif", torch.rand(3, 4, 4), like=deep)).bits == 16
    assert read(write(tmp_path / "b.png", deep, bits=8)).bits == 8
    assert read(write(tmp_path / "c.png", torch.rand(3, 4, 4))).bits == 8
    told = []
    write(tmp_path / "a.jpg", deep, on_note=told.append)
    assert told == [
        f"{tmp_path}/a.jpg has 8 bits per channel instead of 16, since JPEG has no more"
    ]


def test_quality_is_worth_its_bytes(tmp_path):
    picture = a_picture(200, 200)
    for suffix in (".jpg", ".webp", ".avif"):
        low = write(tmp_path / f"low{suffix}", picture, quality=20).stat().st_size
        high = write(tmp_path / f"high{suffix}", picture, quality=95).stat().st_size
        assert low * 2 < high


def test_a_tensor_of_any_kind_of_float_is_written(tmp_path):
    image = torch.rand(3, 6, 8, dtype=torch.float64, requires_grad=True)
    flipped = image.flip(2).transpose(1, 2)
    back = read(write(tmp_path / "x.png", flipped, bits=16)).image
    torch.testing.assert_close(back, flipped.detach().float(), atol=1e-5, rtol=0)
    write(tmp_path / "y.png", torch.rand(3, 4, 4).bfloat16())


# What is known beside the pixels.


@pytest.mark.parametrize("suffix", sorted(WRITABLE))
@pytest.mark.parametrize("bits", [8, 16])
def test_what_a_file_knew_is_kept_as_far_as_it_is_true(suffix, bits, tmp_path):
    photo = Image.fromarray(STORED)
    said = b'<rdf:Description tiff:Orientation="6" exif:ColorSpace="65535"/>'
    packet = XMP.replace(b"<dc:", said + b"<dc:")
    (tmp_path / "a.jpg").write_bytes(
        saved(photo, "JPEG", exif=some_exif(6), dpi=(300, 150), xmp=packet)
    )
    source = read(tmp_path / "a.jpg")
    assert source.dpi == (300, 150)
    path = write(tmp_path / f"b{suffix}", source, bits=bits if suffix in LOSSLESS else None)
    seen = again(path)
    exif = seen.getexif()
    assert exif.get(ExifTags.Base.Orientation, 1) == 1
    assert exif[ExifTags.Base.Make].encode("latin-1").decode() == "Câmera"
    assert exif[ExifTags.Base.Copyright] == "Ana"
    details = exif.get_ifd(EXIF)
    assert details[ExifTags.Base.DateTimeOriginal] == "2026:01:02 03:04:05"
    assert details[ExifTags.Base.ExposureTime] == pytest.approx(1 / 125)
    assert details[ExifTags.Base.MakerNote] == b"secret\0\1\2"
    assert exif.get_ifd(GPS) == {1: "S", 2: (22.0, 57.0, 6.5), 3: "W", 4: (43.0, 12.0, 37.25)}
    # True of the old file, not of this one:
    assert details[ExifTags.Base.ColorSpace] == 1
    assert INTEROP not in details
    size = (details[ExifTags.Base.ExifImageWidth], details[ExifTags.Base.ExifImageHeight])
    assert size == (16, 24) == seen.size
    xmp = seen.info["xmp"]
    assert b"<dc:title>S\xc3\xa9</dc:title>" in xmp
    assert b'tiff:Orientation="1" exif:ColorSpace="1"' in xmp
    if suffix not in {".webp", ".avif"}:
        assert seen.info["dpi"] == pytest.approx((300, 150), rel=1e-3)
    back = read(path)
    assert back.image.shape == source.image.shape
    assert back.xmp == source.xmp


def test_xmp_that_a_search_would_not_come_to_the_end_of_takes_no_time(tmp_path):
    """Openings that nothing closes, spaces that nothing follows: the square of them are steps."""
    for text in (b"<xmp:Thumbnails " * 100_000, b"</rdf:RDF>" + b" " * 1_000_000):
        packet = chunk(b"iTXt", b"XML:com.adobe.xmp" + bytes(5) + text)
        (tmp_path / "a.png").write_bytes(png(np.zeros((4, 4, 3), np.uint8), packet))
        picture = read(tmp_path / "a.png")
        assert picture.xmp == text
        assert marked(picture.xmp, IPTC + "algorithmicallyEnhanced")


def test_thumbnails_in_xmp_go_and_all_else_stays():
    text = b"a<xmp:Thumbnails x>b</xmp:Thumbnails>c<xmp:Thumbnails>d<xap:Thumbnails>e"
    assert cleaned_xmp({"xmp": text}) == b"ac<xmp:Thumbnails>d<xap:Thumbnails>e"


def test_a_jpeg_with_scans_without_end_is_refused(tmp_path):
    Image.new("RGB", (16, 16)).save(tmp_path / "a.jpg", progressive=True)
    data = (tmp_path / "a.jpg").read_bytes()
    last = data[data.rindex(b"\xff\xda") : -2]
    (tmp_path / "b.jpg").write_bytes(data[:-2] + 300 * last + data[-2:])
    assert read(tmp_path / "a.jpg").image.shape == (3, 16, 16)
    for open_it in (read, partial(square, size=8, fit="crop")):
        with pytest.raises(OlharError, match="painted over more than 200 times"):
            open_it(tmp_path / "b.jpg")


def test_the_thumbnail_of_the_old_picture_is_gone(tmp_path):
    thumbnail = saved(Image.new("RGB", (160, 120), "red"), "JPEG")
    exif = some_exif().tobytes()
    entries = struct.unpack_from(">H", exif, 6 + 8)[0]
    link = 6 + 8 + 2 + 12 * entries
    start = len(exif) - 6 + 2 + 2 * 12 + 4
    second = struct.pack(">HHHIIHHIII", 2, 0x201, 4, 1, start, 0x202, 4, 1, len(thumbnail), 0)
    exif = exif[:link] + struct.pack(">I", len(exif) - 6) + exif[link + 4 :] + second + thumbnail
    said = b"<xmp:Thumbnails><rdf:Alt>c2VjcmV0</rdf:Alt></xmp:Thumbnails>"
    packet = XMP.replace(b"<dc:", said + b"<dc:")
    old = Image.new("RGB", (64, 64))
    (tmp_path / "a.jpg").write_bytes(saved(old, "JPEG", exif=exif, xmp=packet))
    with Image.open(tmp_path / "a.jpg") as image:
        assert image.getexif().get_ifd(ExifTags.IFD.IFD1)[0x202] == len(thumbnail)
    picture = read(tmp_path / "a.jpg")
    assert thumbnail[20:60] not in picture.exif
    assert b"c2VjcmV0" not in picture.xmp
    assert b"<dc:title>" in picture.xmp
    for suffix in WRITABLE:
        path = write(tmp_path / f"b{suffix}", picture)
        assert thumbnail[20:60] not in path.read_bytes()
        assert again(path).getexif()[ExifTags.Base.Copyright] == "Ana"


def test_a_tiff_keeps_what_it_says_of_itself_and_not_how_it_is_laid_out(tmp_path):
    data = tiff(
        NOISE.integers(0, 256, (64, 8, 3), dtype=np.uint8),
        tags={315: (2, b"Ana\0"), 282: (4, (300,)), 33723: (1, b"IPTC"), 34675: (1, b"icc?")},
    )
    (tmp_path / "a.tif").write_bytes(data)
    picture = read(tmp_path / "a.tif")
    for suffix in (".tif", ".jpg"):
        exif = again(write(tmp_path / f"b{suffix}", picture)).getexif()
        assert exif[ExifTags.Base.Artist] == "Ana"
        assert exif.get(ExifTags.Base.Compression, 8) == 8
        assert not {33723, 34675} & set(exif)
    exif = Image.Exif()
    exif.load(picture.exif)
    assert set(exif) <= {315, 282}


def test_without_metadata_none_is_written(tmp_path):
    for suffix in WRITABLE:
        back = read(write(tmp_path / f"x{suffix}", torch.rand(3, 8, 8)))
        assert (back.exif, back.xmp, back.dpi) == (None, None, None)
        assert back.notes == ()


def test_more_exif_than_jpeg_can_hold_is_left_out_and_told(tmp_path):
    exif = some_exif()
    exif.get_ifd(EXIF)[ExifTags.Base.MakerNote] = bytes(70_000)
    picture = a_picture(exif=exif.tobytes(), xmp=XMP + b" " * 66_000)
    told = []
    path = write(tmp_path / "x.jpg", picture, on_note=told.append)
    assert [re.sub(".*x.jpg ", "", note) for note in told] == [
        "has no EXIF data, since there are more than JPEG can hold",
        "has no XMP data, since there are more than JPEG can hold",
    ]
    assert read(path).exif is None
    assert len(read(write(tmp_path / "x.png", picture)).exif) > 70_000


def test_exif_that_is_no_exif_hurts_nobody(tmp_path):
    picture = a_picture(exif=b"Exif\0\0rubbish", xmp=b"")
    for suffix in WRITABLE:
        assert read(write(tmp_path / f"x{suffix}", picture)).exif is None
    (tmp_path / "x.jpg").write_bytes(
        saved(Image.new("RGB", (8, 8)), "JPEG", exif=b"Exif\0\0II*\0\x08\0\0\0\xff\xff")
    )
    assert read(tmp_path / "x.jpg").image.shape == (3, 8, 8)


# What cannot be written.


def test_what_cannot_be_written_is_told_before_anything_is_touched(tmp_path):
    image = torch.rand(3, 4, 4)
    nan = image.clone()
    nan[1, 2, 3] = float("nan")
    cases = [
        ("x.bmp", image, {}, r"its suffix .bmp is not among \.avif, .*\.webp; choose one of these"),
        ("x", image, {}, "no suffix is not among"),
        ("x.jpg", image, {"bits": 16}, r"x\.jpg cannot have 16 bits: JPEG holds 8; choose \.png"),
        ("x.png", image, {"bits": 12}, "bits is 12; pictures are written with 8 or 16 bits"),
        ("x.jpg", image, {"quality": 0}, "quality is 0; it must be from 1 to 100"),
        ("x.png", nan, {}, "x.png was not written: the image holds values that are no numbers"),
        ("x.png", nan.nan_to_num() / 0, {}, "no numbers"),
        ("x.png", image[:1], {}, r"shape \(1, 4, 4\) and dtype torch.float32"),
        ("x.png", image[None], {}, r"must be \(3, H, W\), float, and not empty"),
        ("x.png", image[:, :0], {}, "not empty"),
        ("x.png", (image * 255).byte(), {}, "dtype torch.uint8"),
        ("x.webp", torch.rand(3, 1, 16384), {}, "16384 x 1 pixels, and WebP holds at most 16383"),
        ("x.jpg", torch.rand(3, 65501, 1), {}, "1 x 65501 pixels, and JPEG holds at most 65500"),
    ]
    for name, values, options, words in cases:
        with pytest.raises(OlharError, match=words) as error:
            write(tmp_path / "new" / name, values, **options)
        assert "\n" not in str(error.value)
    assert not (tmp_path / "new").exists()
    (tmp_path / "file").touch()
    with pytest.raises(OlharError, match="cannot be written"):
        write(tmp_path / "file" / "x.png", image)
    (tmp_path / "x.png").mkdir()
    with pytest.raises(OlharError, match="is a folder"):
        write(tmp_path / "x.png", image)


def test_a_failing_encoder_is_told_and_leaves_the_old_file(tmp_path, monkeypatch):
    path = write(tmp_path / "x.jpg", torch.rand(3, 8, 8))
    before = path.read_bytes()

    def fail(*_, **__):
        raise OSError("encoder error -2 when writing image file")

    monkeypatch.setattr(Image.Image, "save", fail)
    with pytest.raises(OlharError, match=r"cannot be written as JPEG: encoder error -2.*\.png"):
        write(path, torch.rand(3, 8, 8))
    assert path.read_bytes() == before
    assert names(tmp_path) == ["x.jpg"]


@pytest.mark.skipif(sys.platform == "win32", reason="needs resource limits")
def test_a_full_disk_is_told_and_leaves_nothing(tmp_path):
    import resource

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, limits[1]))
    try:
        with pytest.raises(OlharError, match=r"x\.png was not written: file too large; make room"):
            write(tmp_path / "x.png", torch.rand(3, 100, 100))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert names(tmp_path) == []


WRITER = """
import sys, torch
from olhar.media.image import write
image = torch.rand(3, 200, 200)
print("running", flush=True)
while True:
    write(sys.argv[1], image)
"""


@pytest.mark.skipif(os.name != "posix", reason="POSIX signals")
def test_a_writer_that_is_killed_leaves_a_whole_picture_or_none(tmp_path):
    path = tmp_path / "x.tif"
    with subprocess.Popen([sys.executable, "-c", WRITER, path], stdout=subprocess.PIPE) as writer:
        writer.stdout.readline()
        time.sleep(0.1)
        writer.kill()
    if path.exists():
        assert read(path).image.shape == (3, 200, 200)
    assert all(name == "x.tif" or name.startswith(".olhar-") for name in names(tmp_path))


def test_ctrl_c_in_the_middle_leaves_the_old_picture_and_nothing_else(tmp_path, monkeypatch):
    path = write(tmp_path / "x.tif", torch.rand(3, 8, 8))
    before = path.read_bytes()

    def interrupted(*_):
        yield before[:50]
        raise KeyboardInterrupt

    monkeypatch.setattr(tiff_writer, "encode", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write(path, torch.rand(3, 8, 8))
    assert path.read_bytes() == before
    assert names(tmp_path) == ["x.tif"]


# And the rest.


def test_the_folder_is_made_and_the_path_given_back(tmp_path):
    path = tmp_path / "a" / "b" / "ÉTÉ.PNG"
    assert write(os.fspath(path), torch.rand(3, 4, 4)) == path
    assert read(path).image.shape == (3, 4, 4)


def test_suffixes_are_lower_case_and_what_is_written_can_be_read():
    assert WRITABLE < READABLE
    assert all(re.fullmatch(r"\.[a-z0-9]+", suffix) for suffix in READABLE)
    assert MAX_PIXELS == 100_000_000


def test_a_picture_is_frozen_and_can_be_replaced():
    picture = a_picture(bits=16)
    with pytest.raises(AttributeError):
        picture.bits = 8  # type: ignore[misc]
    assert replace(picture, bits=8).image is picture.image
    assert picture == picture  # noqa: PLR0124, by identity, not by comparing tensors


def test_threads_read_side_by_side_and_leave_pillow_as_it_was(tmp_path):
    path = write(tmp_path / "x.tif", torch.rand(3, 64, 64))
    expected, limit, failures = read(path).image, Image.MAX_IMAGE_PIXELS, []

    def work():
        for _ in range(20):
            try:
                assert torch.equal(read(path).image, expected)
            except Exception as error:  # noqa: BLE001
                failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert limit == Image.MAX_IMAGE_PIXELS


def test_a_reader_without_stderr_reads(tmp_path, monkeypatch):
    path = write(tmp_path / "x.tif", torch.rand(3, 4, 4))

    def closed(_):
        raise OSError

    monkeypatch.setattr(image_read.os, "dup", closed)
    assert read(path).image.shape == (3, 4, 4)


def test_resize_is_bicubic_antialiased_and_stays_within_range():
    board = (torch.arange(64)[:, None] + torch.arange(64)) % 2  # finer than the result can show
    board = board.float().expand(3, 64, 64)
    small = resize(board, (16, 16))
    torch.testing.assert_close(small, torch.full((3, 16, 16), 0.5), atol=0.02, rtol=0)
    step = torch.zeros(1, 8, 8)
    step[..., 4:] = 1
    large = resize(step, (64, 64))
    assert (large.min(), large.max()) == (0, 1)
    assert all(a <= b + 1e-6 for a, b in pairwise(large[0, 0, 24:40].tolist()))


def test_resize_takes_images_and_batches_and_nothing_else():
    assert resize(torch.rand(3, 4, 5), (7, 9)).shape == (3, 7, 9)
    assert resize(torch.rand(2, 3, 4, 5), (1, 1)).shape == (2, 3, 1, 1)
    image = torch.rand(3, 4, 5)
    assert resize(image, (4, 5)) is image
    for wrong, size in ((image, (0, 5)), (image[0], (2, 2)), (image[:, :0], (2, 2))):
        with pytest.raises(ValueError, match="cannot resize"):
            resize(wrong, size)


@settings(max_examples=30)
@given(st.integers(1, 9), st.integers(1, 9), st.integers(1, 9), st.integers(1, 9))
def test_resize_keeps_a_flat_colour(height, width, rows, columns):
    flat = torch.tensor([0.2, 0.5, 0.9]).reshape(3, 1, 1).expand(3, height, width)
    expected = torch.tensor([0.2, 0.5, 0.9]).reshape(3, 1, 1).expand(3, rows, columns)
    torch.testing.assert_close(resize(flat, (rows, columns)), expected, atol=1e-5, rtol=0)
