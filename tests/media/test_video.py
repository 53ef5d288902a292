"""Videos through `frames`, `transform`, `write_video`: times, sound, turns, damage, refusals."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import weakref
from collections import deque
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import clips
import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from olhar.errors import OlharError
from olhar.media import video_open
from olhar.media.process import process
from olhar.media.video import Reader, encoder, frames, probe, transform, write_video
from olhar.media.video_frame import image_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import Tensor

HERE = Path(__file__).parent


def same(images: Iterator[Tensor]) -> Iterator[Tensor]:
    return images


def refused(call: Any, *words: str) -> None:
    """The call ends in one sentence that has the words."""
    with pytest.raises(OlharError) as caught:
        call()
    sentence = str(caught.value)
    assert "\n" not in sentence
    for word in words:
        assert word in sentence, sentence


# -------------------------------------------------------------------------------------------- times


@pytest.mark.parametrize("start", [0, 8123])
@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv", ".webm"])
def test_uneven_times_and_a_late_start_are_kept_to_the_tick(
    tmp_path: Path, suffix: str, start: int
) -> None:
    pts = [start + each for each in clips.UNEVEN]
    b_frames = {"preset": "veryfast", "bf": "3", "crf": "12"}
    source = clips.make(tmp_path / "in.mp4", pts, options=b_frames)
    report = transform(source, tmp_path / f"out{suffix}", same)
    expected = [Fraction(each, 1000) for each in pts]
    assert clips.times_of(source) == expected
    assert clips.times_of(report.target) == expected
    assert [frame.pts * frame.time_base for frame in frames(report.target)] == expected
    assert report.frames == len(pts)
    assert report.codec == ("vp9" if suffix == ".webm" else "h264")
    assert not report.truncated
    assert report.notes == ()


def test_times_that_milliseconds_cannot_hold_are_exact_in_mp4_and_told_of_in_mkv(
    tmp_path: Path,
) -> None:
    base = Fraction(1001, 30000)
    source = clips.make(tmp_path / "in.mp4", range(7, 19), time_base=base)
    for suffix in (".mp4", ".mov"):
        report = transform(source, tmp_path / f"out{suffix}", same)
        assert clips.times_of(report.target) == [base * n for n in range(7, 19)]
        assert report.notes == ()
    report = transform(source, tmp_path / "out.mkv", same)
    for got, wanted in zip(clips.times_of(report.target), range(7, 19), strict=True):
        assert abs(got - base * wanted) <= Fraction(1, 2000)
    assert any("rounded to the millisecond" in note for note in report.notes)


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(st.integers(1, 4000), min_size=1, max_size=24), start=st.integers(0, 90_000))
def test_any_growing_times_survive(tmp_path: Path, steps: list[int], start: int) -> None:
    pts = [start + sum(steps[:count]) for count in range(len(steps))]
    base = Fraction(1, 12_288)
    source = clips.make(tmp_path / "in.mp4", pts, time_base=base, size=(16, 32))
    report = transform(source, tmp_path / "out.mp4", same)
    assert clips.times_of(report.target) == [each * base for each in pts]


@pytest.mark.parametrize("suffix", [".mp4", ".webm"])
def test_the_last_frame_is_shown_as_long_as_before(tmp_path: Path, suffix: str) -> None:
    def held(index: int) -> av.VideoFrame:
        frame = av.VideoFrame.from_ndarray(clips.moving(48, 64, index), "rgb24")
        frame = frame.reformat(format="yuv420p", threads=1)
        frame.duration = 3000 if index == 2 else 40
        return frame

    source = clips.make(
        tmp_path / "in.mp4",
        (0, 40, 80),
        frame=held,
        options={"bf": "0"},
        tags={"flags": 1 << 8 | 1 << 22},
    )
    transform(source, tmp_path / f"out{suffix}", same)
    read = list(frames(source))
    assert [float(frame.duration * frame.time_base) for frame in read] == [0.04, 0.04, 3.0]
    with av.open(str(tmp_path / f"out{suffix}")) as container:
        assert container.duration == 3_080_000


def test_a_broadcast_clock_starts_at_zero_with_sound_in_step(tmp_path: Path) -> None:
    source = clips.make(
        tmp_path / "in.ts",
        range(900_000, 900_000 + 25 * 3600, 3600),
        time_base=Fraction(1, 90_000),
        audio="mp2",
        audio_start=480_000,
    )
    before = clips.times_of(source)[0] - clips.packets_of(source, "audio")[0][0]
    report = transform(source, tmp_path / "out.mp4", same)
    after = clips.times_of(report.target)[0] - clips.packets_of(report.target, "audio")[0][0]
    assert clips.times_of(source)[0] > 9
    assert clips.times_of(report.target)[0] < Fraction(1, 10)
    assert abs(before - after) < Fraction(1, 10_000)


# -------------------------------------------------------------------------- what stands beside them


@pytest.mark.parametrize("suffix", [".mp4", ".mov"])
def test_sound_subtitles_texts_and_chapters_are_kept(tmp_path: Path, suffix: str) -> None:
    source = clips.make(
        tmp_path / "in.mp4",
        audio="aac",
        audio_start=17_777,
        subtitles="mov_text",
        texts={"title": "Mar", "creation_time": "2020-01-02T03:04:05.000000Z"},
        chapters=[(0, 500, "first"), (500, 1500, "second")],
    )
    report = transform(source, tmp_path / f"out{suffix}", same)
    for kind in ("audio", "subtitle"):
        packets = clips.packets_of(source, kind)
        assert len(packets) > 3
        assert clips.packets_of(report.target, kind) == packets
    with av.open(str(report.target)) as container:
        assert container.metadata["title"] == "Mar"
        assert container.metadata["creation_time"].startswith("2020-01-02T03:04:05")
        assert [chapter["metadata"]["title"] for chapter in container.chapters()] == [
            "first",
            "second",
        ]
        assert container.streams.audio[0].metadata["language"] == "por"
        assert container.streams.subtitles[0].metadata["language"] == "eng"
    assert report.copied == ("an audio stream (aac)", "a subtitle stream (mov_text)")
    assert report.notes == ()


def test_what_the_container_cannot_hold_is_said(tmp_path: Path) -> None:
    source = clips.make(tmp_path / "in.mkv", audio="aac", subtitles="subrip")
    report = transform(source, tmp_path / "out.mp4", same)
    assert report.copied == ("an audio stream (aac)",)
    assert report.notes == (
        "a subtitle stream (subrip) was left out, which a .mp4 file cannot hold",
    )
    report = transform(source, tmp_path / "out.mkv", same)
    assert report.copied == ("an audio stream (aac)", "a subtitle stream (subrip)")
    assert clips.packets_of(report.target, "subtitle") == clips.packets_of(source, "subtitle")
    assert clips.packets_of(report.target, "audio") == clips.packets_of(source, "audio")


def test_sound_that_a_webm_cannot_hold_is_refused_before_any_work(tmp_path: Path) -> None:
    source = clips.make(tmp_path / "in.mp4", audio="aac")
    refused(lambda: transform(source, tmp_path / "out.webm", same), "aac", ".mp4")
    source = clips.make(tmp_path / "in.webm", codec="libvpx-vp9", audio="libopus")
    report = transform(source, tmp_path / "out.webm", same)
    assert report.notes == ()
    assert clips.packets_of(report.target, "audio") == clips.packets_of(source, "audio")


def test_sound_longer_than_the_pictures_is_kept_to_its_end(tmp_path: Path) -> None:
    source = clips.make(tmp_path / "in.mp4", (0, 40, 80), audio="aac", seconds=20)
    report = transform(source, tmp_path / "out.mp4", same)
    assert clips.packets_of(report.target, "audio") == clips.packets_of(source, "audio")


def test_a_cover_picture_is_kept_apart(tmp_path: Path) -> None:
    from PIL import Image

    plain, source, cover = clips.make(tmp_path / "a.mp4"), tmp_path / "in.mp4", io.BytesIO()
    Image.new("RGB", (64, 64), "red").save(cover, "JPEG")
    with av.open(str(plain)) as read, av.open(str(source), "w") as file:
        copied: Any = file.add_stream_from_template(read.streams.video[0])
        picture: Any = file.add_stream("mjpeg", width=64, height=64, pix_fmt="yuvj420p")
        picture.disposition = 0x400
        packet: Any = av.Packet(cover.getvalue())
        packet.stream, packet.pts, packet.dts, packet.time_base = picture, 0, 0, clips.MS
        file.mux(packet)
        for packet in read.demux():
            if packet.dts is not None:
                packet.stream = copied
                file.mux(packet)
    report = transform(source, tmp_path / "out.mp4", same)
    assert report.copied == ("a cover picture (mjpeg)",)
    with av.open(str(report.target)) as file:
        assert [int(stream.disposition) for stream in file.streams] == [1, 0x400]
        assert cover.getvalue() in [bytes(packet) for packet in file.demux()]
    report = transform(source, tmp_path / "out.mkv", same)
    assert report.copied == ()
    assert any("cover picture" in note for note in report.notes)


def test_own_keys_of_a_phone_are_kept(tmp_path: Path) -> None:
    source, key = tmp_path / "in.mov", "com.apple.quicktime.make"
    with av.open(str(source), "w", container_options={"movflags": "use_metadata_tags"}) as file:
        file.metadata[key] = "Olhar"
        stream = file.add_stream("libx264", rate=25, width=64, height=48)
        file.mux(stream.encode(av.VideoFrame(64, 48, "yuv420p")))
        file.mux(stream.encode(None))
    transform(source, tmp_path / "out.mov", same)
    with av.open(str(tmp_path / "out.mov")) as file:
        assert file.metadata[key] == "Olhar"


# -------------------------------------------------------------------------------- shape of pictures


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_turned_pictures_stand_upright(tmp_path: Path, degrees: int, mirrored: bool) -> None:
    height, width = 48, 64
    picture = clips.quarters(height, width)
    source = clips.make(
        tmp_path / "in.mp4",
        (0, 40),
        picture=lambda index: picture,
        turn=(degrees, mirrored),
        aspect=Fraction(4, 3),
    )
    upright = np.rot90(picture, degrees // 90)  # counter-clockwise, as the flag says
    if mirrored:
        upright = upright[:, ::-1]
    report = transform(source, tmp_path / "out.mp4", same)
    sideways = degrees in {90, 270}
    for path in (source, report.target):
        first = next(frames(path)).image
        assert first.shape == (3, *upright.shape[:2])
        for y, x in ((0.25, 0.25), (0.25, 0.75), (0.75, 0.25), (0.75, 0.75)):
            row, column = int(y * upright.shape[0]), int(x * upright.shape[1])
            wanted = torch.tensor(upright[row, column] / 255)
            assert torch.allclose(first[:, row, column], wanted.float(), atol=0.02)
        info = probe(path)
        assert (info.width, info.height) == ((48, 64) if sideways else (64, 48))
        assert info.aspect == (Fraction(3, 4) if sideways else Fraction(4, 3))
    assert probe(report.target).rotation == 0
    if not mirrored:
        assert probe(source).rotation == -degrees % 360
    with av.open(str(report.target)) as container:
        assert next(container.decode(video=0)).side_data.get("DISPLAYMATRIX") is None


@pytest.mark.parametrize(("height", "width"), [(47, 64), (48, 63), (47, 63)])
def test_odd_sides_are_evened_for_h264_and_kept_by_vp9(
    tmp_path: Path, height: int, width: int
) -> None:
    source = clips.make(tmp_path / "in.webm", size=(height, width), codec="libvpx-vp9")
    assert (probe(source).height, probe(source).width) == (height, width)
    report = transform(source, tmp_path / "out.mp4", same)
    info = probe(report.target)
    assert (info.height, info.width) == (height + height % 2, width + width % 2)
    assert any("even sides" in note for note in report.notes)
    before, after = next(frames(source)).image, next(frames(report.target)).image
    assert (after[:, :height, :width] - before).abs().mean() < 0.02
    report = transform(source, tmp_path / "out.webm", same)
    assert (probe(report.target).height, probe(report.target).width) == (height, width)
    assert report.notes == ()
    report = transform(source, tmp_path / "vp9.mp4", same, codec="vp9")
    assert (probe(report.target).codec, probe(report.target).height) == ("vp9", height)


def test_interleaved_planes_are_taken_apart_the_same_way_each_time() -> None:
    """FFmpeg's scaler on several threads spoils eight samples now and then."""
    planar = av.VideoFrame(200, 40, "yuv420p10le")
    for plane in planar.planes:
        codes = np.frombuffer(plane, np.uint16)
        codes[:] = np.arange(len(codes)) * 7919 % 876 + 64
    frame = planar.reformat(format="p010le", threads=1)
    first = image_of(frame)
    assert all(torch.equal(image_of(frame), first) for _ in range(300))


