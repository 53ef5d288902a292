"""The gallery: complete, in order, safe from one failing entry, and made again without harm."""

import re
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

import olhar.demo as demo_module
from olhar.demo import SECTIONS, colorize, demo, faceswap, gallery, restyle
from olhar.demo.colorize import COLORED
from olhar.demo.faceswap import PEOPLE
from olhar.demo.gallery import Entry, Section
from olhar.demo.restyle import RESTYLINGS
from olhar.errors import OlharError
from olhar.look import page as look
from olhar.look.messages import say
from olhar.media import consent
from olhar.media.credentials import declared
from olhar.media.image import read
from olhar.samples import PAINTINGS, PHOTOS


class Page(HTMLParser):
    """The pictures, sliders and words of a page."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.images: list[dict[str, str]] = []
        self.sliders: list[dict[str, str]] = []
        self.words: list[str] = []
        self.source = path.read_text("utf-8")
        self.feed(self.source)

    def handle_starttag(self, tag, attrs):
        if tag == "img":
            self.images.append(dict(attrs))
        if tag == "input":
            self.sliders.append(dict(attrs))

    def handle_data(self, data):
        self.words.append(data)

    def says(self, words: str) -> bool:
        return words in self.words


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Small pictures and a restyling that takes no time."""

    def steps(image, styles, settings):
        assert all(style.shape == (3, 40, 40) for style in styles)
        size = [round(side * 32 / max(image.shape[1:])) for side in image.shape[1:]]
        for work in (0.5, 1.0):
            yield SimpleNamespace(work=work, picture=lambda: torch.full((3, *size), 0.5))

    monkeypatch.setattr(gallery, "painting", lambda name, size: torch.rand(3, 40, 40))
    monkeypatch.setattr(restyle, "photo", lambda name: torch.rand(3, 45, 60))
    monkeypatch.setattr(restyle, "steps", steps)
    monkeypatch.setattr(restyle, "restyle", lambda *_: torch.full((3, 24, 32), 0.5))
    monkeypatch.setattr(colorize, "photo", lambda name: torch.rand(3, 45, 60))
    monkeypatch.setattr(colorize, "colorize", lambda image: image)
    monkeypatch.setattr(faceswap, "taught", lambda: faceswap.Taught(Path("run"), Path("c"), 1.0))
    monkeypatch.setattr(faceswap, "swap", lambda image, model, record, *, to: image)
    monkeypatch.setattr(faceswap, "_mark", lambda learned: None)


def test_the_table_names_what_there_is_and_stays_small():
    assert 4 <= len(RESTYLINGS) <= 8
    for job in RESTYLINGS:
        assert job.photo in PHOTOS
        assert set(job.styles) <= set(PAINTINGS)
        assert 256 <= job.settings.size <= 512
    assert len({(job.photo, job.styles) for job in RESTYLINGS}) == len(RESTYLINGS)


def test_a_gallery_shows_every_picture_it_made(tmp_path):
    result = demo(tmp_path / "demo")
    page = Page(result.index)

    entries = len(COLORED) + len(RESTYLINGS) + len(PEOPLE) + len(PAINTINGS)
    assert len(result.made) == entries
    assert result.failed == {}
    assert result.exit_code == 0
    assert str(result).splitlines()[-1] == f"Look at them: {tmp_path / 'demo' / 'index.html'}"
    assert result.as_dict()["index"] == str(tmp_path / "demo" / "index.html")

    # before and after of each in colour; before, after, style of each restyling; before, after and
    # the other of each swap; each painting
    colored = 2 * len(COLORED)
    swapped = 3 * len(PEOPLE)
    assert len(page.images) == colored + 3 * len(RESTYLINGS) + swapped + len(PAINTINGS)
    assert len(page.sliders) == len(COLORED) + len(RESTYLINGS) + len(PEOPLE)
    shown = {tag["src"] for tag in page.images}
    there = {path.relative_to(result.folder).as_posix() for path in result.folder.rglob("*.jpg")}
    assert shown == there
    for tag in page.images:
        assert tag["alt"] == tag["data-en"] != ""
        assert tag["data-pt"]
        height, width = read(result.folder / tag["src"]).image.shape[1:]
        assert (tag["width"], tag["height"]) == (str(width), str(height))
    for number in range(len(RESTYLINGS)):
        before, after, style = page.images[colored + 3 * number :][:3]
        assert (before["width"], before["height"]) == (after["width"], after["height"])
        assert style["src"].startswith("paintings/")

    assert page.says("made by a machine")
    assert page.says("feito por uma máquina")
    assert page.says("Cat after Glass")
    assert page.says("Gato à maneira de Vitral")
    assert any(
        re.fullmatch(r".+ · \d+ threads · torch .+ · \d+\.\d\xa0s in all", w) for w in page.words
    )
    assert any(
        re.fullmatch(r".+ · \d+ threads · torch .+ · \d+,\d\xa0s ao todo", w) for w in page.words
    )
    assert not re.search(r"""(?:src|href)=["']?(?:https?:|//|/)|@import|url\(""", page.source)
    assert str(tmp_path) not in page.source
    assert not any("Still at work" in words for words in page.words)


def test_a_second_run_replaces_the_first(tmp_path):
    first = {path: path.stat().st_mtime_ns for path in demo(tmp_path).folder.rglob("*.*")}
    demo(tmp_path)
    second = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.*")}
    assert first.keys() == second.keys()  # nothing temporary stays, nothing is left over
    assert all(second[path] > first[path] for path in first)


