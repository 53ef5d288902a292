"""From disk to disk: what is made, skipped, refused and left behind, also when it is killed."""

import errno
import io
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
import torch
from PIL import Image

from olhar.errors import OlharError
from olhar.media import one, progress
from olhar.media import process as module
from olhar.media.image import read, write
from olhar.media.process import LeftOut
from olhar.media.process import process as marked_process
from olhar.media.progress import bar, hidden
from olhar.media.video import VIDEO_SUFFIXES, probe, write_video
from olhar.media.walk import outputs, walk

process = partial(marked_process, mark=None)  # nothing here is made by a machine


def negative(image):
    return 1 - image


def never(image):
    raise AssertionError("this must be refused before any work is done")


def picture(path: Path, value: float = 0.25, size=(8, 6)) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, (round(value * 255),) * 3).save(path)
    return path


def names(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


@pytest.fixture
def album(tmp_path) -> Path:
    for name in ("10.png", "2.png", "trip/1.jpg", ".hidden.png", ".cache/x.png"):
        picture(tmp_path / "album" / name)
    (tmp_path / "album" / "notes.txt").write_text("not a picture")
    return tmp_path / "album"


# One image -----------------------------------------------------------------------------------


def test_one_image_becomes_one_file(tmp_path):
    report = process(picture(tmp_path / "a.png"), tmp_path / "new" / "b.png", negative)
    assert report.done == [tmp_path / "new" / "b.png"]
    assert report.exit_code == 0
    assert read(report.done[0]).image.mean().item() == pytest.approx(1 - 64 / 255, abs=1e-3)


@pytest.mark.parametrize(
    ("source", "target", "makes"),
    [
        ("a.png", "there", "there/a.png"),
        ("a.png", "new/", "new/a.png"),
        ("a.JPG", "there", "there/a.JPG"),
        ("a.gif", "there", "there/a.png"),
    ],
)
def test_a_folder_as_target_keeps_the_name(tmp_path, source, target, makes):
    (tmp_path / "there").mkdir()
    report = process(picture(tmp_path / source), f"{tmp_path}/{target}", negative)
    assert report.done == [tmp_path / makes]
    assert (tmp_path / makes).is_file()


def test_what_the_file_knew_is_kept_and_its_transparency_resized(tmp_path):
    image = Image.new("RGBA", (40, 20), (255, 0, 0, 0))
    image.paste((0, 0, 255, 255), (0, 0, 20, 20))
    image.save(tmp_path / "a.png", dpi=(300, 300))
    process(
        tmp_path / "a.png",
        tmp_path / "b.png",
        lambda image: torch.nn.functional.interpolate(image[None], (10, 20))[0],
    )
    result = read(tmp_path / "b.png")
    assert result.image.shape == (3, 10, 20)
    assert result.alpha is not None
    assert result.alpha.shape == (1, 10, 20)
    assert result.alpha[0, 5, 2] > 0.9
    assert result.alpha[0, 5, 17] < 0.1
    assert result.dpi == pytest.approx((300, 300), abs=1)


def test_a_grey_file_may_become_coloured(tmp_path):
    Image.new("L", (8, 8), 128).save(tmp_path / "grey.png")
    red = torch.tensor([1.0, 0, 0]).reshape(3, 1, 1)
    process(tmp_path / "grey.png", tmp_path / "red.png", red.expand_as)
    assert Image.open(tmp_path / "red.png").convert("RGB").getpixel((4, 4)) == (255, 0, 0)


@pytest.mark.parametrize(
    ("source", "target", "says"),
    [
        ("missing.png", "b.png", "no such file"),
        ("a.png", "a.png", "is the source itself"),
        ("a.png", "link.png", "is the source itself"),
        ("a.png", "./", "is the source itself"),
        ("a.png", "b.xyz", "does not say what to write"),
        ("a.png", "b", "does not say what to write"),
        ("a.png", "b.mp4", "b.mp4 would be a film, and .*a.png is none by its name"),
        ("a.png", "a.png/b.png", "cannot be made"),
        ("album", "album", "is the source itself"),
        ("album", "a.png", "cannot be made"),
        ("empty", "out", "holds no image"),
        ("a.mp4", "b.mp4", "videos come later"),
        ("circle.png", "b.png", "is a circle of links"),
        ("a.png", "style.png", "one of the files it would be made from"),
        ("style.gif", "kept", "one of the files it would be made from"),
    ],
)
def test_what_cannot_be_is_refused_before_the_work(album, source, target, says):
    folder = album.parent
    picture(folder / "a.png")
    (folder / "link.png").symlink_to("a.png")
    (folder / "empty").mkdir()
    (folder / "a.mp4").write_bytes(b"not even a video")
    (folder / "circle.png").symlink_to("circle.png")
    picture(folder / "style.gif")
    keep = [picture(folder / "style.png"), picture(folder / "kept" / "style.png"), folder / "gone"]
    with pytest.raises(OlharError, match=says) as error:
        process(
            folder / source, f"{folder}/{target}", never, no_video="videos come later", keep=keep
        )
    assert "\n" not in str(error.value)


def test_too_little_memory_is_a_sentence(tmp_path):
    def greedy(image):
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 TB")

    with pytest.raises(OlharError, match="not enough memory for an image of 8 x 6 pixels"):
        process(picture(tmp_path / "a.png"), tmp_path / "b.png", greedy)


# Folders -------------------------------------------------------------------------------------


def test_a_folder_is_mirrored_in_the_order_of_its_names(album, tmp_path):
    seen = []

    def look(image):
        seen.append(image)
        return image

    report = process(album, tmp_path / "out", look)
    assert [p.relative_to(tmp_path / "out").as_posix() for p in report.done] == [
        "2.png",
        "10.png",
        "trip/1.jpg",
    ]
    assert len(seen) == 3
    assert names(tmp_path / "out") == [".olhar.jsonl", "10.png", "2.png", "trip/1.jpg"]


def test_what_is_there_already_is_skipped(album, tmp_path):
    out = tmp_path / "out"
    process(album, out, negative, settings="a")
    assert len(process(album, out, never, settings="a").skipped) == 3
    assert len(process(album, out, negative, settings="b").done) == 3, "other settings"
    (out / "2.png").unlink()
    picture(album / "10.png", 0.5, size=(9, 9))
    picture(album / "11.png")
    report = process(album, out, negative, settings="b")
    assert [path.name for path in report.done] == ["2.png", "10.png", "11.png"]
    assert [path.name for path in report.skipped] == ["1.jpg"]


def test_failures_are_collected_and_the_others_go_on(album, tmp_path):
    (album / "3.png").write_bytes(b"no picture")
    wide = picture(album / "4.png", size=(30, 3))

    def fussy(image):
        if image.shape[2] == 30:
            raise IndexError("a defect\nin two lines")
        return image

    report = process(album, tmp_path / "out", fussy)
    assert report.exit_code == 1
    assert len(report.done) == 3
    assert report.failed.keys() == {album / "3.png", wide}
    assert report.failed[wide].startswith("IndexError: a defect in two lines (a defect")
    assert "3 made, 2 failed" in str(report)
    assert str(report).count("\n") == 2
    again = process(album, tmp_path / "out", negative)
    assert again.failed.keys() == {album / "3.png"}
    assert [path.name for path in again.done] == ["4.png"]
    assert json.loads(json.dumps(again.as_dict()))["failed"].keys() == {str(album / "3.png")}


def test_what_a_function_leaves_out_is_a_note_in_a_folder_and_a_sentence_alone(album, tmp_path):
    def sometimes(image):
        if image.mean() > 0.5:
            raise LeftOut("is bright enough")
        return negative(image)

    bright = picture(album / "bright.png", 0.9)
    report = process(album, tmp_path / "out", sometimes)
    assert report.notes == {bright: (f"{bright} is bright enough",)}
    assert len(report.done) == 3
    assert not report.failed
    assert report.exit_code == 0
    assert not (tmp_path / "out" / "bright.png").exists()
    with pytest.raises(OlharError, match=r"bright\.png is bright enough$"):
        process(bright, tmp_path / "bright.png", sometimes)
    assert not (tmp_path / "bright.png").exists()


def test_several_functions_give_numbered_results(album, tmp_path):
    both = [negative, lambda image: image]
    report = process(album / "2.png", tmp_path / "two.png", both)
    assert report.done == [tmp_path / "two-1.png", tmp_path / "two-2.png"]
    assert read(report.done[0]).image.mean() > read(report.done[1]).image.mean()
    assert "2 made" in str(report)
    process(album, tmp_path / "out", both, settings="s")
    assert names(tmp_path / "out") == [
        *(".olhar.jsonl", "10-1.png", "10-2.png", "2-1.png", "2-2.png"),
        *("trip/1-1.jpg", "trip/1-2.jpg"),
    ]
    (tmp_path / "out" / "10-2.png").unlink()
    again = process(album, tmp_path / "out", [*both, negative], settings="s")
    assert len(again.done) == 4
    assert len(again.skipped) == 5
    with pytest.raises(OlharError, match="is one of the files it would be made from"):
        process(album / "2.png", tmp_path / "two.png", both, keep=[tmp_path / "two-2.png"])


def test_a_long_list_of_failures_is_cut(tmp_path):
    for i in range(30):
        (tmp_path / "in" / f"{i}.png").parent.mkdir(exist_ok=True)
        (tmp_path / "in" / f"{i}.png").write_bytes(b"x")
    text = str(process(tmp_path / "in", tmp_path / "out", negative))
    assert text.count("\n") == 21
    assert "10 more" in text


def test_a_file_of_somebody_else_is_not_replaced(album, tmp_path):
    precious = picture(tmp_path / "out" / "2.png", 0.75)
    before = precious.read_bytes()
    report = process(album, tmp_path / "out", negative)
    assert precious.read_bytes() == before
    assert "was there before" in report.failed[album / "2.png"]
    assert len(report.done) == 2


def test_a_result_that_is_a_style_by_now_is_not_replaced(album, tmp_path):
    out = tmp_path / "out"
    process(album, out, negative, settings="a")
    style = out / "2.png"
    before = style.read_bytes()
    report = process(album, out, lambda image: image / 2, settings="b", keep=[style])
    assert style.read_bytes() == before
    assert "one of the files it would be made from" in report.failed[album / "2.png"]
    assert [path.name for path in report.done] == ["10.png", "1.jpg"]


def test_a_file_that_comes_after_a_failure_is_somebody_elses(album, tmp_path):
    broken = album / "2.png"
    broken.write_bytes(b"no picture")
    assert process(album, tmp_path / "out", negative).failed.keys() == {broken}
    precious = picture(tmp_path / "out" / "2.png", 0.75)
    before = precious.read_bytes()
    picture(broken)
    report = process(album, tmp_path / "out", never)
    assert precious.read_bytes() == before
    assert "was there before" in report.failed[broken]


def test_a_file_that_comes_during_the_work_is_somebody_elses(tmp_path):
    source = picture(tmp_path / "in" / "a.png")

    def meanwhile(image):
        (tmp_path / "out" / "a.png").write_bytes(b"precious")
        return image

    report = process(source.parent, tmp_path / "out", meanwhile)
    assert (tmp_path / "out" / "a.png").read_bytes() == b"precious"
    assert "was there before" in report.failed[source]
    assert names(tmp_path / "out") == ["a.png"], "nothing stays of the work"


@pytest.mark.parametrize("renamed", [False, True])
def test_a_kill_around_the_rename_tells_ours_from_somebody_elses(tmp_path, monkeypatch, renamed):
    """Killed with the journal at "begun", just before or just after the result has its name."""
    source, out = picture(tmp_path / "in" / "a.png"), tmp_path / "out"

    class Killed(BaseException):
        pass

    def kill(*_):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(*((module.Journal, "add") if renamed else (Path, "replace")), kill)
        if not renamed:
            patch.setattr(one, "write", lambda path, *_, **__: path.write_bytes(b"whole"))
        with pytest.raises(Killed):
            process(source.parent, out, negative)
    assert "begun" in (out / ".olhar.jsonl").read_text()
    assert (out / "a.png").exists() == renamed
    if not renamed:
        (out / "a.png").write_bytes(b"prized")  # somebody else's now
    report = process(source.parent, out, negative)
    assert (report.done == [out / "a.png"]) == renamed
    assert ((out / "a.png").read_bytes() == b"prized") != renamed


def test_a_kill_while_a_result_is_replaced_costs_no_more_than_making_it_again(
    tmp_path, monkeypatch
):
    source, out = picture(tmp_path / "in" / "a.png"), tmp_path / "out"
    process(source.parent, out, negative, settings="a")
    with monkeypatch.context() as patch:
        patch.setattr(module.Journal, "add", lambda *_: 1 / 0)  # it has its name, nobody knows
        process(source.parent, out, lambda image: image, settings="b")
    assert process(source.parent, out, negative, settings="a").done == [out / "a.png"]
    assert len(process(source.parent, out, never, settings="a").skipped) == 1


def test_what_cannot_be_written_is_told_by_its_own_name(album, tmp_path, monkeypatch):
    def refuse(path, *_, **__):
        raise OlharError(f"{path} cannot be that large")

    monkeypatch.setattr(one, "write", refuse)
    report = process(album, tmp_path / "out", negative)
    assert report.failed[album / "2.png"] == f"{tmp_path / 'out' / '2.png'} cannot be that large"


def test_a_torn_or_foreign_journal_costs_at_most_its_line(album, tmp_path):
    out = tmp_path / "out"
    process(album, out, negative)
    journal = out / ".olhar.jsonl"
    journal.write_bytes(b'[]\n{"output": 3}\n\xff\xfe\n' + journal.read_bytes()[:-20])
    report = process(album, out, negative)
    assert [path.name for path in report.skipped] == ["2.png", "10.png"]
    assert [path.name for path in report.done] == ["1.jpg"]
    assert len(process(album, out, never).skipped) == 3


def test_a_target_inside_the_source_is_never_read(album):
    for made in (3, 0):
        report = process(album, album / "out", negative)
        assert len(report.done) == made
        assert not report.failed
    report = process(album, album / "out2", negative)
    assert len(report.done) == 3, "another target is no source either"
    assert "holds results of olhar" in report.notes[album / "out"][0]
    assert len(process(album / "out", album / "out3", negative).done) == 3, "unless it is named"


def test_links_are_followed_and_loops_end(album, tmp_path):
    (album / "trip" / "back").symlink_to(album)
    (album / "elsewhere").symlink_to(picture(tmp_path / "other" / "5.png").parent)
    (album / "gone.png").symlink_to(tmp_path / "nothing.png")
    report = process(album, tmp_path / "out", negative)
    assert [path.name for path in report.done] == ["2.png", "10.png", "5.png", "1.jpg"]
    assert report.failed.keys() == {album / "gone.png"}


def test_no_two_results_share_a_name():
    sources = [Path(name) for name in ("a.gif", "a.png", "A.PNG", "a.gif.png", "b/a.gif", "a.bmp")]
    named = outputs(sources, {".png", ".jpg"}, ".png")
    assert named[Path("a.png")] == Path("a.png")
    assert named[Path("A.PNG")] == Path("A-2.PNG"), "one file on many disks"
    assert named[Path("a.gif")] == Path("a-3.png")
    assert named[Path("b/a.gif")] == Path("b/a.png")
    assert len({str(path).casefold() for path in named.values()}) == len(sources)


def test_numbers_in_names_count(tmp_path):
    for name in ("b10", "b9", "a", "B1", "b09", "10", "9", "é"):
        (tmp_path / name).touch()
    found = [str(path) for path in walk(tmp_path, skip=tmp_path / "out")]
    assert found == ["9", "10", "a", "B1", "b09", "b9", "b10", "é"]


@pytest.mark.skipif(os.name == "nt", reason="names are bytes")
def test_a_name_that_is_no_text_is_a_name(tmp_path):
    odd = os.fsdecode(bytes(tmp_path) + b"/in/\xff\n.png")
    picture(tmp_path / "in" / "a.png").rename(odd)
    report = process(tmp_path / "in", tmp_path / "out", negative)
    assert len(report.done) == 1
    assert len(process(tmp_path / "in", tmp_path / "out", never).skipped) == 1


def test_a_full_disk_ends_the_folder_with_a_sentence(album, tmp_path, monkeypatch):
    written = []

    def write_until_full(path, image, **more):
        if len(written) == 1:
            raise OlharError("was not written") from OSError(
                errno.ENOSPC, "No space left on device"
            )
        written.append(write(path, image, **more))

    monkeypatch.setattr(one, "write", write_until_full)
    with pytest.raises(OlharError, match="no space left on device, with 1 made"):
        process(album, tmp_path / "out", negative)
    monkeypatch.undo()
    report = process(album, tmp_path / "out", negative)
    assert (len(report.skipped), len(report.done)) == (1, 2)


# Videos --------------------------------------------------------------------------------------


def test_a_video_goes_through_the_function_frame_by_frame(tmp_path):
    frames = [torch.full((3, 32, 48), i / 8) for i in range(6)]
    write_video(tmp_path / "a.mp4", frames, rate=5)
    report = process(tmp_path / "a.mp4", tmp_path / "b.mp4", negative)
    assert report.done == [tmp_path / "b.mp4"]
    assert probe(report.done[0]).frames == 6

    def reverse_order_would_be_seen(images):
        for i, image in enumerate(images):
            assert image.mean().item() == pytest.approx(i / 8, abs=0.03)
            yield image

    report = process(
        tmp_path / "a.mp4", f"{tmp_path}/out/", never, frames=reverse_order_would_be_seen
    )
    assert report.done == [tmp_path / "out" / "a.mp4"]
    album = process(tmp_path, tmp_path / "all", negative)
    assert sorted(path.name for path in album.done) == ["a.mp4", "a.mp4", "b.mp4"]


def test_a_video_among_images_is_noted_if_there_is_no_video_yet(album, tmp_path):
    assert ".mp4" in VIDEO_SUFFIXES
    (album / "film.mp4").write_bytes(b"whatever")
    report = process(album, tmp_path / "out", negative, no_video="videos come later")
    assert report.notes == {album / "film.mp4": ("videos come later",)}
    assert (len(report.done), report.exit_code) == (3, 0)
    assert "note: " in str(report)


# Progress ------------------------------------------------------------------------------------


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def a_while(_: str) -> None:
    time.sleep(0.12)  # long enough to be drawn, mostly


def drawn(text: str) -> None:
    until = time.monotonic() + 60
    while text not in sys.stderr.getvalue():
        assert time.monotonic() < until, f"{text} was not drawn"
        time.sleep(0.01)


def paint_with_bars(wait: Callable[[str], None] = a_while) -> None:
    with bar("photos", total=2) as update:
        for i in range(2):
            with bar("painting", total=1) as inner:
                inner(0.25)
                wait("25%")
            update(i + 1)
            wait(f"{i + 1} of 2")


def test_a_terminal_sees_nested_bars_with_rate_and_time_left(monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "xterm")
    make = progress._progress

    def quick():
        """By a clock on which a busy machine is no slow work."""
        made = make()
        made.get_time = lambda: time.monotonic() / 1000
        return made

    monkeypatch.setattr(progress, "_progress", quick)
    paint_with_bars(drawn)
    shown = sys.stderr.getvalue()
    for text in ("photos", "painting", "25%", "1 of 2", "per s"):
        assert text in shown
    assert re.search(r"\d+:\d\d", shown), "no time left"


def test_bars_of_several_threads_share_one_display(monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal())
    made = []
    make = progress._progress
    monkeypatch.setattr(progress, "_progress", lambda: made.append(make()) or made[-1])
    ready = threading.Barrier(3)
    first_is_closed = threading.Event()

    def first():
        with bar("first"):
            ready.wait(10)
        first_is_closed.set()

    def second():
        with bar("second", total=2) as update:
            ready.wait(10)
            assert first_is_closed.wait(10)
            assert made[0].live.is_started, "the display is still in use"
            update(1)

    with ThreadPoolExecutor(3) as pool:
        running = [pool.submit(first), pool.submit(second), pool.submit(second)]
        for thread in running:
            thread.result()
    assert len(made) == 1
    assert not made[0].live.is_started
    assert progress._display is None


def test_bars_stay_away_until_the_last_thread_wants_them(monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal())
    one, other = hidden(), hidden()
    one.__enter__()
    other.__enter__()
    one.__exit__(None, None, None)
    paint_with_bars()
    assert sys.stderr.getvalue() == ""
    other.__exit__(None, None, None)
    assert progress._hidden == 0


@pytest.mark.parametrize("terminal", [True, False])
def test_bars_stay_away_when_nobody_looks(monkeypatch, terminal):
    monkeypatch.setattr(sys, "stderr", Terminal() if terminal else io.StringIO())
    with hidden(terminal):
        paint_with_bars()
    assert sys.stderr.getvalue() == ""


# Stopped and killed --------------------------------------------------------------------------

SLOW = """
import sys, time
from olhar import catalogue, cli
from olhar.media.process import process
from olhar.media.progress import bar, hidden

def paint():
    begun = []
    def slow(image):
        begun.append(image)
        print("begun", flush=True)
        if len(begun) == 3:
            time.sleep(3600)  # until it is stopped
        return 1 - image
    return process(sys.argv[1], sys.argv[2], slow, mark=None)

sys.modules["slow"] = sys.modules["__main__"]
catalogue.COMMANDS["paint"] = catalogue.Entry("slow:paint", "Paint.")
sys.exit(cli.main(["paint"]))
"""


def stopped_by(number: int, album: Path, out: Path) -> tuple[int, str]:
    """Start on a folder of images and send a signal in the middle of the third."""
    with subprocess.Popen(
        [sys.executable, "-c", SLOW, str(album), str(out)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stdout is not None
        for _ in range(3):
            assert running.stdout.readline() == "begun\n"
        running.send_signal(number)
        _, errors = running.communicate(timeout=30)
    return running.returncode, errors


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_ctrl_c_and_kill_lose_at_most_the_current_image(tmp_path):
    for i in range(8):
        picture(tmp_path / "in" / f"{i}.png")
    out = tmp_path / "out"
    code, errors = stopped_by(signal.SIGINT, tmp_path / "in", out)
    assert code == 130
    assert errors == (
        "\nolhar: stopped; 2 of 8 are done, and the same command goes on from there\n"
    )
    assert names(out) == [".olhar.jsonl", "0.png", "1.png"]

    code, errors = stopped_by(signal.SIGKILL, tmp_path / "in", out)
    assert (code, errors) == (-signal.SIGKILL, "")
    pictures = [name for name in names(out) if not name.startswith(".")]
    assert pictures == [f"{i}.png" for i in range(4)]
    assert all(read(out / name).image.shape == (3, 6, 8) for name in pictures)

    begun = out / ".olhar-0123456789abcdef.png"  # what a kill in the middle of writing leaves
    begun.write_bytes(b"half")
    os.utime(begun, (0, 0))
    report = process(tmp_path / "in", out, negative)
    assert (len(report.skipped), len(report.done)) == (4, 4)
    assert names(out) == [".olhar.jsonl", *(f"{i}.png" for i in range(8))]