def test_a_size_that_changes_midway_is_brought_to_the_first(tmp_path: Path) -> None:
    base = Fraction(1, 90_000)
    parts = [
        clips.make(tmp_path / "a.ts", range(0, 36_000, 3600), time_base=base, size=(48, 64)),
        clips.make(tmp_path / "b.ts", range(36_000, 72_000, 3600), time_base=base, size=(96, 80)),
    ]
    joined = tmp_path / "joined.ts"
    joined.write_bytes(b"".join(part.read_bytes() for part in parts))
    report = transform(joined, tmp_path / "out.mp4", same)
    assert report.frames == 20
    assert (report.height, report.width) == (48, 64)
    assert any("10 frames were brought to 64 x 48" in note for note in report.notes)


def test_interlaced_pictures_are_noted(tmp_path: Path) -> None:
    options = {"preset": "ultrafast", "x264-params": "tff=1"}
    source = clips.make(tmp_path / "in.mp4", range(0, 400, 40), options=options)
    assert any("interlaced" in note for note in transform(source, tmp_path / "o.mp4", same).notes)


# ------------------------------------------------------------------------------ the function's part


def test_the_function_may_look_ahead_and_change_the_size(tmp_path: Path) -> None:
    def ahead(images: Iterator[Tensor]) -> Iterator[Tensor]:
        held: deque[Tensor] = deque()
        for image in images:
            held.append(torch.nn.functional.interpolate(image[None], scale_factor=2)[0])
            if len(held) > 4:
                yield held.popleft()
        yield from held

    source = clips.make(tmp_path / "in.mp4", audio="aac")
    seen: list[tuple[int, int | None]] = []
    report = transform(
        source, tmp_path / "out.mp4", ahead, on_frame=lambda done, of: seen.append((done, of))
    )
    assert clips.times_of(report.target) == clips.times_of(source)
    assert clips.packets_of(report.target, "audio") == clips.packets_of(source, "audio")
    assert (report.height, report.width) == (96, 128)
    count = len(clips.UNEVEN)
    assert seen == [(n + 1, count) for n in range(count)]


