"""`olhar stylize`, as it is typed, of a film."""

import pytest
import torch

from olhar import cli
from olhar.media import segments
from olhar.media.credentials import declared
from olhar.media.image import write
from olhar.media.video import frames, write_video
from olhar.samples import painting
from olhar.stylize.film import Restyling


@pytest.fixture(autouse=True)
def _there(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    wide = torch.nn.functional.interpolate(torch.rand(1, 3, 8, 14), (64, 112), mode="bicubic")
    film = [wide[0, :, :, n : n + 96].clamp(0, 1) for n in range(8)]
    write_video(tmp_path / "film.mp4", film, 25)
    write(tmp_path / "night.png", painting("night", size=96), mark=None)


def ran(capsys, line, code=0):
    capsys.readouterr()
    assert cli.main(["stylize", *line.split()]) == code
    return capsys.readouterr()


SMALL = "--style night.png --size 64 --iterations 2"


def test_a_film_is_restyled_and_keeps_its_times(capsys, tmp_path):
    ran(capsys, f"film.mp4 -o new.mp4 {SMALL}")
    before, after = list(frames("film.mp4")), list(frames("new.mp4"))
    assert [frame.pts for frame in before] == [frame.pts for frame in after]
    assert after[0].image.shape[2] == 64
    said = declared(tmp_path / "new.mp4")
    assert said.step
    assert not said.why
    assert "restyled" in [action.deed for action in said.step.actions]


def test_a_film_that_was_stopped_goes_on(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr(segments, "_SLOW", (2, 2))
    ran(capsys, f"film.mp4 -o whole.mp4 {SMALL}")
    made: list[int] = []
    follow = Restyling._follow

    def stopped(*given):
        made.append(len(made))
        if len(made) == 5:
            raise KeyboardInterrupt
        return follow(*given)

    with monkeypatch.context() as patch:
        patch.setattr(Restyling, "_follow", stopped)
        said = ran(capsys, f"film.mp4 -o out.mp4 {SMALL}", 130).err
    assert "4 of 8 frames of film.mp4 are done" in said
    assert "4 frames were there" in ran(capsys, f"film.mp4 -o out.mp4 {SMALL}").out
    for one, other in zip(frames("whole.mp4"), frames("out.mp4"), strict=True):
        assert one.pts == other.pts
        assert torch.equal(one.image, other.image)


def test_a_folder_may_hold_photographs_and_films(capsys, tmp_path):
    (tmp_path / "both").mkdir()
    write_video(tmp_path / "both" / "film.mp4", [torch.rand(3, 64, 96)] * 2, 25)
    write(tmp_path / "both" / "photo.png", torch.rand(3, 64, 96), mark=None)
    assert "2 made" in ran(capsys, f"both -o out/ {SMALL}").out
    assert sorted(path.name for path in (tmp_path / "out").glob("[!.]*")) == [
        "film.mp4",
        "photo.png",
    ]


def test_a_style_that_is_none_is_told_with_those_there_are(capsys):
    said = ran(capsys, "film.mp4 -o new.mp4 --style nightly", 2).err
    assert "no painting and no learned style nightly; did you mean night?" in said
    said = ran(capsys, "film.mp4 -o new.mp4 --style monet night.png", 2).err
    assert "no painting and no learned style monet; the styles are hokusai, night" in said
