"""Colours of videos: every matrix and range, both ways, against numbers from the standards."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING, Any

import av
import clips
import numpy as np
import pytest
import torch

from olhar.media.hdr import hlg_to_light, light_to_pq, pq_to_light, roll_off, to_srgb
from olhar.media.video import frames, probe, transform, write_video
from olhar.media.video_frame import image_of
from olhar.media.yuv import WEIGHTS, Coding, rgb_to_yuv, yuv_to_rgb

if TYPE_CHECKING:
    from pathlib import Path

LIMITED, FULL = 1, 2  # AVColorRange
STEP = 1 / 255

# Y'CbCr of 100 % colours, 8 bits, limited range: BT.601 (SMPTE EG 1) and BT.709 (SMPTE RP 219).
BARS = {
    6: {
        "white": (235, 128, 128),
        "yellow": (210, 16, 146),
        "cyan": (170, 166, 16),
        "green": (145, 54, 34),
        "magenta": (106, 202, 222),
        "red": (81, 90, 240),
        "blue": (41, 240, 110),
        "black": (16, 128, 128),
    },
    1: {
        "white": (235, 128, 128),
        "yellow": (219, 16, 138),
        "cyan": (188, 154, 16),
        "green": (173, 42, 26),
        "magenta": (78, 214, 230),
        "red": (63, 102, 240),
        "blue": (32, 240, 118),
        "black": (16, 128, 128),
    },
}
RGB = {
    "white": (1, 1, 1),
    "yellow": (1, 1, 0),
    "cyan": (0, 1, 1),
    "green": (0, 1, 0),
    "magenta": (1, 0, 1),
    "red": (1, 0, 0),
    "blue": (0, 0, 1),
    "black": (0, 0, 0),
}


def textbook(rgb: Any, matrix: int, *, full: bool, bits: int = 8) -> Any:
    """(..., 3) R'G'B' in [0, 1] -> code values, by the formulas of H.273, in float64."""
    kr, kb = WEIGHTS[matrix]
    red, green, blue = np.moveaxis(np.asarray(rgb, np.float64), -1, 0)
    y = kr * red + (1 - kr - kb) * green + kb * blue
    cb, cr = (blue - y) / (2 * (1 - kb)), (red - y) / (2 * (1 - kr))
    top = 2**bits - 1
    if full:
        codes = (top * y, top * cb + 2 ** (bits - 1), top * cr + 2 ** (bits - 1))
    else:
        scale = 2 ** (bits - 8)
        codes = ((219 * y + 16) * scale, (224 * cb + 128) * scale, (224 * cr + 128) * scale)
    return np.clip(np.round(np.stack(codes, -1)), 0, top).astype(int)


def patches() -> Any:
    """(125, 3) colours of a 5 x 5 x 5 grid in [0, 1]."""
    return np.array(list(product(np.linspace(0, 1, 5), repeat=3)))


def patched(codes: Any, pix_fmt: str, cell: int = 8) -> av.VideoFrame:
    """(n, 3) code values as a planar frame of square patches in a row of 25 by n / 25."""
    height, width = len(codes) // 25 * cell, 25 * cell
    frame = av.VideoFrame(width, height, pix_fmt)
    for plane, values in zip(frame.planes, np.moveaxis(codes, -1, 0), strict=True):
        kind = np.uint8 if frame.format.components[0].bits == 8 else np.uint16
        cells = np.kron(values.reshape(-1, 25), np.ones((cell, cell), int))
        across, down = width // plane.width, height // plane.height
        rows = np.frombuffer(plane, kind).reshape(plane.height, -1)
        rows[:, : plane.width] = cells[::down, ::across]
    return frame


