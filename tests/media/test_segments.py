"""Long films in segments: stopped, killed or damaged at any point, they go on and are the same."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import weakref
from functools import partial
from typing import TYPE_CHECKING, Any

import clips
import pytest
from signing import state

from olhar.errors import OlharError
from olhar.media import segments, video_join
from olhar.media.mark import Mark
from olhar.media.process import LeftOut
from olhar.media.process import process as marked_process
from olhar.media.video import Reader, encoder, frames, transform

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from torch import Tensor

    from olhar.media.report import Report

COUNT = 130
TIMES = [40 * n + 9 * (n % 5 == 0) + 300 * (n > 60) for n in range(COUNT)]  # milliseconds
LIMITS = (20, 30)
STEADY = ("x264-params", "mbtree=0")  # else x264 is not the same twice with so few macroblocks

process = partial(marked_process, mark=None, settings="s")


class Stop(BaseException):
    """What ends a run in the middle, as a kill does."""


@pytest.fixture(autouse=True)
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """Segments of a few frames."""
    monkeypatch.setattr(segments, "_LIMITS", LIMITS)
    monkeypatch.setitem(encoder("h264")[1], *STEADY)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film with uneven times, B-frames, key frames here and there, and sound."""
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    options = {"preset": "veryfast", "crf": "12", "g": "23"}
    return clips.make(path, TIMES, options=options, audio="aac", seconds=5.5)


def negative(image: Tensor) -> Tensor:
    return 1 - image


def until(number: int) -> tuple[Callable[[Tensor], Tensor], list[Tensor]]:
    """A function that stops the run after so many images, and those that it has seen."""
    seen: list[Tensor] = []

    def function(image: Tensor) -> Tensor:
        if len(seen) == number:
            raise Stop
        seen.append(image)
        return negative(image)

    return function, seen


def stopped(source: Path, target: Path, number: int) -> None:
    with pytest.raises(Stop):
        process(source, target, until(number)[0])


def continued(source: Path, target: Path, **more: Any) -> tuple[Report, int]:
    """The report, and how many frames were still to be made."""
    function, seen = until(-1)
    return process(source, target, function, **more), len(seen)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*"))


def alike(one: Path, other: Path) -> None:
    """Two files hold the same pictures and sound, at the same times."""
    for kind in ("video", "audio"):
        assert clips.packets_of(one, kind) == clips.packets_of(other, kind)
    assert clips.times_of(one) == clips.times_of(other)


# ------------------------------------------------------------------------------------ in one piece


@pytest.mark.parametrize("suffix", [".mkv", ".mov", ".mp4", ".webm"])
def test_segments_make_one_film(film: Path, tmp_path: Path, suffix: str) -> None:
    """As one encoder makes it: times, durations, sound, notes; every frame near its own."""
    source = film
    if suffix == ".webm":
        source = clips.make(tmp_path / "in.mkv", TIMES, audio="libopus", seconds=5.5)
    whole = transform(source, tmp_path / f"one{suffix}", lambda images: map(negative, images))
    report = process(source, tmp_path / f"many{suffix}", negative)
    (made,) = report.done
    assert clips.times_of(made) == clips.times_of(whole.target)
    assert clips.packets_of(made, "audio") == clips.packets_of(whole.target, "audio")
    assert len(clips.packets_of(made, "audio")) > 200
    assert report.notes.get(source, ()) == whole.notes
    with Reader(made) as here, Reader(whole.target) as there, Reader(source) as before:
        assert here.container.duration == there.container.duration
        assert here.info.coding == there.info.coding
        keys = 0
        for a, b, original in zip(here, there, before, strict=True):
            assert (a.pts, a.duration) == (b.pts, b.duration)
            assert float((a.image - negative(original.image)).abs().mean()) < 0.03
            keys += a.key
    assert 5 <= keys <= 8, "one for each segment, and where the encoder wants another"


def test_a_segment_ends_where_the_source_has_a_key_frame(film: Path, tmp_path: Path) -> None:
    keys = [n for n, frame in enumerate(frames(film)) if frame.key]
    assert keys[:3] == [0, 23, 46]
    stopped(film, tmp_path / "out.mp4", 100)
    described = sorted(tmp_path.rglob("*.json"))
    assert [json.loads(path.read_bytes())["frames"] for path in described] == [
        [0, 23],
        [23, 46],
        [46, 69],
        [69, 92],
    ]


def test_a_short_film_is_made_as_ever(tmp_path: Path) -> None:
    source = clips.make(tmp_path / "in.mp4", range(0, 20 * 40, 40), audio="aac", seconds=0.8)
    whole = transform(source, tmp_path / "one.mp4", lambda images: map(negative, images))
    with pytest.raises(Stop):
        process(source, tmp_path / "two.mp4", until(19)[0])
    assert names(tmp_path) == ["in.mp4", "one.mp4"]
    process(source, tmp_path / "two.mp4", negative)
    assert (tmp_path / "two.mp4").read_bytes() == whole.target.read_bytes()


