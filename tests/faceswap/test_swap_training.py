"""Learning a face swap: nothing without consent, no names in the model, and a is made b."""

import datetime as dt
import json

import pytest
import torch

from olhar import cli, hub
from olhar.errors import OlharError
from olhar.faceswap.recipe import FaceSwap
from olhar.media import consent
from olhar.training.events import Noted, Shown, Stopped
from olhar.training.fit import fit
from swap_toys import agreed, face_set

SMALL = {"size": 32, "down": (16, 32), "up": (32, 16), "code": 32}


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("home")
    face_set(folder / "ana souza", 0, 24)
    face_set(folder / "rui", 3, 16)
    agreed(folder / "consent.json")
    return folder


def recipe(home, **changes):
    chosen = {"a": home / "ana souza", "b": home / "rui", "consent": home / "consent.json"}
    return FaceSwap(**chosen | SMALL | {"batch_size": 8, "evaluate_every": 50} | changes)


@pytest.fixture(scope="module")
def trained(home):
    run = home / "run"
    settings = {"epochs": 100, "learning_rate": 3e-3, "ema": 0.95, "warmup": 0.0}
    events = [*fit(recipe(home, **settings), run, device="cpu")]
    return run, events


def test_a_becomes_b(trained):
    _, events = trained
    picture = [event for event in events if isinstance(event, Shown)][-1].picture
    rows = picture.unflatten(2, (-1, 32)).unflatten(1, (6, 32))  # (3, 6, 32, columns, 32)
    cheeks = rows[:, :, 16:22, :, 12:20].mean((2, 3, 4)).T
    a, rebuilt, as_b, b, _, as_a = cheeks
    assert (rebuilt - a).abs().max() < 0.08
    for made, own, other in ((as_b, b, a), (as_a, a, b)):
        assert (made - own).norm() < 0.5 * (made - other).norm()


def test_it_measures_faces_that_were_held_out(trained):
    last = trained[1][-1]
    assert isinstance(last, Stopped)
    found = last.metrics["validation"]
    assert set(found) == {
        "loss",
        *(f"{name}_{side}" for name in ("ssim", "psnr", "l1", "mask") for side in "ab"),
    }
    assert found["psnr_a"] > 18
    assert found["mask_b"] > 0.7
    assert 0 < found["ssim_a"] <= 1


def test_the_card_names_the_consent_and_nobody(trained, home):
    card = hub.read_card(hub.find(trained[0]))
    record = consent.read(home / "consent.json")
    assert card.consent == {"sha256": record.sha256, "summary": record.summary}
    text = card.to_json().casefold()
    assert not any(name in text for name in ("ana", "rui", "souza"))
    assert card.trained_on == "24 faces of a, 16 of b"
    assert card.recipe["preset"] == "light"


def test_it_is_measured_where_its_sets_are(trained, home, capsys):
    run = str(trained[0])
    assert cli.main(["evaluate", run, "--json", "--quiet"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["psnr_a"] == pytest.approx(trained[1][-1].metrics["validation"]["psnr_a"], abs=0.5)
    assert cli.main(["evaluate", run, str(home / "rui")]) == 2
    assert "without DATA" in capsys.readouterr().err


def test_a_starved_side_is_told_of(home, tmp_path):
    face_set(tmp_path / "few", 3, 2)
    events = fit(recipe(home, b=tmp_path / "few"), tmp_path / "run", device="cpu")
    notes = [
        event.sentence
        for event, _ in zip(events, range(4), strict=False)
        if isinstance(event, Noted)
    ]
    events.close()
    assert "b has 2 faces where a has 24" in notes[0]


def test_nothing_is_learned_without_consent(home, tmp_path, capsys):
    words = [
        "train",
        "faceswap",
        "--a",
        home / "ana souza",
        "--b",
        home / "rui",
        "-o",
        tmp_path / "r",
    ]
    assert cli.main([str(word) for word in words]) == 2
    told = capsys.readouterr().err
    assert "olhar consent" in told
    assert "--consent" in told
    assert not (tmp_path / "r").exists()


@pytest.mark.parametrize("scope", ["swap", "publish"])
def test_the_consent_must_be_for_training(home, tmp_path, scope):
    record = agreed(tmp_path / "c.json", scope=(scope,))
    with pytest.raises(OlharError, match="and not for train"):
        recipe(home, consent=record).datasets()


def test_both_must_have_agreed(home, tmp_path):
    with pytest.raises(OlharError, match="Ana's alone"):
        recipe(home, consent=agreed(tmp_path / "c.json", "Ana")).datasets()
    with pytest.raises(OlharError, match="names ana twice; name each person once"):
        agreed(tmp_path / "twice.json", "Ana", "ana")


def test_two_sets_are_needed(home):
    with pytest.raises(OlharError, match=r"a and b are both .*; give a face set of each"):
        recipe(home, a=home / "ana souza" / ".." / "rui").datasets()


def test_a_consent_that_has_ended_is_none(home, tmp_path):
    record = agreed(tmp_path / "c.json")
    values = json.loads(record.read_text())
    past = dt.date(2020, 1, 1)
    record.write_text(json.dumps(values | {"given_on": str(past), "until": str(past)}))
    with pytest.raises(OlharError, match="ended on 2020-01-01"):
        recipe(home, consent=record).datasets()


def test_the_preset_goes_by_the_device(home):
    assert recipe(home).resolve("cpu").preset == "light"
    assert recipe(home, preset="classic").resolve("cpu").preset == "classic"
    made = FaceSwap(a=home, b=home, preset="classic")
    assert made.network(None).size == 64  # type: ignore[arg-type]


def test_sets_and_consent_may_move(home, trained, tmp_path):
    run, _ = trained
    moved = tmp_path / "moved"
    moved.mkdir()
    for name in ("ana souza", "rui", "consent.json", "consent.txt"):
        (moved / name).symlink_to(home / name)
    settings = {"epochs": 100, "learning_rate": 3e-3, "ema": 0.95, "warmup": 0.0}
    events = [*fit(recipe(moved, **settings), run, device="cpu")]
    assert isinstance(events[-1], Stopped)
    assert events[-1].why == "finished"
    assert torch.isfinite(torch.tensor(events[-1].metrics["validation"]["loss"]))