def centres(image: torch.Tensor, cell: int = 8) -> Any:
    """(3, H, W) -> (n, 3), the colour amid each patch."""
    middle = image[:, cell // 2 :: cell, cell // 2 :: cell]
    return middle.flatten(1).T.numpy()


# --------------------------------------------------------------------------------- the formulas


@pytest.mark.parametrize("matrix", [1, 6])
def test_colour_bars_have_the_published_codes(matrix: int) -> None:
    for name, codes in BARS[matrix].items():
        image = np.array(RGB[name], np.float32).reshape(3, 1, 1)
        got = [int(plane[0, 0]) for plane in rgb_to_yuv(image, Coding(matrix=matrix))]
        assert np.abs(np.subtract(got, codes)).max() <= 1, name  # RP 219 rounds chroma for legality
        planes = [np.full((1, 1), code, np.uint8) for code in codes]
        back = yuv_to_rgb(*planes, Coding(matrix=matrix))[:, 0, 0]
        assert np.abs(back - RGB[name]).max() <= 2 * STEP, name


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("matrix", sorted(WEIGHTS))
def test_there_and_back_is_within_two_steps(matrix: int, full: bool) -> None:
    image = patches().T.reshape(3, 5, 25).astype(np.float32)
    coding = Coding(matrix=matrix, full=full)
    planes = rgb_to_yuv(image, coding, subsampled=False)
    wanted = textbook(patches(), matrix, full=full).T.reshape(3, 5, 25)
    assert np.abs(np.stack(planes).astype(int) - wanted).max() <= 1  # ties round either way
    assert np.abs(yuv_to_rgb(*planes, coding) - image).max() <= 2 * STEP
    error = yuv_to_rgb(*planes, coding) - image
    assert abs(error.mean()) < 0.15 * STEP  # no bias


def test_code_values_outside_the_legal_range_are_clipped() -> None:
    wild = np.array([[0, 255]], np.uint8)
    for cb, cr in product((0, 255), repeat=2):
        image = yuv_to_rgb(wild, np.full_like(wild, cb), np.full_like(wild, cr), Coding())
        assert image.min() >= 0
        assert image.max() <= 1
    image = np.array([-3.0, 0.5, 9.0], np.float32).reshape(3, 1, 1)
    assert np.array_equal(rgb_to_yuv(image, Coding()), rgb_to_yuv(image.clip(0, 1), Coding()))


@pytest.mark.parametrize("direction", [1, 2])
@pytest.mark.parametrize("size", [20, 19])
def test_a_ramp_of_colour_keeps_its_place_through_subsampling(size: int, direction: int) -> None:
    """Wrong siting would shift colours by half a pixel: 5 steps on this ramp."""
    line = np.linspace(0.1, 0.9, size, dtype=np.float32)
    ramp = np.stack([np.tile(each, (size, 1)) for each in (line, line[::-1], line / 2)])
    image = np.ascontiguousarray(ramp if direction == 2 else ramp.swapaxes(1, 2))
    back = yuv_to_rgb(*rgb_to_yuv(image, Coding()), Coding())
    assert np.abs(back - image)[:, 3:-3, 3:-3].max() <= 2 * STEP
    across = np.ascontiguousarray(image[:, :, ::-1])
    flipped = yuv_to_rgb(*rgb_to_yuv(across, Coding()), Coding())[:, :, ::-1]
    assert np.abs(flipped - image)[:, 3:-3, 3:-3].max() <= 2 * STEP


def test_jpeg_colour_samples_lie_amid_their_pixels() -> None:
    y = np.full((4, 8), 128, np.uint8)
    chroma = np.tile(np.array([60, 100, 140, 180], np.uint8), (2, 1))
    grey = np.full_like(chroma, 128)
    coding = Coding(full=True)
    red = yuv_to_rgb(y, grey, chroma, coding, centred=True)[0, 0]
    left = yuv_to_rgb(y, grey, chroma, coding)[0, 0]
    slope = 20 * STEP * 2 * (1 - WEIGHTS[1][0])  # per pixel
    assert np.allclose(np.diff(red[1:-1]), slope, atol=1e-4)
    assert np.allclose(left[1:-2] - red[1:-2], slope / 2, atol=1e-4)


# ---------------------------------------------------------------------------------------- reading


@pytest.mark.parametrize("pix_fmt", ["yuv444p", "yuv422p", "yuv420p", "yuv444p10le", "yuv420p10le"])
@pytest.mark.parametrize("tag", [LIMITED, FULL])
@pytest.mark.parametrize("matrix", [1, 5, 6, 9])
def test_stored_colours_are_read_right(tmp_path: Path, matrix: int, tag: int, pix_fmt: str) -> None:
    bits = 10 if "10" in pix_fmt else 8
    codes = textbook(patches(), matrix, full=tag == FULL, bits=bits)
    tags = {"colorspace": matrix, "color_range": tag}
    path = clips.make(
        tmp_path / "in.mkv",
        (0,),
        frame=lambda index: _tagged(patched(codes, pix_fmt), tags),
        size=(40, 200),
        codec="ffv1",
        pix_fmt=pix_fmt,
        tags=tags,
    )
    assert probe(path).coding == Coding(matrix=matrix, full=tag == FULL, bits=bits)
    error = centres(next(frames(path)).image) - patches()
    assert np.abs(error).max() <= 2 * STEP
    assert np.abs(error.mean(0)).max() <= 0.25 * STEP


def _tagged(frame: av.VideoFrame, tags: dict[str, int]) -> av.VideoFrame:
    for name, value in tags.items():
        setattr(frame, name, value)
    return frame


@pytest.mark.parametrize("pix_fmt", ["nv12", "yuyv422", "p010le", "yuv411p", "gray", "gray10le"])
def test_other_layouts_hold_the_same_colours(pix_fmt: str) -> None:
    greys = np.repeat(patches()[:, :1], 3, 1)
    colours = greys if "gray" in pix_fmt else patches()
    bits = 10 if "10" in pix_fmt else 8
    codes = textbook(colours, 6, full=False, bits=bits)
    planar = "yuv420p10le" if bits == 10 else "yuv422p" if "422" in pix_fmt else "yuv420p"
    if pix_fmt == "yuv411p":
        frame = patched(codes, pix_fmt)
    elif "gray" in pix_fmt:
        frame = patched(codes[:, :1], pix_fmt)
    else:
        frame = patched(codes, planar).reformat(format=pix_fmt, threads=1)
    assert np.abs(centres(image_of(frame)) - colours).max() <= 2 * STEP


@pytest.mark.parametrize("bits", [8, 10, 12, 16])
def test_planar_rgb_is_read_as_it_is(bits: int) -> None:
    codes = np.round(patches() * (2**bits - 1)).astype(int)[:, [1, 2, 0]]  # G, B, R
    frame = patched(codes, "gbrp" if bits == 8 else f"gbrp{bits}le")
    assert np.abs(centres(image_of(frame)) - patches()).max() <= STEP


@pytest.mark.parametrize("pix_fmt", ["rgb24", "bgra", "rgb0", "rgb8"])
def test_packed_rgb_is_read_as_it_is(pix_fmt: str) -> None:
    pixels = np.round(patches() * 255).astype(np.uint8).reshape(5, 25, 3).repeat(8, 0).repeat(8, 1)
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), "rgb24").reformat(
        format=pix_fmt
    )
    slack = 64 if pix_fmt == "rgb8" else 1  # 3 + 3 + 2 bits
    assert np.abs(centres(image_of(frame)) - patches()).max() <= slack * STEP


