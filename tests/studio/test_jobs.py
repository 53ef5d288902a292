"""Jobs: each in its own process, in line, stopped, crashed, and still there after a restart."""

import json
import os
import pickle
import signal
import struct
import sys
import threading
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

pytest.importorskip("gradio", reason="the studio comes with the extra: pip install 'olhar[studio]'")

from olhar.codec import open_packed
from olhar.errors import OlharError
from olhar.media.video import frames, write_video
from olhar.studio.job import Job
from olhar.studio.jobs import Jobs
from olhar.studio.processes import outcome
from olhar.studio.work import Tell
from olhar.studio.workspace import Workspace

PATIENCE = 240.0
WITH_SIGNALS = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals")


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    return Workspace.at(tmp_path / "studio")


@pytest.fixture
def jobs(space: Workspace) -> Iterator[Jobs]:
    made = Jobs(space)
    yield made
    made.close()


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rng = np.random.default_rng(0)
    small = rng.integers(0, 255, (6, 8), np.uint8)
    path = tmp_path_factory.mktemp("photos") / "grey.png"
    Image.fromarray(small).resize((96, 72), Image.Resampling.BICUBIC).save(path)
    return path


def pixels(path: Path) -> np.ndarray:
    """(H, W, 3), as whole numbers."""
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB"), dtype=int)


def over(job: Job) -> Job:
    """Wait until a job is over."""
    until = time.monotonic() + PATIENCE
    while not job.over:
        assert time.monotonic() < until, f"{job.kind} is still {job.state}"
        time.sleep(0.05)
    return job


def begun(jobs: Jobs, job: Job) -> int:
    """Wait until a job runs; the id of its process."""
    until = time.monotonic() + PATIENCE
    while not (process := jobs._running.get(job.id)) or process.pid is None:
        assert time.monotonic() < until
        time.sleep(0.01)
    return process.pid


def test_a_job_does_what_was_asked_and_says_what_came_of_it(jobs: Jobs, photo: Path) -> None:
    form = {"vivid": 0.5, "saturation": 1.0, "views": "one"}
    job = over(jobs.submit("colorize", "ana", {"form": form}, {"photo": [photo]}))
    assert (job.state, job.error) == ("done", "")
    made = job.folder / "out" / job.result["files"][0]
    assert made.name == "grey-coloured.png"
    assert pixels(made).shape == (72, 96, 3)
    assert np.ptp(pixels(made), axis=2).max() > 8, "it is in colour"
    assert job.result["full"] == [96, 72]
    palette = over(
        jobs.submit("suggest", "ana", {"form": form, "x": 0.5, "y": 0.5}, {"photo": [photo]})
    )
    colors = palette.result["colors"]
    assert colors
    assert all(color[0][0] == "#" and 0 < color[1] <= 1 for color in colors)


def test_a_folder_is_packed_weighed_and_can_be_made_again(jobs: Jobs, photo: Path) -> None:
    folder = jobs.space.data / "mine"
    (folder / "sub").mkdir(parents=True)
    for name in ("a.png", "sub/b.png"):
        (folder / name).write_bytes(photo.read_bytes())
    (folder / "said.csv").write_text("a,b\n")
    job = over(jobs.submit("pack", "ana", {"data": "mine", "quality": 50}))
    assert (job.state, job.error, job.lane) == ("done", "", "long")
    told = job.result
    assert (told["pictures"], told["files"], told["failed"]) == (2, 1, [])
    made = job.folder / "out" / told["file"]
    assert made.name == "mine.olhar"
    assert told["bytes_after"] == made.stat().st_size < told["bytes_before"]
    assert open_packed(made).names == ("a.png", "sub/b.png")
    before, after = (pixels(job.folder / "out" / name) for name, *_ in told["shown"])
    assert before.shape == after.shape == (72, 96, 3)
    assert 0 < np.abs(before - after).mean() < 12, "it looks alike"
    empty = jobs.space.data / "empty"
    empty.mkdir()
    nothing = over(jobs.submit("pack", "ana", {"data": "empty", "quality": 1}))
    assert nothing.error == "empty holds no pictures; give a folder that does"


def test_an_error_names_files_as_they_were_sent_and_no_path(jobs: Jobs, tmp_path: Path) -> None:
    (tmp_path / "my-own-scan.png").write_text("hello")
    photo = [tmp_path / "my-own-scan.png"]
    job = over(jobs.submit("denoise", "ana", {"strength": 1}, {"photo": photo}))
    assert job.error.startswith("my-own-scan.png is a text, not a picture")


def test_an_error_about_a_clip_says_no_path_either(jobs: Jobs, tmp_path: Path) -> None:
    text = tmp_path / "ana.jpg"
    text.write_text("no picture", "utf-8")
    job = over(jobs.submit("faces", "ana", {"set": "ana"}, {"clips": [text]}))
    assert job.error.startswith("ana.jpg ")
    assert "is a text, not a picture" in job.error
    assert str(jobs.space.root) not in job.error