def test_few_frames_live_at_a_time(film: Path, tmp_path: Path) -> None:
    living: weakref.WeakSet[Tensor] = weakref.WeakSet()
    most = 0

    def watched(image: Tensor) -> Tensor:
        nonlocal most
        made = negative(image)
        living.add(image)
        living.add(made)
        most = max(most, len(living))
        return made

    process(film, tmp_path / "out.mp4", watched)
    assert most <= 8


# ------------------------------------------------------------------------------ stopped and killed

AHEAD = 9
"""Frames that it may make until it is killed; then it waits for that."""
SCRIPT = """
import sys, time
from olhar.media import segments
from olhar.media.process import process
from olhar.media.video import encoder

segments._LIMITS = (20, 30)
encoder("h264")[1]["x264-params"] = "mbtree=0"

left = int(sys.argv[3])

def negative(image):
    global left
    print("frame", flush=True)
    left -= 1
    if not left:
        time.sleep(3600)
    return 1 - image

process(sys.argv[1], sys.argv[2], negative, mark=None, settings="s")
"""


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_a_killed_film_goes_on_and_is_the_same(film: Path, tmp_path: Path) -> None:
    whole = process(film, tmp_path / "whole.mp4", negative).done[0]
    target = tmp_path / "out" / "film.mp4"
    target.parent.mkdir()
    rest = COUNT
    for lines in (random.randint(31, 60), random.randint(1, 50)):
        with subprocess.Popen(
            [sys.executable, "-c", SCRIPT, str(film), str(target), str(lines + AHEAD)],
            stdout=subprocess.PIPE,
        ) as running:
            assert running.stdout is not None
            for _ in range(lines):
                assert running.stdout.readline() == b"frame\n"
            running.send_signal(signal.SIGKILL)
        assert not target.exists()
    report, rest = continued(film, target)
    assert rest < COUNT - 23 + 1
    assert f"{COUNT - rest:,} frames were there" in str(report)
    assert names(target.parent) == ["film.mp4"]
    alike(whole, target)


@pytest.mark.parametrize("suffix", [".mkv", ".mp4", ".webm"])
def test_wherever_a_film_is_stopped_it_goes_on(film: Path, tmp_path: Path, suffix: str) -> None:
    source = clips.make(tmp_path / "in.mp4", TIMES) if suffix == ".webm" else film
    whole = process(source, tmp_path / f"whole{suffix}", negative).done[0]
    for _ in range(3):
        target = tmp_path / "out" / f"film{suffix}"
        number = random.randrange(COUNT)
        stopped(source, target, number)
        _, rest = continued(source, target)
        assert COUNT - rest <= number
        assert COUNT - rest > number - LIMITS[1] - 1
        alike(whole, target)
        assert names(target.parent) == [target.name]
        target.unlink()