def test_a_function_that_changes_the_number_or_the_kind_of_images_is_refused(
    tmp_path: Path,
) -> None:
    def twice(images: Iterator[Tensor]) -> Iterator[Tensor]:
        for image in images:
            yield image
            yield image

    def growing(images: Iterator[Tensor]) -> Iterator[Tensor]:
        for count, image in enumerate(images):
            yield image.repeat(1, 1 + count, 1)

    def nothing(images: Iterator[Tensor]) -> Iterator[Tensor]:
        return iter(())

    source = clips.make(tmp_path / "in.mp4")
    target = tmp_path / "out.mp4"
    target.write_bytes(b"what was there")
    wrong: list[tuple[Any, str]] = [
        (lambda images: islice(images, 5), "5 of 14"),
        (lambda images: islice(images, None, None, 2), "7 of 14"),
        (nothing, "0 of 14"),
        (twice, "more"),
        (growing, "change size"),
        (lambda images: (image[:1] for image in images), "(1, 48, 64)"),
        (lambda images: ((image * 255).byte() for image in images), "uint8"),
        (lambda images: (image / 0 * 0 for image in images), "finite"),
    ]
    for function, words in wrong:
        refused(lambda function=function: transform(source, target, function), words)
        assert target.read_bytes() == b"what was there"
        assert sorted(path.name for path in tmp_path.iterdir()) == ["in.mp4", "out.mp4"]