def test_a_pickle_in_disguise_is_refused_and_not_run(jobs: Jobs, tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.mkdir, (str(tmp_path / "ran"),)

    model = tmp_path / "model.safetensors"
    model.write_bytes(pickle.dumps(Evil()))
    job = over(jobs.submit("inspect", "ana", {}, {"file": [model]}))
    assert job.state == "failed"
    assert "no safetensors file" in job.error
    assert str(jobs.space.root) not in job.error, "a page says no paths of the machine"
    assert not (tmp_path / "ran").exists()


def test_a_picture_that_unpacks_to_gigabytes_is_refused(jobs: Jobs, tmp_path: Path) -> None:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(1 << 20))
    bomb = tmp_path / "bomb.png"
    bomb.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )
    job = over(jobs.submit("denoise", "ana", {"strength": 1}, {"photo": [bomb]}))
    assert job.state == "failed"
    assert "60000 x 60000 pixels, more than" in job.error


@WITH_SIGNALS
def test_a_crash_takes_nothing_with_it_and_who_waits_is_told(jobs: Jobs, photo: Path) -> None:
    settings = {"form": {"size": 128, "iterations": 10_000}, "drawn": ["glass"]}
    first = jobs.submit("restyle", "ana", settings, {"photo": [photo]})
    process = begun(jobs, first)
    second = jobs.submit("restyle", "rui", settings, {"photo": [photo]})
    assert jobs.before(second) == [first]
    quick = jobs.submit("inspect", "rui", {}, {"file": [photo]})
    assert over(quick).state == "done", "short jobs do not wait for long ones"
    jobs.stop(second)
    assert second.state == "stopped"
    os.kill(process, signal.SIGKILL)
    assert over(first).state == "failed"
    assert "ended with code -9" in first.error
    assert over(jobs.submit("inspect", "ana", {}, {"file": [photo]})).state == "done"


