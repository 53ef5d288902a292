"""`olhar anomalies`, as it is typed: one picture of another sort among many."""

import json

import numpy as np
import pytest
import torch
from PIL import Image

from olhar import cli
from olhar.autoencode.recipe import Autoencoder
from olhar.media.image import read
from olhar.training.fit import fit


def ramp(number):
    """Light from one side, more or less."""
    across = np.linspace(0, 1, 16)[None, :, None] * np.ones((16, 1, 3))
    level = (number * 37 % 100) / 100
    across = across if number % 2 else 1 - across
    return Image.fromarray((255 * (0.2 + 0.6 * level * across)).astype(np.uint8))


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("place")
    for name in ("data", "seen/left", "seen/right"):
        (folder / name).mkdir(parents=True)
    for number in range(60):
        ramp(number).save(folder / "data" / f"{number}.png")
    for number in range(60, 80):
        ramp(number).save(folder / "seen" / ("left", "right")[number % 2] / f"{number}.png")
    checks = (np.indices((16, 16)).sum(0) // 2 % 2 * 255).astype(np.uint8)
    Image.fromarray(checks).save(folder / "seen" / "left" / "odd.png")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OLHAR_CACHE", str(folder / "cache"))
        recipe = Autoencoder(
            data=folder / "data",
            architecture="dense",
            widths=(32,),
            latent=2,
            batch_size=8,
            epochs=40,
            learning_rate=3e-3,
            precision="float32",
        )
        list(fit(recipe, folder / "run", device="cpu"))
    return folder


@pytest.fixture(autouse=True)
def _there(place, monkeypatch):
    monkeypatch.chdir(place)
    monkeypatch.setenv("OLHAR_CACHE", str(place / "cache"))


def ran(capsys, line, code=0):
    assert cli.main(f"anomalies {line}".split()) == code
    return capsys.readouterr()


def test_the_odd_one_comes_first(capsys):
    lines = ran(capsys, "seen --model run --top 3").out.splitlines()
    assert "seen/left/odd.png" in lines[0]
    assert lines[0].endswith("unusual")
    assert "and 18 pictures with less" in lines[3]
    assert "of 21 pictures unusual" in lines[4]


def test_all_of_them_as_json(capsys):
    found = json.loads(ran(capsys, "seen --model run --json").out)
    errors = [each["error"] for each in found["pictures"]]
    assert len(errors) == 21
    assert errors == sorted(errors, reverse=True)
    assert errors[0] > 2 * errors[1]
    assert found["pictures"][0]["unusual"]
    assert 0 < found["usual"] < errors[0]


def test_a_picture_of_the_worst(capsys):
    ran(capsys, "seen --model run --worst worst.png")
    worst = read("worst.png").image
    checks = worst[:, 8 + 10 : 8 + 100, 8 + 10 : 8 + 100]
    assert checks.std() > 0.3, "the odd one is drawn first"


def test_where_the_model_places_them(capsys):
    assert cli.main(["plane", "seen", "--model", "run", "-o", "plane.png"]) == 0
    assert "plane.png: 21 pictures" in capsys.readouterr().out
    dots = read("plane.png").image
    assert dots.shape[2] > dots.shape[1], "there is a legend of the two folders"
    assert len(torch.unique((dots.flatten(1) * 8).round(), dim=1).T) > 5


def test_what_an_autoencoder_keeps(capsys):
    assert cli.main(["reconstruct", "seen/left/60.png", "--model", "run", "-o", "kept.png"]) == 0
    kept, seen = read("kept.png").image, read("seen/left/60.png").image
    assert kept.shape == (3, 16, 16)
    assert (kept - seen).square().mean().sqrt() < 0.1


def test_a_folder_in_which_nothing_can_be_read(capsys, tmp_path):
    (tmp_path / "b.png").write_bytes(b"no picture")
    assert "failed:" in ran(capsys, f"{tmp_path} --model run --worst worst2.png", code=1).out
    assert cli.main(f"plane {tmp_path} --model run -o a.png".split()) == 2
    assert "needs 3 pictures or more" in capsys.readouterr().err


def test_what_cannot_be_read_is_told(capsys, tmp_path):
    ramp(3).save(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes(b"no picture")
    said = ran(capsys, f"{tmp_path} --model run", code=1).out
    assert "failed:" in said
    assert "b.png" in said


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("nowhere --model run", "nowhere is no folder"),
        ("run --model run --top 0", "--top must be 1 or more"),
        ("cache --model run", "there are no pictures in cache"),
        ("seen --model vgg16", "vgg16 is a vgg16"),
        ("seen --model denoiser", "a denoiser has no code"),
        ("seen --model run --worst worst.mp4", "worst.mp4 is no name of a picture"),
    ],
)
def test_mistakes_get_a_sentence(capsys, line, sentence):
    assert sentence in ran(capsys, line, code=2).err