@pytest.mark.parametrize(("size", "matrix"), [((40, 200), 6), ((720, 200), 1), ((40, 1400), 1)])
def test_an_untagged_matrix_is_guessed_from_the_size(
    tmp_path: Path, size: tuple[int, int], matrix: int
) -> None:
    path = clips.make(tmp_path / "in.mp4", (0,), size=size)
    assert probe(path).coding.matrix == matrix


# ---------------------------------------------------------------------------------------- writing


def coded(path: Path) -> av.VideoFrame:
    with av.open(str(path)) as container:
        return next(container.decode(video=0))


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".webm"])
def test_written_colours_have_the_right_codes_and_tags(tmp_path: Path, suffix: str) -> None:
    image = torch.tensor(patches().T.reshape(3, 5, 25), dtype=torch.float32)
    image = image.repeat_interleave(32, 1).repeat_interleave(32, 2)
    path = write_video(tmp_path / f"out{suffix}", [image] * 2, 25)
    frame = coded(path)
    assert (frame.colorspace, frame.color_range) == (1, LIMITED)
    wanted = textbook(patches(), 1, full=False)
    y, cb, cr = (
        np.frombuffer(plane, np.uint8).reshape(plane.height, -1)[:, : plane.width]
        for plane in frame.planes
    )
    got = np.stack([y[16::32, 16::32], cb[8::16, 8::16], cr[8::16, 8::16]], -1).reshape(-1, 3)
    assert np.abs(got - wanted).mean(0).max() < 1.0
    error = centres(next(frames(path)).image, 32) - patches()
    assert np.abs(error).mean() <= STEP
    assert np.abs(error.mean(0)).max() <= 0.4 * STEP