def test_an_error_in_the_function_leaves_nothing_behind(tmp_path: Path) -> None:
    def broken(images: Iterator[Tensor]) -> Iterator[Tensor]:
        yield next(images)
        raise KeyboardInterrupt

    source = clips.make(tmp_path / "in.mp4")
    with pytest.raises(KeyboardInterrupt):
        transform(source, tmp_path / "out.mp4", broken)
    assert [path.name for path in tmp_path.iterdir()] == ["in.mp4"]


def test_a_video_can_replace_itself(tmp_path: Path) -> None:
    source = clips.make(tmp_path / "in.mp4", audio="aac")
    times, sound = clips.times_of(source), clips.packets_of(source, "audio")
    transform(source, source, same)
    assert clips.times_of(source) == times
    assert clips.packets_of(source, "audio") == sound


def test_only_a_few_frames_live_at_a_time(tmp_path: Path) -> None:
    alive: weakref.WeakSet[Tensor] = weakref.WeakSet()
    most = 0

    def watched(images: Iterator[Tensor]) -> Iterator[Tensor]:
        nonlocal most
        for image in images:
            alive.add(image)
            most = max(most, len(alive))
            yield image

    source = clips.make(tmp_path / "in.mp4", range(0, 8000, 40))
    assert transform(source, tmp_path / "out.mp4", watched).frames == 200
    assert most <= 3


