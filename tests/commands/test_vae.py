"""`olhar train vae`, then `generate`, `interpolate`, `reconstruct`, as they are typed."""

import json

import numpy as np
import pytest
import torch
from PIL import Image

from olhar import cli
from olhar.media.image import read
from olhar.media.video import probe


def ran(capsys, line, code=0):
    assert cli.main(line.split()) == code
    return capsys.readouterr()


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder of drawn pictures and a model of them, trained for a moment."""
    folder = tmp_path_factory.mktemp("place")
    rng = np.random.default_rng(0)
    (folder / "data").mkdir()
    for number in range(40):
        image = np.full((16, 16, 3), 30, np.uint8)
        x, y = rng.integers(0, 9, 2)
        image[y : y + 8, x : x + 8] = rng.integers(100, 256, 3)
        Image.fromarray(image).save(folder / "data" / f"{number}.png")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("OLHAR_CACHE", str(folder / "cache"))
        small = "--widths 8 16 --latent 4 --epochs 4 --batch-size 8 --importance 3"
        assert cli.main(f"train vae data -o run {small} --device cpu".split()) == 0
    return folder


@pytest.fixture(autouse=True)
def _there(place, monkeypatch):
    monkeypatch.chdir(place)
    monkeypatch.setenv("OLHAR_CACHE", str(place / "cache"))


def test_what_was_learned_is_measured_again(capsys):
    found = json.loads(ran(capsys, "evaluate run data --json").out)
    assert found["split"] == "test"
    assert found["bits_iwae_3"] < found["bits"]
    assert "divergence" in ran(capsys, "evaluate run data --sheet sheet.png").out


def test_the_plane_shows_where_pictures_lie(capsys, place):
    said = json.loads(ran(capsys, "plane data --model run -o plane.png --json").out)
    assert said == {"file": "plane.png", "pictures": 40, "failed": {}}
    with Image.open(place / "plane.png") as picture:
        assert picture.size == (720, 720)


def test_generate_writes_a_grid(capsys, place):
    said = ran(capsys, "generate --model run --count 5 --seed 1 -o grid.png").out
    assert "grid.png: 5 pictures of 16 x 16 pixels" in said
    with Image.open(place / "grid.png") as picture:
        assert picture.size == (2 + 3 * 66, 2 + 2 * 66)
    ran(capsys, "generate --model run --count 5 --seed 1 -o again.png")
    first, again = (read(place / name).image for name in ("grid.png", "again.png"))
    assert torch.equal(first, again)
    ran(capsys, "generate --model run --count 5 --seed 1 --temperature 0.5 -o again.png")
    assert not torch.equal(first, read(place / "again.png").image)


def test_interpolate_writes_a_strip_or_a_film(capsys, place):
    ran(capsys, "interpolate data/1.png data/2.png --model run -o strip.png")
    with Image.open(place / "strip.png") as picture:
        assert picture.size == (2 + 9 * 66, 68)
    line = "interpolate data/1.png data/2.png --model run --steps 12 -o strip.mp4 --json"
    assert json.loads(ran(capsys, line).out)["pictures"] == 12
    assert probe(place / "strip.mp4").width == 256


def test_reconstruct_mirrors_a_folder(capsys, place):
    said = ran(capsys, "reconstruct data --model run -o seen/").out
    assert "40 made" in said
    with Image.open(place / "seen" / "7.png") as picture:
        assert picture.size == (16, 16)
    assert "40 there already" in ran(capsys, "reconstruct data --model run -o seen/").out


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("generate --model run --count 0 -o a.png", "count is 0"),
        ("generate --model run -o a.txt", "a.txt cannot be written"),
        ("plane data --model run -o a/", "a/ is no name of a picture"),
        ("plane nowhere --model run -o a.png", "nowhere is no folder"),
        ("plane data --model vgg16 -o a.png", "this needs an autoencoder or a vae"),
        ("plane --model run -o a.png", "only of two can all pictures be drawn"),
        ("plane --model colorizer -o a.png", "colorizer is a colorizer; this needs a vae"),
        ("generate --model vgg16 -o a.png", "vgg16 is a vgg16; this needs a vae"),
        ("generate -o a.png", "--model"),
        ("interpolate data/1.png nothing.png --model run -o a.png", "nothing.png"),
        ("interpolate data/1.png data/2.png --model run --steps 1 -o a.png", "steps is 1"),
        ("interpolate data/1.png data/2.png --model run --steps 99999 -o a.png", "to 10,000"),
        ("interpolate data/1.png data/2.png --model run -o data/2.png", "would be made from"),
        ("reconstruct nothing --model run -o a/", "nothing"),
        ("train vae data -o other --size 18 --shape maps", "multiple of 4"),
    ],
)
def test_a_mistake_is_a_sentence(capsys, line, says):
    error = ran(capsys, line, 2).err
    assert says in error
    assert error.count("\n") == 1


@pytest.mark.parametrize("name", ["generate", "interpolate", "reconstruct"])
def test_help_fits_on_a_screen(capsys, name):
    text = ran(capsys, f"{name} --help").out
    assert len(text.splitlines()) <= 24
    assert max(map(len, text.splitlines())) <= 80
