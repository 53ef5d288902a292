"""`olhar classify` and `olhar evaluate`, as they are typed."""

import json
import os
import shutil
import sys

import numpy as np
import pytest
from PIL import Image

from olhar import cli
from olhar.classify.recipe import Classifier, Regressor
from olhar.data.augment import Augment
from olhar.training.fit import fit

COLORS = {"red": (220, 40, 40), "blue": (40, 40, 220)}


def picture(path, color, seed):
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(seed).integers(-40, 40, (16, 16, 3))
    Image.fromarray((np.array(color) + noise).clip(0, 255).astype("uint8")).save(path)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder of pictures, a table, and a model of each."""
    folder = tmp_path_factory.mktemp("place")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OLHAR_CACHE", str(folder / "cache"))
        for c, (name, color) in enumerate(COLORS.items()):
            for i in range(20):
                picture(folder / "data" / name / f"{i}.png", color, 100 * c + i)
        lines = ["file,level"]
        for i in range(30):
            picture(folder / "table" / f"{i}.png", (8 * i, 90, 90), i)
            lines.append(f"{i}.png,{i}")
        (folder / "table" / "t.csv").write_text("\n".join(lines))
        common = {"architecture": "mlp", "widths": (8,), "batch_size": 8, "augment": Augment()}
        for recipe, data, run in (
            (Classifier, folder / "data", "run"),
            (Regressor, folder / "table" / "t.csv", "numbers"),
        ):
            list(fit(recipe(data=data, epochs=8, **common), folder / run, device="cpu"))
        yield folder


@pytest.fixture(autouse=True)
def _there(place, monkeypatch):
    monkeypatch.chdir(place)
    monkeypatch.setenv("OLHAR_CACHE", str(place / "cache"))


def ran(capsys, line, code=0):
    assert cli.main(line.split()) == code
    return capsys.readouterr()


def test_classify_says_each_picture(capsys):
    text = ran(capsys, "classify data/red/1.png data/blue --model run --top 1").out.splitlines()
    assert len(text) == 21
    assert "data/red/1.png" in text[0]
    assert "red " in text[0]
    assert "blue " in text[1]
    assert text[0].count("%") == 1


def test_classify_as_json(capsys):
    found = json.loads(ran(capsys, "classify data/red/1.png --model run --tta --json").out)
    (said,) = found["pictures"]
    assert said["class"] == "red"
    assert list(said["probabilities"]) == ["red", "blue"]
    assert sum(said["probabilities"].values()) == pytest.approx(1, abs=1e-5)
    numbers = json.loads(ran(capsys, "classify table/3.png --model numbers --json").out)
    assert set(numbers["pictures"][0]["values"]) == {"level"}


def test_what_cannot_be_read_is_told_and_the_rest_is_done(capsys, place):
    (place / "broken.png").write_bytes(b"\x89PNG and then nothing")
    said = ran(capsys, "classify broken.png data/red/2.png missing.png --model run", 1).out
    assert "data/red/2.png" in said
    assert said.count("failed: ") == 2
    assert "missing.png" in said


@pytest.mark.skipif(sys.platform != "linux", reason="names are text there")
def test_names_that_are_no_text_and_pipes_are_learned_from_and_passed_over(capsys, tmp_path):
    odd = os.fsdecode(b"caf\xe9")
    for seed in range(8):
        picture(tmp_path / "data" / odd / f"{odd}{seed}.png", COLORS["red"], seed)
        picture(tmp_path / "data" / "blue" / f"{seed}.png", COLORS["blue"], 50 + seed)
    (tmp_path / "data" / odd / f"{odd}.png").write_bytes(b"broken")
    os.mkfifo(tmp_path / "data" / "blue" / "pipe.png")
    recipe = Classifier(data=tmp_path / "data", architecture="mlp", widths=(4,), epochs=1, size=8)
    for _ in fit(recipe, tmp_path / "run", device="cpu"):
        pass
    ran(capsys, f"evaluate {tmp_path}/run {tmp_path}/data -o {tmp_path}/report --quiet")
    line = f"classify {tmp_path}/data/{odd}/{odd}1.png --model {tmp_path}/run --json"
    (found,) = json.loads(ran(capsys, line).out)["pictures"]
    assert set(found["probabilities"]) == {odd, "blue"}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names")
def test_a_pipe_is_not_waited_for(capsys, place):
    os.mkfifo(place / "pipe.jpg")
    assert "a device or a pipe" in ran(capsys, "classify pipe.jpg --model run", 2).err


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("classify --model run", "needs IMAGES"),
        ("classify data --model run --top 0", "--top must be 1 or more"),
        ("classify data --model nothing", "there is no model"),
        ("classify nothing.png --model run", "there is no file nothing.png"),
        ("evaluate vgg16 data", "vgg16 is a vgg16, which cannot be measured"),
        ("evaluate run table/t.csv", "it has 0, 1, 2 and 27 more"),
        ("evaluate run nothing", "there is no nothing"),
    ],
)
def test_a_mistake_is_a_sentence(capsys, line, says):
    error = ran(capsys, line, 2).err
    assert says in error
    assert error.count("\n") == 1


def test_a_run_knows_where_its_data_was(capsys, place, tmp_path, monkeypatch):
    then, now = tmp_path / "then", tmp_path / "now"
    shutil.copytree(place / "data", then / "data")
    monkeypatch.chdir(then)
    ran(
        capsys, "train classifier data -o run --architecture mlp --widths 4 --epochs 1 --device cpu"
    )
    (now / "data").mkdir(parents=True)  # another of the same name is not taken for it
    monkeypatch.chdir(now)
    assert json.loads(ran(capsys, f"evaluate {then}/run --json").out)["examples"] == 6
    (now / "data").rmdir()
    for what in ("data", "run"):  # both are moved together
        (then / what).rename(now / what)
    assert json.loads(ran(capsys, "evaluate run --json").out)["examples"] == 6
    (now / "data").rename(now / "elsewhere")
    error = ran(capsys, "evaluate run", 2).err
    assert f"was trained on {then / 'data'}, which is not there now; put it back, or" in error
    assert json.loads(ran(capsys, "evaluate run elsewhere --json").out)["examples"] == 6


def test_what_was_learned_from_is_measured_on_its_test_part(capsys):
    found = json.loads(ran(capsys, "evaluate run data --json").out)
    assert found["split"] == "test"
    assert found["examples"] == 6
    assert found["average"] == "macro"
    assert found["accuracy"] == 1.0
    assert {"precision", "recall", "f1"} <= set(found)
    assert set(found["per_class"]) == {"red", "blue"}
    assert found["intervals"]["accuracy"] == [1.0, 1.0]
    recorded = json.loads(ran(capsys, "evaluate run data --split train --json").out)
    assert (recorded["split"], recorded["examples"]) == ("train", 28)
    text = ran(capsys, "evaluate run data").out
    assert "6 examples, its test part" in text
    assert "precision (macro)" in text
    assert max(map(len, text.splitlines())) < 80


def test_other_data_is_measured_whole_with_the_classes_of_the_model(capsys, place):
    for i in range(3):
        picture(place / "other" / "blue" / f"{i}.png", COLORS["blue"], 900 + i)
        picture(place / "other" / "red" / f"{i}.png", COLORS["red"], 950 + i)
    found = json.loads(ran(capsys, "evaluate run other --json").out)
    assert (found["split"], found["examples"], found["accuracy"]) == ("all", 6, 1.0)
    assert "no test part" in ran(capsys, "evaluate run other --split test", 2).err
    picture(place / "more" / "blue" / "1.png", COLORS["blue"], 1)
    picture(place / "more" / "mauve" / "1.png", COLORS["red"], 1)
    assert "it has mauve" in ran(capsys, "evaluate run more", 2).err


def test_a_test_part_that_was_given_is_used(capsys, place):
    for part, seeds in (("train", range(4)), ("test", range(4, 6))):
        for c, (name, color) in enumerate(COLORS.items()):
            for i in seeds:
                picture(place / "given" / part / name / f"{i}.png", color, 1000 + 10 * c + i)
    found = json.loads(ran(capsys, "evaluate run given --json").out)
    assert (found["split"], found["examples"]) == ("test", 4)


def test_numbers_are_measured(capsys):
    found = json.loads(ran(capsys, "evaluate numbers table/t.csv --json").out)
    assert {"mae", "rmse", "r2", "intervals"} <= set(found)
    assert "mae" in ran(capsys, "evaluate numbers table/t.csv --split all").out