# ------------------------------------------------------------------------------ damage and refusals


def test_a_cut_off_video_is_reported(tmp_path: Path) -> None:
    for suffix in (".mp4", ".mkv"):
        whole = clips.make(tmp_path / f"whole{suffix}", range(0, 6000, 40), audio="aac", seconds=6)
        cut = tmp_path / f"cut{suffix}"
        cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 6 // 10])
        report = transform(cut, tmp_path / f"out{suffix}", same)
        assert report.truncated
        assert 25 < report.frames < 125
        assert any("cut off" in note for note in report.notes)
        assert len(clips.times_of(report.target)) == report.frames
        assert not transform(whole, tmp_path / f"out{suffix}", same).truncated
        reader = frames(cut)
        assert sum(1 for _ in reader) == report.frames
        assert reader.truncated


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_wherever_a_video_is_cut_off_it_is_told(tmp_path: Path, suffix: str) -> None:
    whole = write_video(tmp_path / f"whole{suffix}", map(_noise, range(30)), 25)
    reader = frames(whole)
    assert sum(1 for _ in reader) == 30
    assert not reader.truncated
    content = whole.read_bytes()
    cut, out = tmp_path / f"cut{suffix}", tmp_path / "out.mp4"
    told: list[str] = []
    lengths = {*range(1, 2000, 111), *range(2000, len(content), len(content) // 12)}
    lengths |= {len(content) - 1, len(content) - 1000}
    for length in sorted(lengths):
        cut.write_bytes(content[:length])
        try:
            reader = frames(cut)
        except OlharError as error:
            told.append(str(error))
            refused(lambda: probe(cut), told[-1])
            refused(lambda: process(cut, out, lambda image: image, mark=None), told[-1])
            assert not out.exists()
            continue
        count = sum(1 for _ in reader)
        assert reader.truncated, length
        assert any("cut off" in note for note in reader.notes), length
        assert (probe(cut).width, probe(cut).height) == (64, 48)
        if length > len(content) // 2:
            report = transform(cut, out, same)
            assert report.truncated
            assert report.frames == count > 5
    assert any("no frame" in sentence for sentence in told)
    assert 5 < len(told) < len(lengths) - 5


def _noise(seed: int) -> Tensor:
    return torch.rand(3, 48, 64, generator=torch.Generator().manual_seed(seed))


def test_the_last_frame_counts_when_defects_are_told(tmp_path: Path) -> None:
    source = clips.make(tmp_path / "in.mp4", [0], options={"flags": "+ildct+ilme"})
    reader = frames(source)
    assert len(list(reader)) == 1
    assert any("interlaced" in note for note in reader.notes)


def test_a_trimmed_video_is_whole_and_stays_trimmed(tmp_path: Path) -> None:
    """Phones trim by an edit list: the rest is still in the file, counted but not shown."""
    source = clips.make(
        tmp_path / "in.mp4", range(0, 4000, 40), options={"g": "20"}, audio="aac", seconds=4
    )
    content = bytearray(source.read_bytes())
    at = content.find(b"elst")
    while at >= 0:  # version 0: flags, count, duration in the movie's clock (ms)
        content[at + 12 : at + 16] = (2000).to_bytes(4, "big")
        at = content.find(b"elst", at + 1)
    source.write_bytes(content)
    report = transform(source, tmp_path / "out.mp4", same)
    assert report.frames == 50
    assert not report.truncated
    assert report.notes == ()
    with av.open(str(report.target)) as container:
        assert container.duration is not None
        assert container.duration == pytest.approx(2_000_000, abs=50_000)


def test_damage_in_the_middle_costs_frames_but_not_the_video(tmp_path: Path) -> None:
    source = clips.make(tmp_path / "in.mp4", range(0, 4000, 40), options={"g": "10"})
    content = bytearray(source.read_bytes())
    middle = len(content) * 2 // 3
    content[middle : middle + 400] = bytes(400)
    source.write_bytes(content)
    report = transform(source, tmp_path / "out.mp4", same)
    assert 80 <= report.frames <= 100
    assert not report.truncated
    assert any("frames are damaged" in note for note in report.notes)


def test_what_is_no_video_is_told_in_one_sentence(tmp_path: Path) -> None:
    from PIL import Image

    def put(name: str, content: bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content)
        return path

    moov_last = clips.make(tmp_path / "last.mp4", faststart=False)
    cut = put("moov.mp4", moov_last.read_bytes()[: moov_last.stat().st_size // 2])
    Image.new("RGB", (32, 32)).save(tmp_path / "png.png")
    Image.new("RGB", (32, 32)).save(tmp_path / "jpg.jpg")
    sound = tmp_path / "sound.mp4"
    with av.open(str(sound), "w") as container:
        for packet in clips._tone(container, "aac", 0, 1.0):
            container.mux(packet)
    cases: list[tuple[Path, tuple[str, ...]]] = [
        (tmp_path / "none.mp4", ("no file", "none.mp4")),
        (tmp_path, ("folder",)),
        (put("empty.mp4", b""), ("empty",)),
        (put("junk.mp4", bytes(range(256)) * 40), ("junk.mp4", "not a video")),
        (put("text.mp4", b"Hello, this is a text and no film.\n" * 50), ("text.mp4",)),
        (cut, ("index", "copy it again")),
        (put("png.mp4", (tmp_path / "png.png").read_bytes()), ("picture", "PNG")),
        (put("jpg.mp4", (tmp_path / "jpg.jpg").read_bytes()), ("picture", "JPEG")),
        (put("sound.mkv", sound.read_bytes()), ("sound", "no video")),
        (put("list.mp4", b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n"), ("list.mp4",)),
    ]
    with pytest.raises(OlharError) as junk:
        probe(tmp_path / "junk.mp4")
    assert str(junk.value) == (
        f"{tmp_path / 'junk.mp4'} is not a video that FFmpeg can read (invalid data found when "
        "processing input); copy it again from where it came, or convert it to MP4"
    )
    for path, words in cases:
        refused(lambda path=path: probe(path), *words)
        refused(lambda path=path: transform(path, tmp_path / "out.mp4", same), *words)
        assert not (tmp_path / "out.mp4").exists()


def test_what_cannot_be_written_is_refused_first(tmp_path: Path) -> None:
    source = clips.make(tmp_path / "in.mp4")
    for name, words in {
        "out.avi": (".avi", ".mp4, .mov, .mkv or .webm"),
        "out": (".mp4, .mov, .mkv or .webm",),
    }.items():
        refused(lambda name=name: transform(source, tmp_path / name, same), *words)
    refused(lambda: transform(source, tmp_path / "o.webm", same, codec="h264"), "vp9")
    refused(lambda: transform(source, tmp_path / "o.mp4", same, codec="av2"), "h264 or vp9")
    refused(lambda: write_video(tmp_path / "o.mp4", iter(()), 25), "no image")
    refused(lambda: write_video(tmp_path / "o.mp4", [torch.zeros(3, 8, 8)], 0), "more than 0")
    (tmp_path / "dir.mp4").mkdir()
    refused(lambda: transform(source, tmp_path / "dir.mp4", same), "folder")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dir.mp4", "in.mp4"]


def test_names_with_colons_percents_and_accents(tmp_path: Path) -> None:
    if sys.platform == "win32":
        pytest.skip("such names cannot be on Windows")
    source = clips.make(tmp_path / "in.mp4")
    odd = source.rename(tmp_path / "12:30 %d — olhar [1] 'água'.mp4")
    report = transform(odd, tmp_path / "saída: %03d.mov", same)
    assert report.target.exists()
    assert clips.times_of(report.target) == clips.times_of(odd)


def test_a_kill_leaves_no_half_written_video(tmp_path: Path) -> None:
    source = clips.make(tmp_path / "in.mp4", range(0, 4000, 40))
    target = tmp_path / "out.mp4"
    script = (
        "import sys, time\n"
        "from olhar.media.video import transform\n"
        "def slow(images):\n"
        "    for count, image in enumerate(images):\n"
        "        if count == 20: print('now', flush=True); time.sleep(60)\n"
        "        yield image\n"
        "transform(sys.argv[1], sys.argv[2], slow)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(source), str(target)], stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    with process.stdout as output:
        assert output.readline().strip() == b"now"
        process.kill()
        process.wait(30)
    names = {path.name for path in tmp_path.iterdir()} - {"in.mp4"}
    assert all(name.startswith(".olhar-") for name in names)


# ------------------------------------------------------------------------------ reading and writing


def test_frames_are_streamed_and_the_file_can_be_left_early(tmp_path: Path) -> None:
    source = clips.make(tmp_path / "in.mp4", audio="aac")
    with Reader(source) as reader:
        first = next(reader)
        assert first.image.shape == (3, 48, 64)
        assert first.image.dtype == torch.float32
        assert first.seconds == 0
    info = probe(source)
    assert (info.width, info.height, info.frames) == (64, 48, 14)
    assert info.codec == "h264"
    assert info.has_audio
    assert info.duration == pytest.approx(1.54, abs=0.01)


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv", ".webm"])
def test_images_become_a_video(tmp_path: Path, suffix: str) -> None:
    ramp = torch.linspace(0, 1, 64).expand(3, 48, 64)
    images = [(ramp + n / 20) % 1 for n in range(12)]
    seen: list[int] = []
    path = write_video(tmp_path / f"o{suffix}", iter(images), 12.5, on_frame=seen.append)
    assert clips.times_of(path) == [Fraction(2 * n, 25) for n in range(12)]
    assert seen == list(range(1, 13))
    for read, image in zip(frames(path), images, strict=True):
        assert (read.image - image).abs().mean() < 0.02
    assert probe(path).duration == pytest.approx(0.96)


def test_images_of_any_float_type_are_taken(tmp_path: Path) -> None:
    images = [torch.full((3, 32, 32), 0.5, dtype=kind) for kind in (torch.bfloat16, torch.float64)]
    images.append(torch.full((3, 32, 32), 0.5, requires_grad=True))
    images.append(torch.full((1, 32, 32), 0.5).expand(3, 32, 32))
    path = write_video(tmp_path / "o.mp4", images, Fraction(24000, 1001))
    assert [round(float(frame.image.mean()), 2) for frame in frames(path)] == [0.5] * 4
    assert probe(path).rate == Fraction(24000, 1001)


def test_the_encoders_that_the_wheels_bring_are_chosen() -> None:
    assert encoder("h264")[0] == "libx264"
    assert encoder("vp9")[0] == "libvpx-vp9"


def test_index_stands_first_so_that_a_browser_can_start(tmp_path: Path) -> None:
    path = write_video(tmp_path / "o.mp4", [torch.zeros(3, 32, 32)] * 3, 25)
    content = path.read_bytes()
    assert 0 < content.index(b"moov") < content.index(b"mdat")


# ------------------------------------------------------------------------------------ three minutes


def test_three_minutes_of_720p_pass_through(tmp_path: Path) -> None:
    """Identical times and sound, flat memory; benchmarks/video.py does it at 25 per second."""
    step = [600, 583, 317, 900, 600, 600]  # milliseconds: uneven, 5 in 3 seconds on average
    pts = [int(each) for each in np.cumsum([0, *step * 50])][:-1]
    base = np.zeros((720, 1280), np.uint8)
    base[:] = np.linspace(30, 220, 1280)

    def cheap(index: int) -> av.VideoFrame:
        frame = av.VideoFrame(1280, 720, "yuv420p")
        for plane in frame.planes:
            np.frombuffer(plane, np.uint8)[:] = 128
        luma = np.frombuffer(frame.planes[0], np.uint8).reshape(720, -1)
        luma[:, :1280] = base
        luma[100:228, 4 * index % 1100 :][:, :128] = 50 + index % 150
        return frame

    source = clips.make(
        tmp_path / "long.mp4", pts, frame=cheap, size=(720, 1280), audio="aac", seconds=180
    )
    memory: list[int] = []
    report = transform(
        source, tmp_path / "out.mp4", same, on_frame=lambda done, of: memory.append(_resident())
    )
    assert report.frames == len(pts) == 300
    assert report.notes == ()
    times = sorted(time for time, _ in clips.packets_of(report.target, "video"))
    assert times == [Fraction(each, 1000) for each in pts]
    sound = clips.packets_of(source, "audio")
    assert len(sound) > 8000
    assert clips.packets_of(report.target, "audio") == sound
    with av.open(str(report.target)) as container:
        assert container.duration is not None
        assert container.duration >= 180_000_000
    early, late = max(memory[40:120]), max(memory[-120:])
    assert late - early < 48 << 20, f"grew from {early >> 20} to {late >> 20} MB"


def _resident() -> int:
    """Bytes of memory this process holds, 0 where that is not known."""
    try:
        pages = Path("/proc/self/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return 0


def test_a_list_of_other_files_is_no_video(tmp_path):
    """Or who sends a film could have a look at the films of others."""
    clips.make(tmp_path / "secret.mp4")
    (tmp_path / "film.mp4").write_text("ffconcat version 1.0\nfile secret.mp4\n")
    with pytest.raises(OlharError, match="is a list of other files and not a video"):
        frames(tmp_path / "film.mp4")


def test_frames_are_no_larger_than_memory_holds(tmp_path, monkeypatch):
    clips.make(tmp_path / "film.mp4")
    monkeypatch.setattr(video_open, "MAX_PIXELS", 100)
    with pytest.raises(OlharError, match=r"have \d+ x \d+ pixels, and at most 100 are read"):
        frames(tmp_path / "film.mp4")