def test_a_page_by_someone_else_is_not_replaced(tmp_path):
    index = tmp_path / "index.html"
    index.write_bytes(b"<title>My caf\xe9, made without olhar</title>")
    with pytest.raises(
        OlharError, match=r"index\.html was not made by olhar.*choose another"
    ) as told:
        demo(tmp_path)
    assert "\n" not in str(told.value)
    assert [path.name for path in tmp_path.iterdir()] == ["index.html"]
    assert b"My caf\xe9" in index.read_bytes()


def test_the_photographs_shown_are_credited_in_both_languages_and_no_others(tmp_path):
    page = Page(demo(tmp_path).index)
    (english,) = [words for words in page.words if words.startswith("Photographs: ")]
    (portuguese,) = [words for words in page.words if words.startswith("Fotografias: ")]
    used = {*COLORED, *(job.photo for job in RESTYLINGS)}
    for name, line in PHOTOS.items():
        credit = say(f"credit.{name}")
        assert credit.english == line
        assert (line in english) == (name in used)
        assert (credit.portuguese in portuguese) == (name in used)
    assert english.count("; ") == len(used) - 1


def test_one_entry_that_fails_is_told_and_the_others_go_on(tmp_path, monkeypatch, caplog):
    def missing(name):
        if name == "coffee":
            raise OlharError("the photograph coffee <comes> with scikit-image")
        return torch.rand(3, 45, 60)

    def broken(name, size):
        if name == "lilies":
            raise ZeroDivisionError("a defect\nof two lines")
        return torch.rand(3, 40, 40)

    monkeypatch.setattr(restyle, "photo", missing)
    monkeypatch.setattr(gallery, "painting", broken)
    result = demo(tmp_path)
    coffees = [job for job in RESTYLINGS if job.photo == "coffee"]
    assert len(result.failed) == len(coffees) + 1
    everything = len(COLORED) + len(RESTYLINGS) + len(PEOPLE) + len(PAINTINGS)
    assert len(result.made) == everything - len(result.failed)
    assert result.exit_code == 1
    assert result.failed["Lilies"] == "ZeroDivisionError: a defect of two lines"
    assert "failed: Lilies: ZeroDivisionError" in str(result)
    assert [record.exc_info[0] for record in caplog.records] == [
        ZeroDivisionError
    ]  # with traceback
    page = Page(result.index)
    assert page.says("Lilies could not be made")
    assert page.says("Não foi possível fazer: Ninfeias")
    assert page.says("the photograph coffee <comes> with scikit-image")
    for tag in page.images:
        assert (tmp_path / tag["src"]).is_file()


def test_the_page_can_be_looked_at_while_it_grows(tmp_path, monkeypatch):
    calls: list[str] = []

    def interrupted(name, size):
        calls.append(name)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return torch.rand(3, 40, 40)

    monkeypatch.setattr(gallery, "painting", interrupted)
    with pytest.raises(KeyboardInterrupt):
        demo(tmp_path)
    page = Page(tmp_path / "index.html")
    total = len(COLORED) + len(RESTYLINGS) + len(PEOPLE) + len(PAINTINGS)
    done = len(COLORED) + 2
    assert page.says(f"Still at work: {done} of {total} done. Reload the page to see more.")
    assert page.says("Photographs after paintings")
    assert not page.says("Paintings drawn by code")  # nothing hangs under it yet
    assert len(page.images) == 2 * len(COLORED) + 6
    assert all((tmp_path / tag["src"]).is_file() for tag in page.images)
    assert not list(tmp_path.rglob(".olhar-*"))


def test_a_new_capability_adds_one_function(tmp_path, monkeypatch):
    def colours() -> Section:
        def make(shelf: gallery.Gallery) -> look.Html:
            picture = shelf.picture(
                "colours/grey.jpg", torch.full((3, 8, 8), 0.5), say("photo.rocket"), mark=None
            )
            return look.figure(picture, say("photo.rocket"))

        return Section(say("photo.hubble"), say("photo.coffee"), [Entry(say("photo.rocket"), make)])

    monkeypatch.setattr(demo_module, "SECTIONS", [colours])
    result = demo(tmp_path)
    assert result.made == ["Rocket"]
    assert [tag["src"] for tag in Page(result.index).images] == ["colours/grey.jpg"]
    assert len(SECTIONS) >= 3


def test_a_folder_that_cannot_be_is_refused_at_once(tmp_path):
    (tmp_path / "demo").write_text("a file")
    with pytest.raises(OlharError, match="demo"):
        demo(tmp_path / "demo")


def test_two_drawn_people_walk_the_whole_road(tmp_path, monkeypatch):
    monkeypatch.undo()
    monkeypatch.setattr(faceswap, "PICTURES", 8)
    monkeypatch.setattr(faceswap, "STEPS", 4)
    monkeypatch.setattr(demo_module, "SECTIONS", [faceswap.swaps])
    faceswap.taught.cache_clear()
    result = demo(tmp_path)
    assert result.failed == {}
    assert result.made == ["Ana with the face of Bia", "Bia with the face of Ana"]
    for side, to in (("a", "b"), ("b", "a")):
        before, after = (read(tmp_path / f"swap/{n}.jpg").image for n in (side, f"{side}-{to}"))
        assert before.shape == after.shape
        assert (before - after).abs().mean() > 0.002
        step = declared(tmp_path / f"swap/{side}-{to}.jpg").step
        record = consent.read(faceswap.taught().record).sha256
        assert record in [action.consent for action in step.actions]