@WITH_SIGNALS
@pytest.mark.parametrize("how", ["stop", "close"])
def test_a_job_is_stopped_while_its_process_is_being_started(
    jobs: Jobs, photo: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    begun, go = threading.Event(), threading.Event()
    start = jobs._context.Process.start

    def late(process: Any) -> None:
        begun.set()
        assert go.wait(PATIENCE)
        start(process)

    monkeypatch.setattr(jobs._context.Process, "start", late)
    settings = {"form": {"size": 96, "iterations": 10_000}, "drawn": ["glass"]}
    job = jobs.submit("restyle", "ana", settings, {"photo": [photo]})
    assert begun.wait(PATIENCE)
    if how == "stop":
        jobs.stop(job)
        go.set()
    else:
        closing = threading.Thread(target=jobs.close)
        closing.start()
        while not jobs._closing:
            time.sleep(0.01)
        go.set()
        closing.join()
    assert (over(job).state, job.error) == ("stopped", "")


@WITH_SIGNALS
def test_a_restyling_that_is_stopped_keeps_what_has_formed(jobs: Jobs, photo: Path) -> None:
    settings = {"form": {"size": 96, "iterations": 10_000}, "drawn": ["glass"]}
    job = jobs.submit("restyle", "ana", settings, {"photo": [photo]})
    until = time.monotonic() + PATIENCE
    while not job.progress().get("picture"):
        assert time.monotonic() < until
        time.sleep(0.05)
    assert 0 < job.progress()["share"] < 1
    assert job.progress()["said"][0] == "studio.iteration"
    jobs.stop(job)
    assert over(job).state == "stopped"
    made = job.folder / "out" / job.result["files"][0]
    assert pixels(made).shape == (72, 96, 3)
    assert job.kept()


@WITH_SIGNALS
def test_a_stopped_restyling_goes_on_to_what_would_have_come_without_the_stop(
    jobs: Jobs, photo: Path
) -> None:
    settings = {"form": {"size": 96, "iterations": 80}, "drawn": ["glass"]}
    first = jobs.submit("restyle", "ana", settings, {"photo": [photo]})
    until = time.monotonic() + PATIENCE
    while not first.progress().get("picture"):
        assert time.monotonic() < until
        time.sleep(0.02)
    jobs.stop(first)
    assert over(first).state == "stopped"
    reached = first.progress()["said"][1]["iteration"]
    assert reached < 80

    def again() -> Job:
        files = {"photo": [first.file("photo")], "state": [first.kept()]}
        return jobs.submit("restyle", "ana", settings, files)

    with jobs._changed:  # stopped before it has begun, it can still go on
        waiting = again()
        jobs.stop(waiting)
    assert (waiting.state, waiting.result) == ("stopped", {})
    assert waiting.kept()
    second = over(again())
    assert (second.state, second.error) == ("done", "")
    assert second.progress()["begun"] > 0
    assert second.kept() is None, "it is done"
    whole = over(jobs.submit("restyle", "rui", settings, {"photo": [photo]}))
    made = [job.folder / "out" / job.result["files"][0] for job in (first, second, whole)]
    assert np.array_equal(pixels(made[1]), pixels(made[2]))
    assert not np.array_equal(pixels(made[0]), pixels(made[2]))
    assert [path.name for path in made] == ["grey-restyled.png"] * 3


@WITH_SIGNALS
def test_a_restyled_film_that_was_stopped_goes_on(jobs: Jobs, tmp_path: Path) -> None:
    wide = torch.rand(3, 48, 100)
    film = [wide[:, :, n : n + 64] for n in range(36)]
    write_video(tmp_path / "film.mp4", film, 25)
    settings: dict[str, Any] = {"form": {"size": 64, "iterations": 4}, "drawn": ["glass"]}
    first = jobs.submit("restyle", "ana", settings, {"photo": [tmp_path / "film.mp4"]})
    until = time.monotonic() + PATIENCE
    while not list(first.folder.glob("out/.olhar-*/00000.json")):
        assert time.monotonic() < until
        time.sleep(0.05)
    assert first.progress()["picture"]
    jobs.stop(first)
    assert over(first).state == "stopped"
    after = settings | {"after": first.id}
    second = over(jobs.submit("restyle", "ana", after, {"photo": [first.file("photo")]}))
    assert (second.state, second.error) == ("done", "")
    made = list(frames(second.folder / "out" / second.result["film"]))
    assert len(made) == 36
    assert not list(first.folder.glob("out/.olhar-*/*.json")), "it was taken over"


@WITH_SIGNALS
def test_what_is_stopped_says_so_however_it_ends(tmp_path: Path) -> None:
    job = Job("x", "train", "ana", {"run": "mine"}, state="running", folder=tmp_path)
    assert outcome(job, -signal.SIGKILL)[0] == "failed"
    job.stopping = True
    assert outcome(job, -signal.SIGKILL) == ("stopped", ""), "it saved nothing in time"


def test_who_looks_whether_to_stop_is_asked_and_others_are_interrupted(tmp_path: Path) -> None:
    tell = Tell(tmp_path)
    tell.stop()
    assert tell.asked
    reading = Tell(tmp_path)
    reading.heeded = False
    with pytest.raises(KeyboardInterrupt):
        reading.stop()


def test_a_page_may_let_go_of_its_jobs_and_others_go_on_showing_them(
    jobs: Jobs, photo: Path
) -> None:
    job = over(jobs.submit("inspect", "ana", {}, {"file": [photo]}, "here"))
    jobs.leave("here", "denoise")
    assert not jobs.superseded(job, "here")
    jobs.leave("here", "inspect")
    assert jobs.superseded(job, "here")
    assert not jobs.superseded(job, "there")
    assert not jobs.superseded(jobs.submit("inspect", "ana", {}, {"file": [photo]}, "here"), "here")


def test_one_visitor_cannot_fill_the_line(jobs: Jobs, photo: Path) -> None:
    with jobs._changed:  # nothing is taken from the line meanwhile
        for _ in range(jobs.per_visitor):
            jobs.submit("inspect", "ana", {}, {"file": [photo]})
        with pytest.raises(OlharError, match="wait for one, or stop one"):
            jobs.submit("inspect", "ana", {}, {"file": [photo]})
        other = jobs.submit("inspect", "rui", {}, {"file": [photo]})
    assert over(other).state == "done"


def test_a_restart_shows_what_was_there_and_goes_on(space: Workspace, photo: Path) -> None:
    def left(name: str, state: str) -> None:
        folder = space.jobs / name
        (folder / "in").mkdir(parents=True)
        (folder / "out").mkdir()
        (folder / "in" / "photo.png").write_bytes(photo.read_bytes())
        said = {"id": name, "kind": "inspect", "visitor": "ana", "settings": {}, "state": state}
        said |= {"files": {"file": ["photo.png"]}, "created": time.time()}
        (folder / "job.json").write_text(json.dumps(said), "utf-8")

    for name in ("running", "waiting", "done"):
        left(name, name)
    (space.jobs / "junk").mkdir()
    (space.jobs / "junk" / "job.json").write_text("{")
    jobs = Jobs(space)
    try:
        assert {job.id for job in jobs.all()} == {"running", "waiting", "done"}
        cut = jobs.find("running")
        assert (cut.state, cut.error[:21]) == ("failed", "the studio was closed")
        assert over(jobs.find("waiting")).state == "done"
        jobs.remove(cut)
        assert not cut.folder.exists()
        with pytest.raises(OlharError, match="no such job"):
            jobs.find("running")
    finally:
        jobs.close()