@pytest.mark.parametrize("tag", [LIMITED, FULL])
@pytest.mark.parametrize("matrix", [1, 5, 6])
def test_flat_colours_pass_through_within_two_steps(tmp_path: Path, matrix: int, tag: int) -> None:
    colours = [(0, 0, 0), (255, 255, 255), (200, 30, 60), (20, 140, 220), (128, 128, 128)]
    tags = {
        "colorspace": matrix,
        "color_range": tag,
        "color_primaries": matrix,
        "color_trc": matrix,
    }
    for number, colour in enumerate(colours):
        flat = np.tile(np.array(colour) / 255, (125, 1))
        codes = textbook(flat, matrix, full=tag == FULL)
        source = clips.make(
            tmp_path / f"{number}.mp4",
            (0, 40, 80),
            frame=lambda index, codes=codes: _tagged(patched(codes, "yuv420p"), tags),
            size=(40, 200),
            options={"qp": "0"},
            tags=tags,
        )
        report = transform(source, tmp_path / "out.mp4", lambda images: images)
        wanted = torch.tensor(colour).view(3, 1, 1) / 255
        for path in (source, report.target):
            for frame in frames(path):
                assert (frame.image - wanted).abs().max() <= 2 * STEP
        frame = coded(report.target)
        assert frame.color_range == LIMITED
        assert (frame.colorspace, frame.color_primaries, frame.color_trc) == (matrix,) * 3


def test_ten_bits_become_eight_without_a_shift(tmp_path: Path) -> None:
    codes = textbook(patches(), 1, full=False, bits=10)
    source = clips.make(
        tmp_path / "in.mkv",
        (0, 40),
        frame=lambda index: _tagged(patched(codes, "yuv420p10le", 32), {"colorspace": 1}),
        size=(160, 800),
        codec="ffv1",
        pix_fmt="yuv420p10le",
        tags={"colorspace": 1},
    )
    report = transform(source, tmp_path / "out.mp4", lambda images: images)
    assert coded(report.target).format.name == "yuv420p"
    error = centres(next(frames(report.target)).image, 32) - patches()
    assert np.abs(error).mean() <= STEP
    assert np.abs(error.mean(0)).max() <= 0.4 * STEP


# -------------------------------------------------------------------------------------------- HDR