def test_it_goes_on_while_it_is_put_together(
    film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "out.mp4"
    with monkeypatch.context() as patch:
        patch.setattr(video_join, "_beside", lambda *_: (_ for _ in ()).throw(Stop))
        with pytest.raises(Stop):
            process(film, target, negative)
    _, rest = continued(film, target)
    assert rest == 0
    alike(process(film, tmp_path / "whole.mp4", negative).done[0], target)


def test_what_is_told_of_the_source_is_told_after_a_stop(
    film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(film.read_bytes()[:-9000])
    expected = process(cut, tmp_path / "whole.mp4", negative).notes[cut]
    assert any("cut off" in note for note in expected)
    with monkeypatch.context() as patch:
        patch.setattr(segments.Segments, "packets", lambda _: (_ for _ in ()).throw(Stop))
        with pytest.raises(Stop):
            process(cut, tmp_path / "out.mp4", negative)
    report, rest = continued(cut, tmp_path / "out.mp4")
    assert rest == 0
    assert report.notes[cut][1:] == expected


def test_ctrl_c_says_how_far_it_is(film: Path, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    source = tmp_path / "in" / "film.mp4"
    source.write_bytes(film.read_bytes())

    def interrupted(number: int, target: Path, source: Path) -> str:
        function, seen = until(-1)

        def stop(image: Tensor) -> Tensor:
            if len(seen) == number:
                raise KeyboardInterrupt
            return function(image)

        with pytest.raises(KeyboardInterrupt) as caught:
            process(source, target, stop)
        return str(caught.value)

    go_on = "are done, and the same command goes on from there"
    assert interrupted(10, tmp_path / "a.mp4", source) == ""
    said = interrupted(60, tmp_path / "a.mp4", source)
    assert said == f"46 of {COUNT} frames of {source} {go_on}"
    said = interrupted(60, tmp_path / "out", source.parent)
    assert said == f"0 of 1 and 46 of {COUNT} frames of {source} {go_on}"
    report, rest = continued(source.parent, tmp_path / "out")
    assert rest == COUNT - 46
    assert names(tmp_path / "out") == [".olhar.jsonl", "film.mp4"]
    assert report.done == [tmp_path / "out" / "film.mp4"]
    assert len(continued(source.parent, tmp_path / "out")[0].skipped) == 1


def test_a_film_that_went_on_is_signed(film: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.mp4"
    stopped(film, target, 70)
    _, rest = continued(film, target, mark=Mark(deed="denoised"))
    assert rest == COUNT - 69
    assert state(target) in {"Valid", "Trusted"}


# ----------------------------------------------------------------------- what belongs to what film


def test_another_source_or_other_settings_start_anew(film: Path, tmp_path: Path) -> None:
    source, target = tmp_path / "in.mp4", tmp_path / "out" / "film.mp4"
    source.write_bytes(film.read_bytes())
    stopped(source, target, 70)
    with pytest.raises(Stop):
        process(source, target, until(5)[0], settings="other")
    assert not list(target.parent.rglob("*.json")), "those of old are gone"
    stopped(source, target, 70)
    os.utime(source, ns=(0, 0))
    report, rest = continued(source, target)
    assert rest == COUNT
    assert not report.notes
    assert names(target.parent) == ["film.mp4"]


def test_without_settings_nobody_knows_what_belongs_together(film: Path, tmp_path: Path) -> None:
    with pytest.raises(Stop):
        process(film, tmp_path / "a.mp4", until(70)[0], settings="")
    with pytest.raises(Stop):
        process(film, tmp_path / "a.mp4", negative, frames=lambda images: map(until(70)[0], images))
    assert names(tmp_path) == []


@pytest.mark.parametrize("damage", ["cut", "foreign", "gone", "torn"])
def test_what_is_damaged_is_made_again(film: Path, tmp_path: Path, damage: str) -> None:
    whole = process(film, tmp_path / "whole.mp4", negative).done[0]
    target = tmp_path / "out" / "film.mp4"
    stopped(film, target, 100)
    data, described = sorted(tmp_path.rglob("00002.*"), reverse=True)
    if damage == "cut":
        data.write_bytes(data.read_bytes()[:-1])
    elif damage == "gone":
        data.unlink()
    elif damage == "torn":
        described.write_bytes(described.read_bytes()[:-5])
    else:
        described.write_text("[3]")
    _, rest = continued(film, target)
    assert rest == COUNT - 46
    alike(whole, target)
    assert names(target.parent) == ["film.mp4"]


# --------------------------------------------------------------------- functions of several frames


class Trail:
    """Each image less some of the one before; counts those that it has seen."""

    warm_up = 3
    slow = False

    def __init__(self, stop: int = -1) -> None:
        self.stop, self.seen, self.begun = stop, 0, []
        self.values: list[float] = []

    def __call__(self, images: Iterator[Tensor], state: Any = None) -> Iterator[Tensor]:
        self.begun.append(state)
        self.seen = state or 0
        before = None
        for image in images:
            if len(self.values) == self.stop:
                raise Stop
            self.values.append(float(image.mean()))
            self.seen += 1
            yield image if before is None else (image - before / 2).clamp(0, 1)
            before = image
        if self.seen < COUNT:
            raise LeftOut("has too few frames")

    def state(self) -> int:
        return self.seen


def test_a_film_sees_the_frames_before_and_knows_its_state(film: Path, tmp_path: Path) -> None:
    whole, first, second = Trail(), Trail(70), Trail()
    process(film, tmp_path / "whole.mp4", negative, frames=whole)
    target = tmp_path / "out" / "film.mp4"
    with pytest.raises(Stop):
        process(film, target, negative, frames=first)
    process(film, target, negative, frames=second)
    assert first.begun == whole.begun == [None]
    assert second.begun == [70], "one is taken ahead to know whether a segment is the last"
    assert second.values == whole.values[69 - Trail.warm_up :]
    alike(tmp_path / "whole.mp4", target)


def test_what_is_left_out_leaves_nothing(film: Path, tmp_path: Path) -> None:
    class Nothing(Trail):
        def __call__(self, images: Iterator[Tensor], state: Any = None) -> Iterator[Tensor]:
            yield from images
            raise LeftOut("is fine as it is")

    with pytest.raises(OlharError, match="is fine as it is"):
        process(film, tmp_path / "out.mp4", negative, frames=Nothing())
    assert names(tmp_path) == []