def test_the_curves_of_bt2100_pass_their_published_points() -> None:
    # BT.2408-7, table 1: reference white is 58 % PQ and 75 % HLG; 18 % grey is 38 % of both.
    assert float(pq_to_light(torch.tensor(0.58))) == pytest.approx(203, rel=0.02)
    assert float(pq_to_light(torch.tensor(0.38))) == pytest.approx(26, rel=0.05)
    assert float(pq_to_light(torch.tensor(1.0))) == pytest.approx(10_000)
    assert float(pq_to_light(torch.tensor(0.0))) == 0
    for signal, light in ((0.75, 203), (0.38, 26), (1.0, 1000)):
        grey = torch.full((3, 1, 1), signal)
        assert float(hlg_to_light(grey)[1]) == pytest.approx(light, rel=0.03)
    signal = torch.linspace(0, 1, 50, dtype=torch.float64)
    assert torch.allclose(light_to_pq(pq_to_light(signal)), signal, atol=1e-6)


def test_highlights_roll_off_smoothly_and_keep_their_hue() -> None:
    greys = torch.linspace(0, 1000, 400).expand(3, 1, 400)
    rolled = roll_off(greys)
    assert torch.allclose(rolled[..., :30], greys[..., :30], rtol=1e-3)  # below 75 cd/m2
    assert (rolled.diff(dim=-1) >= 0).all()
    assert float(rolled.max()) == pytest.approx(203, rel=0.01)
    orange = torch.tensor([800.0, 400.0, 100.0]).view(3, 1, 1)
    ratio = roll_off(orange) / orange
    assert torch.allclose(ratio, ratio[:1].expand_as(ratio))


@pytest.mark.parametrize("transfer", [16, 18])
def test_hdr_is_brought_to_srgb_and_said_so(tmp_path: Path, transfer: int) -> None:
    signal = {16: (0.38, 0.58), 18: (0.38, 0.75)}[transfer]
    tags = {"colorspace": 9, "color_primaries": 9, "color_trc": transfer, "color_range": LIMITED}
    levels = []
    for level in signal:
        codes = textbook(np.full((125, 3), level), 9, full=False, bits=10)
        source = clips.make(
            tmp_path / "in.mkv",
            (0, 40),
            frame=lambda index, codes=codes: _tagged(patched(codes, "yuv420p10le"), tags),
            size=(40, 200),
            codec="ffv1",
            pix_fmt="yuv420p10le",
            tags=tags,
        )
        report = transform(source, tmp_path / "out.mp4", lambda images: images)
        assert any("HDR" in note for note in report.notes)
        frame = coded(report.target)
        assert (frame.colorspace, frame.color_primaries, frame.color_trc) == (1, 1, 1)
        levels.append(float(next(frames(report.target)).image.mean()))
    assert levels[0] == pytest.approx(0.40, abs=0.03)  # 26 of 203 cd/m2, sRGB-encoded
    assert 0.85 < levels[1] < 0.95  # reference white leaves room for highlights


def test_wide_gamut_colours_keep_greys_and_gain_saturation() -> None:
    coding = Coding(primaries=9, matrix=9)
    grey = torch.full((3, 2, 2), 0.4)
    assert torch.allclose(to_srgb(grey, coding), grey, atol=2e-3)
    red = torch.tensor([0.7, 0.3, 0.3]).view(3, 1, 1)
    seen = to_srgb(red, coding)
    assert seen[0] > 0.74
    assert seen[1] < 0.3
    assert to_srgb(red, Coding()) is red


def test_anamorphic_pixels_stay_so_or_become_square(tmp_path: Path) -> None:
    source = clips.make(tmp_path / "in.mkv", aspect=Fraction(16, 11))
    for suffix, codec in ((".mp4", "h264"), (".mkv", "h264"), (".mp4", "vp9")):
        report = transform(source, tmp_path / f"out{suffix}", lambda images: images, codec=codec)
        assert probe(report.target).aspect == Fraction(16, 11)
        assert report.notes == ()
    for suffix in (".mkv", ".webm"):
        report = transform(source, tmp_path / f"out{suffix}", lambda images: images, codec="vp9")
        info = probe(report.target)
        assert (info.width, info.height, info.aspect) == (93, 48, 1)
        assert any("square" in note for note in report.notes)
